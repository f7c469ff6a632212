"""The table of what is written back into support tools."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table

from tenure.pipelines.store.tables import TEXT

metadata = MetaData()

write_backs = Table(
    "write_backs",
    metadata,
    Column("tool", String(16), primary_key=True),
    Column("customer_id", TEXT, primary_key=True),
    Column("external_id", TEXT, nullable=False),
    Column("wanted", String(12), nullable=False),
    Column("written", String(12)),
    Column("attempts", Integer, nullable=False),
    Column("due_at", DateTime),
    Column("error", String(200)),
)
"""A row a customer and tool: the band that is wanted there and the one that was written; due where they differ."""
_DUE = write_backs.c.due_at.is_not(None)
Index("write_backs_due", write_backs.c.tool, write_backs.c.due_at, sqlite_where=_DUE, postgresql_where=_DUE)
