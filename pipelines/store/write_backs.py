"""What a support tool should say of each customer, what it says already, and what is still to be written.

The queue holds states, not events: however often a band changes while a tool is away, the last one is written once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select, update

from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.served import served_risk
from tenure.pipelines.store.tables import overlays, scores
from tenure.pipelines.store.write_back_tables import write_backs

WRITTEN_BANDS = ("medium", "high", "critical")
"""Bands that are written to whoever has none yet; low and none are written only in the place of another."""

NONE = "none"
LONGEST_WAIT = dt.timedelta(hours=6)
FIRST_WAIT = dt.timedelta(seconds=10)
AT_ONCE = 500


class Due(NamedTuple):
    """A band to be written now."""

    customer_id: str
    external_id: str
    wanted: str
    attempts: int


@dataclass(frozen=True)
class Whom:
    """Whom one may contact, for a tool that has a field for it: nobody of the hold-out, and nobody barred.

    `pilot` is the newest pilot, whose own hold-out counts too.
    """

    score_set_id: int
    draw: Draw | None
    pilot: int | None = None

    def state(self, connection: Connection, wanted: Mapping[str, str]) -> dict[str, str]:
        """Bands with whether to contact, such as `high/no`; whoever has no band is not contacted."""
        named = [name for name, band in wanted.items() if band != NONE]
        closed = set(held_out_among(connection, self.score_set_id, self.draw, named))
        for start in range(0, len(named), AT_ONCE):
            mine = (scores.c.score_set_id == self.score_set_id) & scores.c.customer_id.in_(
                named[start : start + AT_ONCE]
            )
            query = select(scores.c.customer_id).where(mine, scores.c.barred.is_not(None))
            closed.update(connection.scalars(query))
        closed |= wanted.keys() - set(named)
        return {name: f"{band}/{'no' if name in closed else 'yes'}" for name, band in wanted.items()}


def want_everybody(
    engine: Engine,
    tool: str,
    source: str,
    *,
    outcome: str,
    score_set_id: int,
    now: dt.datetime,
    whom: Whom | None = None,
) -> int:
    """Compare what a whole set says with what the tool says; gives how many customers are to be written.

    With `whom` the tool is told beside the band whether to contact.
    """
    with reading(engine) as connection:
        query = (
            select(external_ids.c.customer_id, scores.c.band)
            .join(scores, scores.c.customer_id == external_ids.c.customer_id)
            .where(external_ids.c.source == source, scores.c.score_set_id == score_set_id)
            .where(scores.c.band.in_(WRITTEN_BANDS))
            .order_by(scores.c.rank.desc())
        )
        wanted = {customer: str(band) for customer, band in connection.execute(query)}  # the riskiest unit comes last
        again = select(overlays.c.customer_id).where(
            overlays.c.outcome == outcome, overlays.c.score_set_id == score_set_id
        )
        rescored = set(connection.scalars(again))
        written = connection.scalars(select(write_backs.c.customer_id).where(write_backs.c.tool == tool))
        others = rescored | {name for name in written if name not in wanted}
        wanted |= {name: _band(connection, outcome, name) for name in others}
        wanted = wanted if whom is None else whom.state(connection, wanted)
    return _want(engine, tool, source, wanted, now)


def want_some(
    engine: Engine,
    tool: str,
    source: str,
    customers: Iterable[str],
    *,
    outcome: str,
    now: dt.datetime,
    whom: Whom | None = None,
) -> int:
    """The same for some customers, who were scored again."""
    with reading(engine) as connection:
        wanted = {name: _band(connection, outcome, name) for name in customers}
        wanted = wanted if whom is None else whom.state(connection, wanted)
    return _want(engine, tool, source, wanted, now)


def scored_again(connection: Connection, outcome: str, *, since: dt.datetime) -> tuple[list[str], dt.datetime]:
    """Who was scored again since a moment, and up to when that is known."""
    mine = (overlays.c.outcome == outcome) & (overlays.c.scored_at >= since)
    names = list(connection.scalars(select(overlays.c.customer_id).where(mine).distinct().limit(20_000)))
    newest = connection.scalar(select(func.max(overlays.c.scored_at)).where(overlays.c.outcome == outcome))
    return names, max(newest or since, since)


def due(engine: Engine, tool: str, *, now: dt.datetime, limit: int) -> list[Due]:
    """What is to be written now, the longest waiting first."""
    query = (
        select(*(write_backs.c[name] for name in Due._fields))
        .where(write_backs.c.tool == tool, write_backs.c.due_at <= _plain(now))
        .order_by(write_backs.c.due_at, write_backs.c.customer_id)
        .limit(limit)
    )
    with reading(engine) as connection:
        return [Due(*row) for row in connection.execute(query)]


def wrote(engine: Engine, tool: str, one: Due, *, now: dt.datetime) -> None:
    """Note that a band was written. Where another is wanted by now, that one is due at once."""
    with alone(engine) as connection:
        mine = (write_backs.c.tool == tool) & (write_backs.c.customer_id == one.customer_id)
        values: dict[str, Any] = {"written": one.wanted, "attempts": 0, "error": None}
        connection.execute(update(write_backs).where(mine).values(values))
        same = mine & (write_backs.c.wanted == one.wanted)
        connection.execute(update(write_backs).where(same).values(due_at=None))


def failed(engine: Engine, tool: str, one: Due, *, why: str, now: dt.datetime, for_good: bool) -> None:
    """Note that a band could not be written: it is tried again ever later, or no more; not so another by now."""
    wait = min(FIRST_WAIT * 2 ** min(one.attempts, 20), LONGEST_WAIT)
    values = {"attempts": one.attempts + 1, "error": why[:200], "due_at": None if for_good else _plain(now) + wait}
    with alone(engine) as connection:
        mine = (write_backs.c.tool == tool) & (write_backs.c.customer_id == one.customer_id)
        connection.execute(update(write_backs).where(mine, write_backs.c.wanted == one.wanted).values(values))


def _band(connection: Connection, outcome: str, customer: str) -> str:
    units = served_risk(connection, outcome, customer)[1]
    return next((unit.band for unit in units if unit.band is not None), NONE)


def _want(engine: Engine, tool: str, source: str, wanted: Mapping[str, str], now: dt.datetime) -> int:
    names = list(wanted)
    changed = 0
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        with alone(engine) as connection:
            changed += sum(
                _want_one(connection, tool, wanted, row, now) for row in _held(connection, tool, source, part)
            )
    return changed


def _held(connection: Connection, tool: str, source: str, names: list[str]) -> list[Any]:
    """What the tool calls some customers, and what is known of each there."""
    there = (write_backs.c.tool == tool) & (write_backs.c.customer_id == external_ids.c.customer_id)
    query = (
        select(
            external_ids.c.customer_id,
            func.min(external_ids.c.external_id).label("external_id"),
            func.max(write_backs.c.wanted).label("wanted"),
        )
        .outerjoin(write_backs, there)
        .where(external_ids.c.source == source, external_ids.c.customer_id.in_(names))
        .group_by(external_ids.c.customer_id)
    )
    return list(connection.execute(query))


def _want_one(connection: Connection, tool: str, wanted: Mapping[str, str], row: Any, now: dt.datetime) -> bool:
    band = wanted[row.customer_id]
    if row.wanted == band or (row.wanted is None and band.partition("/")[0] not in WRITTEN_BANDS):
        return False
    values = {"external_id": row.external_id, "wanted": band, "attempts": 0, "due_at": _plain(now), "error": None}
    if row.wanted is None:
        connection.execute(insert(write_backs).values(tool=tool, customer_id=row.customer_id, **values))
    else:
        mine = (write_backs.c.tool == tool) & (write_backs.c.customer_id == row.customer_id)
        connection.execute(update(write_backs).where(mine).values(values))
    return True


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
