"""Delivered interactions as Parquet files, read by imports like those of any other source."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, func, select

from tenure.pipelines.settings.source import DELIVERED, Source
from tenure.pipelines.sources.files import FileSet
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.tables import events
from tenure.pipelines.text.cleaning import without_surrogates

TIMES = ("occurred_at", "known_at", "due_at")
SCHEMA = pa.schema(
    [
        *[(n, pa.string()) for n in ("interaction_id", "customer_id", "contract_id")],
        *[(n, pa.timestamp("us", "UTC")) for n in TIMES],
        *[(n, pa.string()) for n in ("kind", "channel", "direction", "case_id", "agent_id", "team_id", "product_id")],
        *[(n, pa.float64()) for n in ("amount", "wait_seconds", "handle_seconds", "rating")],
        ("text", pa.string()),
        ("retracted", pa.bool_()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
"""The columns of a delivered interaction."""

ROWS_AT_ONCE = 20_000


def write_feed(source: Source, engine: Engine, *, feeds: Path) -> FileSet:
    """Write what was delivered since the last file into a new one, and give all files of the source.

    A file's name ends in the number of its last event. A source to which nothing was ever delivered has
    one file without rows.
    """
    folder = feeds / f"{source.name}-live"
    folder.mkdir(parents=True, exist_ok=True)
    files = sorted(folder.glob("part-*.parquet"))
    after = max((_last(file) for file in files), default=0)
    with reading(engine) as connection:
        mine = (events.c.source == source.name) & (events.c.event_id > after)
        last = connection.scalar(select(func.max(events.c.event_id)).where(mine))
        if last is not None or not files:
            file = folder / f"part-{len(files):06d}-{last or 0}.parquet"
            query = select(events.c.row).where(mine).order_by(events.c.event_id)
            fresh = file.with_suffix(".unfinished")
            with pq.ParquetWriter(fresh, SCHEMA, compression="zstd") as writer:
                writer.write_table(SCHEMA.empty_table())
                options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
                for part in connection.execute(query, execution_options=options).partitions():
                    writer.write_table(as_table([row[0] for row in part]))
            os.replace(fresh, file)
            files.append(file)
    return FileSet(DELIVERED if source.files else "source", tuple(files), "parquet", False)


def delivered_until(files: FileSet) -> int:
    """The number of the last event in the files of a live source."""
    return max(_last(file) for file in files.paths)


def as_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Delivered rows as a table with the columns of `SCHEMA`."""
    return pa.Table.from_pylist([_typed(row) for row in rows], schema=SCHEMA)


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    times = {name: dt.datetime.fromisoformat(row[name]) for name in TIMES if row.get(name) is not None}
    attributes = {without_surrogates(k): without_surrogates(v) for k, v in row.get("attributes", {}).items()}
    text = None if row.get("text") is None else without_surrogates(row["text"])  # files hold whole characters only
    return {**row, "known_at": times.get("occurred_at"), **times, "text": text, "attributes": list(attributes.items())}


def _last(file: Path) -> int:
    return int(file.stem.rsplit("-", 1)[1])
