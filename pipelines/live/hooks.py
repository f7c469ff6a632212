"""Records of webhooks in the store: kept before they are acknowledged, each delivery once, and read again by case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.hook_tables import hook_cases, hooks

TURN = "hooks"
"""Deliveries wait for each other, so that none is kept twice."""

AT_ONCE = 500
"""Ids in one question to the store."""

Case = tuple[str, str]
"""A source and the id of a case in it."""


@dataclass(frozen=True)
class Kept:
    """A record as it is kept; `waiting` until it was replayed."""

    hook_id: int
    received_at: dt.datetime
    record: Any
    waiting: bool


def keep_record(
    engine: Engine, source: str, record: Mapping[str, Any], *, delivery: str, case: str, now: dt.datetime
) -> bool:
    """Keep a verified record; when this returns it is on disk. Whether the delivery was new."""
    row = {"source": source, "delivery_id": delivery, "case_id": case, "received_at": plain(now), "record": record}
    known = select(hooks.c.hook_id).where(hooks.c.source == source, hooks.c.delivery_id == delivery)
    with reading(engine) as connection:  # what a tool sends again costs no write
        if connection.scalar(known) is not None:
            return False
    with alone(engine, TURN) as connection:
        if connection.scalar(known) is not None:
            return False
        connection.execute(insert(hooks), row)
    return True


def waiting_cases(connection: Connection, sources: Collection[str], *, limit: int) -> list[Case]:
    """The cases with records that wait, the one that waits longest first."""
    query = select(hooks.c.source, hooks.c.case_id).where(
        hooks.c.replayed_at.is_(None), hooks.c.source.in_(list(sources))
    )
    rows = connection.execute(query.order_by(hooks.c.hook_id).limit(20 * limit))
    return list(dict.fromkeys((row.source, row.case_id) for row in rows))[:limit]


def records_of(connection: Connection, case: Case) -> list[Kept]:
    """Everything that was kept of a case and is not left aside, in the order in which it arrived."""
    query = select(hooks.c.hook_id, hooks.c.received_at, hooks.c.record, hooks.c.replayed_at)
    mine = query.where(hooks.c.source == case[0], hooks.c.case_id == case[1], hooks.c.aside.is_(None))
    rows = connection.execute(mine.order_by(hooks.c.hook_id))
    return [
        Kept(row.hook_id, row.received_at.replace(tzinfo=dt.UTC), row.record, row.replayed_at is None) for row in rows
    ]


def told_of(connection: Connection, case: Case) -> tuple[dict[str, Any], bool]:
    """What was delivered of a case, and whether all its records are still here."""
    mine = (hook_cases.c.source == case[0]) & (hook_cases.c.case_id == case[1])
    row = connection.execute(select(hook_cases.c.told, hook_cases.c.whole).where(mine)).one_or_none()
    return (row.told, row.whole) if row is not None else ({}, True)


def customers_known(connection: Connection, source: str, people: Collection[str]) -> dict[str, str]:
    """The customers for whom a tool's people stand, as the newest snapshot knows them."""
    columns = select(external_ids.c.external_id, external_ids.c.customer_id)
    found: dict[str, str] = {}
    for one in ("", source):  # what is said of this source goes before what is said of every source
        mine = external_ids.c.source == one, external_ids.c.external_id.in_(sorted(people))
        found |= {row.external_id: row.customer_id for row in connection.execute(columns.where(*mine))}
    return found


def mark_replayed(
    connection: Connection, case: Case, records: Collection[int], *, told: Mapping[str, Any], now: dt.datetime
) -> None:
    """Note that records of a case were replayed, and what was delivered of it by now."""
    numbers = sorted(records)
    for start in range(0, len(numbers), AT_ONCE):
        mine = hooks.c.hook_id.in_(numbers[start : start + AT_ONCE])
        connection.execute(update(hooks).where(mine).values(replayed_at=plain(now)))
    state = (hook_cases.c.source == case[0]) & (hook_cases.c.case_id == case[1])
    if connection.execute(update(hook_cases).where(state).values(told=told)).rowcount == 0:
        connection.execute(insert(hook_cases).values(source=case[0], case_id=case[1], told=told, whole=True))


def leave_aside(connection: Connection, reasons: Mapping[int, str], *, now: dt.datetime) -> None:
    """Take records out of all replays, each with the reason."""
    for number, reason in reasons.items():
        mine = hooks.c.hook_id == number
        connection.execute(update(hooks).where(mine).values(replayed_at=plain(now), aside=reason))


def forget_records(connection: Connection, *, before: dt.datetime) -> int:
    """Remove the records of cases of which nothing was received since; how many. What was delivered stays known."""
    newest = select(hooks.c.source, hooks.c.case_id).group_by(hooks.c.source, hooks.c.case_id)
    found = 0
    for source, case in connection.execute(newest.having(func.max(hooks.c.received_at) < plain(before))).all():
        state = (hook_cases.c.source == source) & (hook_cases.c.case_id == case)
        connection.execute(update(hook_cases).where(state).values(whole=False))
        mine = (hooks.c.source == source) & (hooks.c.case_id == case)
        found += connection.execute(delete(hooks).where(mine)).rowcount
    return found


def plain(moment: dt.datetime) -> dt.datetime:
    """An instant as the store holds it: in UTC, without saying so."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
