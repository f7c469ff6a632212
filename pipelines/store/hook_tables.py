"""The tables of webhooks: what support tools told, word for word, and what became of it."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, Index, MetaData, String, Table, text

from tenure.pipelines.store.tables import EVENT_ID, TEXT

metadata = MetaData()
"""Of this file alone; `schema` has all."""

hooks = Table(
    "hooks",
    metadata,
    Column("hook_id", EVENT_ID, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("delivery_id", TEXT, nullable=False),
    Column("case_id", TEXT, nullable=False),
    Column("received_at", DateTime, nullable=False),
    Column("record", JSON, nullable=False),
    Column("replayed_at", DateTime),
    Column("aside", String),
    sqlite_autoincrement=True,
)
"""Verified records of webhooks, each delivery once. Those that were not replayed yet wait for the refresher.

`aside` says why a record is not replayed at all; `case_id` is empty where a record should name a case and does not.
"""
Index("hooks_by_delivery", hooks.c.source, hooks.c.delivery_id, unique=True)
Index("hooks_by_case", hooks.c.source, hooks.c.case_id)
_WAITING = text("replayed_at IS NULL")
Index("hooks_waiting", hooks.c.hook_id, sqlite_where=_WAITING, postgresql_where=_WAITING)

hook_cases = Table(
    "hook_cases",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("case_id", TEXT, primary_key=True),
    Column("told", JSON, nullable=False),
    Column("whole", Boolean, nullable=False),
)
"""What was delivered of each case, so that a later replay only adds and corrects.

A case is no longer `whole` once its records were forgotten.
"""
