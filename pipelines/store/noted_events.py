"""Launches, changes of policy and the like, noted by people so that what changes with them is understood."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.monitor_tables import noted_events

LONGEST = 200
"""Letters that the name of an event may have."""


class EventRefused(ValueError):
    """An event that cannot be noted."""


class NotedEvent(NamedTuple):
    """Something that happened from one day to another, both included."""

    event_id: int
    name: str
    day: dt.date
    until: dt.date


def note_event(engine: Engine, name: str, *, day: dt.date, until: dt.date, now: dt.datetime) -> int:
    """Note an event and give its number; `EventRefused` where it has no name or ends before it begins."""
    if not name.strip() or len(name) > LONGEST:
        raise EventRefused(f"the name of an event: expected 1 to {LONGEST} letters, found {len(name.strip())}")
    if until < day:
        raise EventRefused(f"event {name!r}: --until {until} is before --on {day}; give the last day of it")
    row = {
        "noted_at": now.astimezone(dt.UTC).replace(tzinfo=None),
        "name": name.strip(),
        "day": day.isoformat(),
        "until": until.isoformat(),
    }
    with alone(engine) as connection:
        return int(connection.execute(insert(noted_events).returning(noted_events.c.event_id), row).scalar_one())


def all_events(connection: Connection) -> list[NotedEvent]:
    """All events by their day."""
    query = select(*(noted_events.c[name] for name in NotedEvent._fields)).order_by(
        noted_events.c.day, noted_events.c.event_id
    )
    return [
        NotedEvent(row.event_id, row.name, dt.date.fromisoformat(row.day), dt.date.fromisoformat(row.until))
        for row in connection.execute(query)
    ]
