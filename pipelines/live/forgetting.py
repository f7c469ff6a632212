"""Removing delivered interactions that every kept snapshot has in its files, and records of cases long over."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, delete, select

from tenure.pipelines.live.delivery import TURN
from tenure.pipelines.live.hooks import forget_records
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.tables import deliveries, events, snapshots

DAYS = 7
"""How long a delivery that is sent again is known again by the store itself; later, imports find the copy."""

RECORD_DAYS = 400
"""How long the records of a case are kept after the last of them: a case is replayed as a whole."""


def forget_delivered(engine: Engine, *, now: dt.datetime) -> int:
    """Remove what was received over `DAYS` ago and lies in the files of all kept snapshots; how many rows."""
    before = now.astimezone(dt.UTC).replace(tzinfo=None) - dt.timedelta(days=DAYS)
    with alone(engine, TURN) as connection:
        until = [int(summary.get("live_until", 0)) for summary in connection.scalars(select(snapshots.c.summary))]
        old = (events.c.received_at < before) & (events.c.event_id <= min(until, default=0))
        found = connection.execute(delete(events).where(old)).rowcount
        connection.execute(delete(deliveries).where(deliveries.c.received_at < before))
        forget_records(connection, before=now - dt.timedelta(days=RECORD_DAYS))
    return found
