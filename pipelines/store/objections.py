"""Who objects to profiling: what was worked out of them goes at once, and is not worked out again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine, delete, insert, select

from tenure.pipelines.store.alert_tables import alert_states, alerts
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk_tables import past_scores
from tenure.pipelines.store.leaving_sets import leave_unscored
from tenure.pipelines.store.monitor_tables import kept_scores
from tenure.pipelines.store.privacy_tables import objections
from tenure.pipelines.store.score_rows import OBJECTED
from tenure.pipelines.store.score_sets import GOING
from tenure.pipelines.store.tables import overlays

AT_ONCE = 500


def take_objection(engine: Engine, customers: Sequence[str], *, who: str, now: dt.datetime) -> int:
    """Note that some customers object, and take their scores out of everything; how many units lost theirs.

    Lists that were published stay as they were.
    """
    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    with alone(engine, GOING) as connection:
        known = objecting_among(connection, customers)
        fresh = [{"customer_id": name, "at": moment, "who": who} for name in customers if name not in known]
        if fresh:
            connection.execute(insert(objections), fresh)
        return _without_scores(connection, customers)


def withdraw_objection(engine: Engine, customers: Sequence[str]) -> int:
    """Take an objection back: the next score set has the customers again. How many had objected."""
    with alone(engine, GOING) as connection:
        return connection.execute(delete(objections).where(objections.c.customer_id.in_(customers))).rowcount


def settle_objections(engine: Engine, score_set_id: int) -> int:
    """Take the scores from whoever objected while a set was being made; before it is published. How many units."""
    with alone(engine, GOING) as connection:
        return leave_unscored(connection, sorted(objecting(connection)), status=OBJECTED, of=score_set_id)


def objecting(connection: Connection) -> frozenset[str]:
    """Everybody who objects."""
    return frozenset(connection.scalars(select(objections.c.customer_id)))


def objecting_among(connection: Connection, customers: Iterable[str]) -> set[str]:
    """Who of some customers objects."""
    asked, found = sorted(set(customers)), set[str]()
    for start in range(0, len(asked), AT_ONCE):
        part = objections.c.customer_id.in_(asked[start : start + AT_ONCE])
        found |= set(connection.scalars(select(objections.c.customer_id).where(part)))
    return found


def _without_scores(connection: Connection, customers: Sequence[str]) -> int:
    for table in (overlays, past_scores, kept_scores, alert_states, alerts):
        connection.execute(delete(table).where(table.c.customer_id.in_(customers)))
    return leave_unscored(connection, customers, status=OBJECTED)
