"""What is known of some customers when it is decided whether people are told of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from tenure.pipelines.alerts.judging import NOTHING, OWN_DAYS, Risk, State
from tenure.pipelines.store.alert_tables import alert_states
from tenure.pipelines.store.desk import NOBODY, Care, awake, care_for
from tenure.pipelines.store.desk_tables import past_scores
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import overlays, score_sets, scores


@dataclass(frozen=True)
class Standing:
    """A customer: the riskiest unit as it is now, what was before, the state, and who cares for them."""

    customer_id: str
    risk: Risk
    state: State
    known: bool
    care: Care
    unit_id: str
    reasons: list[dict[str, Any]] | None
    barred: bool


def standings(
    connection: Connection, found: ScoreSet, customers: Sequence[str], *, before: int | None, today: dt.date
) -> list[Standing]:
    """Some customers as they stand, in their order; `before` is the set that was looked through before this one."""
    states = _states(connection, found.outcome, customers)
    cares = care_for(connection, found.outcome, customers)
    now = _now(connection, found, customers)
    past = _past(connection, found, customers, before)
    listed = []
    for name in customers:
        units, as_of = now.get(name, []), found.as_of
        best = max(units, key=lambda row: row.probability, default=None)
        served = [row.served for row in units if row.again is not None and row.served is not None]
        if best is not None and best.again is not None:
            as_of = max(dt.date.fromisoformat(best.again), found.as_of + dt.timedelta(days=1))
        if served:
            past[name][found.as_of.isoformat()] = max(served)
        listed.append(
            Standing(
                name,
                Risk(None if best is None else best.probability, as_of, past[name]),
                states.get(name, NOTHING),
                name in states,
                awake(cares.get(name, NOBODY), today),
                "" if best is None else best.unit_id,
                None if best is None else best.reasons,
                any(row.barred for row in units),
            )
        )
    return listed


@dataclass(frozen=True)
class _Unit:
    """A unit with a risk: as it was scored again, where it was, and what the set `served` of it."""

    unit_id: str
    probability: float
    reasons: list[dict[str, Any]] | None
    barred: bool
    served: float | None
    again: str | None = None


def _now(connection: Connection, found: ScoreSet, customers: Sequence[str]) -> dict[str, list[_Unit]]:
    kept = ("customer_id", "unit_id", "probability", "reasons")
    mine = scores.c.score_set_id == found.score_set_id
    query = select(*(scores.c[name] for name in (*kept, "barred"))).where(mine, scores.c.customer_id.in_(customers))
    served = {(row.customer_id, row.unit_id): row for row in connection.execute(query)}
    again = select(*(overlays.c[name] for name in (*kept, "as_of"))).where(
        overlays.c.outcome == found.outcome,
        overlays.c.score_set_id == found.score_set_id,
        overlays.c.customer_id.in_(customers),
    )
    units: dict[tuple[str, str], _Unit | None] = {
        key: None
        if row.probability is None
        else _Unit(row.unit_id, row.probability, row.reasons, row.barred is not None, row.probability)
        for key, row in served.items()
    }
    for row in connection.execute(again):
        old = served.get((row.customer_id, row.unit_id))
        barred = old is not None and old.barred is not None
        before = None if old is None else old.probability
        made = _Unit(row.unit_id, row.probability or 0.0, row.reasons, barred, before, row.as_of)
        units[row.customer_id, row.unit_id] = None if row.probability is None else made
    found_of: dict[str, list[_Unit]] = defaultdict(list)
    for (customer, _), unit in units.items():
        if unit is not None:
            found_of[customer].append(unit)
    return found_of


def _past(
    connection: Connection, found: ScoreSet, customers: Sequence[str], before: int | None
) -> defaultdict[str, dict[str, float]]:
    """The highest probability of each customer by midnight before the set's, of the model that scores now."""
    first, last = (found.as_of - dt.timedelta(days=OWN_DAYS)).isoformat(), found.as_of.isoformat()
    mine = (past_scores.c.outcome == found.outcome) & (past_scores.c.model_version == found.model_version)
    query = (
        select(past_scores.c.customer_id, past_scores.c.as_of, func.max(past_scores.c.probability))
        .where(past_scores.c.customer_id.in_(customers), mine)
        .where(past_scores.c.as_of >= first, past_scores.c.as_of < last)
        .group_by(past_scores.c.customer_id, past_scores.c.as_of)
    )
    past: defaultdict[str, dict[str, float]] = defaultdict(dict)
    if before is not None:
        past |= _set_before(connection, before, customers)
    for customer, day, probability in connection.execute(query):
        past[customer][day] = probability
    return past


def _set_before(connection: Connection, before: int, customers: Sequence[str]) -> dict[str, dict[str, float]]:
    query = (
        select(scores.c.customer_id, score_sets.c.as_of, func.max(scores.c.probability))
        .join(score_sets, score_sets.c.score_set_id == scores.c.score_set_id)
        .where(scores.c.score_set_id == before, scores.c.customer_id.in_(customers), scores.c.probability.is_not(None))
        .group_by(scores.c.customer_id, score_sets.c.as_of)
    )
    return {customer: {day: probability} for customer, day, probability in connection.execute(query)}


def _states(connection: Connection, outcome: str, customers: Sequence[str]) -> dict[str, State]:
    columns = [alert_states.c[name] for name in State._fields]
    query = select(alert_states.c.customer_id, *columns).where(
        alert_states.c.outcome == outcome, alert_states.c.customer_id.in_(customers)
    )
    return {row[0]: State(*row[1:]) for row in connection.execute(query)}
