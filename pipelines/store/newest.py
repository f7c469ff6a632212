"""The newest times in the store, to tell a clock that is wrong."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, func, select

from tenure.pipelines.store.tables import audit, events, overlays, score_sets, snapshots

LAST = (
    select(snapshots.c.created_at).order_by(snapshots.c.snapshot_id.desc()).limit(1),
    select(score_sets.c.created_at).order_by(score_sets.c.score_set_id.desc()).limit(1),
    select(events.c.received_at).order_by(events.c.event_id.desc()).limit(1),
    select(audit.c.at).order_by(audit.c.audit_id.desc()).limit(1),
    select(func.max(overlays.c.scored_at)),
)
"""The last row of each table that is only appended to, found by its key without reading the others."""


def newest_moment(connection: Connection) -> dt.datetime | None:
    """When the last entry was made (UTC); None in an empty store."""
    found = [moment for query in LAST if (moment := connection.scalar(query)) is not None]
    return max(found, default=None)


def database_clock(connection: Connection) -> dt.datetime | None:
    """What time it is at the database (UTC); None where that is this machine."""
    if connection.dialect.name == "sqlite":
        return None
    moment: dt.datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
