"""The tables of the monitor: what it found, what was served for it to judge, and what was noted to have happened."""

from __future__ import annotations

from sqlalchemy import JSON, Column, DateTime, Float, Index, MetaData, String, Table

from tenure.pipelines.store.tables import EVENT_ID, TEXT

metadata = MetaData()
"""Of this file alone; `schema` has all."""

monitor_runs = Table(
    "monitor_runs",
    metadata,
    Column("run_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("snapshot_id", String(32), nullable=False),
    Column("level", String(8), nullable=False),
    Column("findings", JSON, nullable=False),
    Column("shape", JSON, nullable=False),
    sqlite_autoincrement=True,
)
"""A run of the monitor: the worst level, all findings, and the `shape` of the data, which the next is held against."""

kept_sets = Table(
    "kept_sets",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("as_of", String(10), primary_key=True),
    Column("model_version", String(64), nullable=False),
    Column("kept_at", DateTime, nullable=False),
    Column("share", Float, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("quality", JSON(none_as_null=True)),
)
"""What the monitor keeps of each published set after the set is swept, counts alone.

`share` of its units are in `kept_scores` (0: none). `quality` is how good they were, once their horizon has passed.
"""

kept_scores = Table(
    "kept_scores",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("as_of", String(10), primary_key=True),
    Column("customer_id", TEXT, primary_key=True),
    Column("unit_id", TEXT, primary_key=True),
    Column("probability", Float, nullable=False),
    Column("silence", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Served probabilities that wait for their horizon to pass, and what days since last alone would have said."""
Index("kept_scores_by_customer", kept_scores.c.customer_id)

noted_events = Table(
    "noted_events",
    metadata,
    Column("event_id", EVENT_ID, primary_key=True),
    Column("noted_at", DateTime, nullable=False),
    Column("name", String(200), nullable=False),
    Column("day", String(10), nullable=False),
    Column("until", String(10), nullable=False),
    sqlite_autoincrement=True,
)
"""Launches and changes of policy that people noted: from a `day` on, `until` the last day of it."""
