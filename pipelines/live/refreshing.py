"""The refresher: whoever has new interactions is scored again within seconds, on top of the served set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from tenure.pipelines.alerts.raising import raise_again, raise_alerts
from tenure.pipelines.decisions.worth import EXCLUDED
from tenure.pipelines.features.sums import tables_from_json
from tenure.pipelines.lake.snapshot import NoSnapshot, Snapshot, current_snapshot
from tenure.pipelines.live.backlog import known_until
from tenure.pipelines.live.merging import Event
from tenure.pipelines.live.sparing import Work, score_again
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.scoring.model import PROBABILITY, ScoringModel
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.objections import objecting_among
from tenure.pipelines.store.score_rows import OBJECTED
from tenure.pipelines.store.score_sets import ScoreSet, context_of, published_set
from tenure.pipelines.store.tables import events, overlays, refreshes, scores

CUSTOMERS_AT_ONCE = 200
"""Customers scored in one go: a small batch is seen soon, a large one costs less a customer."""

LEFT_LYING = dt.timedelta(minutes=5)
"""How long after a set was made whoever made it may take to look through it for alerts; then the refresher does."""

Models = Callable[[str, str], ScoringModel]
"""The verified model of an outcome and a version."""


@dataclass(frozen=True)
class Refreshed:
    """What one pass did: customers scored again, those `aside` who cannot be, and whether more are waiting."""

    customers: int = 0
    more: bool = False
    aside: int = 0


class Refresher:
    """Scores again whoever was delivered anything since the served set was made."""

    def __init__(self, project: Project, engine: Engine, models: Models) -> None:
        self._project, self._engine, self._models = project, engine, models
        self._live = tuple(source.name for source in project.source if source.live)
        self._suppression = Suppression.of(project)

    def once(self, now: dt.datetime) -> Refreshed:
        """One pass over all outcomes, as of the midnight that comes after `now`."""
        if not self._live:
            return Refreshed()
        for outcome in self._project.outcome:
            self._catch_up(outcome, now)
        found = [self._refresh(outcome, now) for outcome in self._project.outcome]
        aside = sum(one.aside for one in found)
        return Refreshed(sum(one.customers for one in found), any(one.more for one in found), aside)

    def _catch_up(self, outcome: str, now: dt.datetime) -> None:
        """Look through a set for alerts that nobody looked through, such as one whose maker died."""
        if self._project.alerts is None:
            return
        with reading(self._engine) as connection:
            served = published_set(connection, outcome)
        if served is not None and served.created_at + LEFT_LYING < _plain(now):
            raise_alerts(self._project, self._engine, outcome, now=now)

    def _refresh(self, outcome: str, now: dt.datetime) -> Refreshed:
        with reading(self._engine) as connection:
            served = published_set(connection, outcome)
            if served is None:
                return Refreshed()
            done = known_until(connection, served)
            customers, last, more = self._waiting(connection, done)
            if not customers:
                self._models(outcome, served.model_version)  # so that it is there when somebody comes
                return Refreshed()
            context = context_of(connection, served.score_set_id)
            before = _scores_of(connection, served.score_set_id, customers)
            try:
                snapshot = current_snapshot(self._project, self._engine)
            except NoSnapshot:
                return Refreshed()
            delivered = self._delivered(connection, snapshot, customers)
        model = self._models(outcome, served.model_version)
        as_of = coming_midnight(self._project, served, now)
        work = Work(model, snapshot, served, as_of, tables_from_json(context), delivered)
        found = score_again(work, customers)
        rows = [
            {
                "outcome": outcome,
                "unit_id": row["unit_id"],
                "customer_id": row["customer_id"],
                "score_set_id": served.score_set_id,
                "event_id": last,
                "as_of": as_of.isoformat(),
                "scored_at": _plain(now),
                "status": row["status"],
                **{name: _number(row[name]) for name in PROBABILITY},
                "band": None if _number(row["probability"]) is None else self._project.bands.of(row["probability"]),
                "reasons": row["reasons"],
                "facts": row["facts"],
                "changed": _changed(row, before.get(row["unit_id"]), found.by_time.get(row["unit_id"]), served),
            }
            for row in _left_out(found.fresh, before)
        ]
        self._keep(served, rows, [one for one in customers if one not in found.aside], last, now)
        return Refreshed(len(customers) - len(found.aside), more, len(found.aside))

    def _waiting(self, connection: Connection, done: int) -> tuple[list[str], int, bool]:
        """The customers of the next events, up to which event that is all of them, and whether others follow."""
        mine = (events.c.event_id > done) & events.c.source.in_(self._live)
        query = select(events.c.event_id, events.c.customer_id).where(mine).order_by(events.c.event_id)
        found: dict[str, None] = {}
        last = done
        for event_id, customer in connection.execute(query.limit(20 * CUSTOMERS_AT_ONCE)):
            if customer not in found and len(found) == CUSTOMERS_AT_ONCE:
                return list(found), last, True
            found[customer] = None
            last = event_id
        newest = connection.scalar(select(func.max(events.c.event_id)).where(mine)) or last
        return list(found), last, newest > last

    def _delivered(self, connection: Connection, snapshot: Snapshot, customers: Sequence[str]) -> list[Event]:
        """What these customers were delivered since the snapshot."""
        query = (
            select(events.c.event_id, events.c.source, events.c.row)
            .where(events.c.customer_id.in_(customers), events.c.event_id > snapshot.live_until)
            .where(events.c.source.in_(self._live))
            .order_by(events.c.event_id)
        )
        return [Event(*row) for row in connection.execute(query)]

    def _keep(
        self, served: ScoreSet, rows: list[dict[str, Any]], customers: Sequence[str], last: int, now: dt.datetime
    ) -> None:
        """Put the scores on top of the set, tell of whoever crossed a limit and note how far we are.

        Nothing of it where another set is served by now.
        """
        mine = refreshes.c.outcome == served.outcome
        with alone(self._engine) as connection:
            current = published_set(connection, served.outcome)
            if current is None or current.score_set_id != served.score_set_id:
                return
            stale = overlays.c.customer_id.in_(customers) | (overlays.c.score_set_id != served.score_set_id)
            connection.execute(delete(overlays).where(overlays.c.outcome == served.outcome, stale))
            erased = self._suppression.among(connection, customers)  # while they were being scored
            bare = objecting_among(connection, customers)
            rows = [
                _bare(row) if row["customer_id"] in bare else row for row in rows if row["customer_id"] not in erased
            ]
            if rows:
                connection.execute(insert(overlays), rows)
            there = [one for one in customers if one not in erased]
            raise_again(connection, self._project, served, there, now=now)
            state = {"score_set_id": served.score_set_id, "event_id": last}
            if connection.execute(update(refreshes).where(mine).values(state)).rowcount == 0:
                connection.execute(insert(refreshes).values(outcome=served.outcome, **state))


def coming_midnight(project: Project, served: ScoreSet, now: dt.datetime) -> dt.date:
    """The midnight as of which customers are scored again: the next one, or the set's where time stands still."""
    if project.project.clock == "data":
        return served.as_of
    return max(now.astimezone(ZoneInfo(project.timezone)).date() + dt.timedelta(days=1), served.as_of)


def _scores_of(connection: Connection, score_set_id: int, customers: Sequence[str]) -> dict[str, Any]:
    query = select(scores.c.unit_id, scores.c.customer_id, scores.c.status, scores.c.probability).where(
        scores.c.score_set_id == score_set_id, scores.c.customer_id.in_(customers)
    )
    return {row.unit_id: row for row in connection.execute(query)}


def _left_out(fresh: Mapping[str, Mapping[str, Any]], before: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The scores, without those of whom the set excludes: its units, and new contracts of customers with one.

    Who objected when the set was made stays so.
    """
    out = {row.unit_id: row.status for row in before.values() if row.status in (EXCLUDED, OBJECTED)}
    theirs = {row.customer_id: row.status for row in before.values() if row.status in (EXCLUDED, OBJECTED)}
    found = []
    for unit, row in fresh.items():
        status = out.get(unit) if unit in before else theirs.get(row["customer_id"])
        found.append(row if status is None else _bare(row, status))
    return found


def _bare(row: Mapping[str, Any], status: str = OBJECTED) -> dict[str, Any]:
    """A row without anything that was worked out."""
    gone = (*PROBABILITY, "band", "reasons", "facts", "changed")
    return {**row, "status": status, **{name: None for name in gone if name in row}}


def _changed(row: Mapping[str, Any], before: Any, by_time: Mapping[str, Any] | None, served: ScoreSet) -> Any:
    """From which score, and how much of the change is time that passed and how much what the customer did."""
    fresh, old = _number(row["probability"]), None if before is None else before.probability
    if fresh is None or old is None:
        return None
    found: dict[str, Any] = {"since": served.as_of.isoformat(), "before": old}
    time = None if by_time is None else _number(by_time["probability"])
    if time is not None:
        found |= {"passing_time": time - old, "customer": fresh - time}
    return found


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
