"""The tables of privacy: who was erased (as keyed hashes), who objects, and which backups were made."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Integer, MetaData, String, Table

from tenure.pipelines.store.tables import EVENT_ID, TEXT

metadata = MetaData()
"""Of this file alone; `schema` has all."""

erasures = Table(
    "erasures",
    metadata,
    Column("erasure_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("of", String(40), nullable=False),
    Column("who", String, nullable=False),
    Column("reason", String(24), nullable=False),
    Column("finished_at", DateTime),
    Column("receipt", JSON(none_as_null=True)),
    Column("digest", String(64)),
    sqlite_autoincrement=True,
)
"""A row a person who was erased: a keyed hash, and the receipt with its digest once everything is gone."""

suppressed = Table(
    "suppressed",
    metadata,
    Column("hash", String(40), primary_key=True),
    Column("erasure_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""A row a name under which an erased person was known, as a keyed hash: what comes under it again is dropped."""

erased_members = Table(
    "erased_members",
    metadata,
    Column("list_id", BigInteger, primary_key=True, autoincrement=False),
    Column("held_out", Boolean, primary_key=True),
    Column("members", Integer, nullable=False),
)
"""How many units of erased people a list had, contacted or held out: all that is left of them there."""

edited_sets = Table(
    "edited_sets",
    metadata,
    Column("score_set_id", Integer, primary_key=True, autoincrement=False),
    Column("edition", Integer, nullable=False),
)
"""How often units were taken out of a score set, whose ranks moved up then."""

objections = Table(
    "objections",
    metadata,
    Column("customer_id", TEXT, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", String, nullable=False),
)
"""Who objects to profiling: they are neither scored nor trained on."""

audit_cuts = Table(
    "audit_cuts",
    metadata,
    Column("audit_id", EVENT_ID, primary_key=True, autoincrement=False),
    Column("cut_at", DateTime, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""Where the audit log begins since older entries were removed: the last of them, how many, and the last digest."""

backups = Table(
    "backups",
    metadata,
    Column("made_at", DateTime, primary_key=True),
    Column("file", String, nullable=False),
)
"""The backups that were made, so that a receipt can name those that still hold a person."""
