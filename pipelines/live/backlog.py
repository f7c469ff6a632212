"""What was delivered live and is not in the scores yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import events, refreshes, snapshots


class Backlog(NamedTuple):
    """How many events wait, and since when the first of them does (UTC)."""

    number: int
    since: dt.datetime | None


def waiting_events(connection: Connection, served: ScoreSet, live: Sequence[str]) -> Backlog:
    """The events of some sources after those that the served set and its overlays know."""
    query = select(func.count(), func.min(events.c.received_at))
    mine = (events.c.event_id > known_until(connection, served)) & events.c.source.in_(live)
    return Backlog(*connection.execute(query.where(mine)).one())


def known_until(connection: Connection, served: ScoreSet) -> int:
    """Up to which event the served set and its overlays go."""
    row = connection.execute(select(refreshes).where(refreshes.c.outcome == served.outcome)).one_or_none()
    if row is not None and row.score_set_id == served.score_set_id:
        return int(row.event_id)
    summary = connection.scalar(select(snapshots.c.summary).where(snapshots.c.snapshot_id == served.snapshot_id))
    return int((summary or {}).get("live_until", 0))
