"""What happened with one customer, the newest first: from the lake, and what was delivered since."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Engine, select

from tenure.pipelines.lake.buckets import NEVER, bucket_of
from tenure.pipelines.lake.snapshot import NoSnapshot, current_snapshot
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.tables import events

SHOWN = ("kind", "channel", "amount", "rating", "case_id", "product_id", "text")
MOST_LETTERS = 300


class Happening(NamedTuple):
    """One interaction as a person reads it; `live` ones are not in the lake yet."""

    occurred_at: dt.datetime
    source: str
    kind: str
    channel: str | None
    amount: float | None
    rating: float | None
    case_id: str | None
    product_id: str | None
    text: str | None
    live: bool


def timeline(project: Project, engine: Engine, customer_id: str, *, limit: int) -> tuple[list[Happening], int]:
    """The newest interactions of a customer, and how many there are in all."""
    try:
        snapshot = current_snapshot(project, engine)
    except NoSnapshot:
        return [], 0
    file = snapshot.interactions(bucket_of(customer_id, snapshot.buckets))
    lake = _rows(file, customer_id)
    fresh = _delivered(engine, customer_id, after=snapshot.live_until)
    known = {(row.source, row.kind, row.occurred_at) for row in fresh}
    old = [row for row in lake if (row.source, row.kind, row.occurred_at) not in known]
    found = sorted([*fresh, *old], key=lambda row: row.occurred_at, reverse=True)
    return found[:limit], len(found)


def _rows(file: Any, customer_id: str) -> list[Happening]:
    names = set(pq.read_schema(file).names)
    columns = [name for name in ("occurred_at", "source", *SHOWN) if name in names]
    table = pq.read_table(file, columns=[*columns, "superseded_at"], filters=[("customer_id", "=", customer_id)])
    table = table.filter(pc.greater_equal(table["superseded_at"], pa.scalar(NEVER, pa.timestamp("us", "UTC"))))
    return [_happening(row, live=False) for row in table.select(columns).to_pylist()]


def _delivered(engine: Engine, customer_id: str, *, after: int) -> list[Happening]:
    """What was delivered since; of several versions of a row the last, and none that was withdrawn."""
    query = (
        select(events.c.source, events.c.interaction_id, events.c.row)
        .where(events.c.customer_id == customer_id, events.c.event_id > after)
        .order_by(events.c.known_at, events.c.event_id)
    )
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    with reading(engine) as connection:
        for source, name, row in connection.execute(query):
            newest[source, name] = {**row, "source": source}
    rows = [row for row in newest.values() if not row.get("retracted")]
    return [
        _happening({**row, "occurred_at": dt.datetime.fromisoformat(row["occurred_at"])}, live=True) for row in rows
    ]


def _happening(row: dict[str, Any], *, live: bool) -> Happening:
    told: dict[str, Any] = {name: row.get(name) for name in SHOWN}
    text = told["text"]
    told["text"] = text if text is None or len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}..."
    return Happening(occurred_at=row["occurred_at"], source=row["source"], live=live, **told)
