"""The tables of alerts: what state each customer is in, who was told of whom, and the digests that went out."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, Float, Index, Integer, MetaData, String, Table

from tenure.pipelines.store.tables import EVENT_ID, TEXT

metadata = MetaData()
"""Of this file alone; `schema` has all."""

alert_marks = Table(
    "alert_marks",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("score_set_id", Integer, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("limits", String(80), nullable=False),
)
"""The score set of an outcome that was looked through last for whoever crossed a limit, and the limits then."""

alert_states = Table(
    "alert_states",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("customer_id", TEXT, primary_key=True),
    Column("band", String(12)),
    Column("risen", Boolean, nullable=False),
    Column("unusual", Boolean, nullable=False),
    Column("level_on", String(10)),
    Column("drop_on", String(10)),
    Column("baseline_on", String(10)),
    sqlite_with_rowid=False,
)
"""A row a customer who is in a state of which people are told, or was told of lately by `level`, `drop`, `baseline`."""

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("day", String(10), nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("customer_id", TEXT, nullable=False),
    Column("unit_id", TEXT, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("from_band", String(12)),
    Column("band", String(12), nullable=False),
    Column("before", Float),
    Column("probability", Float, nullable=False),
    Column("owner", String(200)),
    Column("reasons", JSON),
    Column("beyond", Boolean, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("digest", String(10)),
    sqlite_autoincrement=True,
)
"""Who was told of whom. `before` is the risk with which this one is compared: of a `drop` the lowest within a week, of
a `baseline` the customer's median. `beyond` the owner's limit of that day only the number is told. `digest` is the day
of the digest in which it was.
"""
Index("alerts_by_owner", alerts.c.owner, alerts.c.day)
_WAITING = alerts.c.digest.is_(None)
Index("alerts_waiting", alerts.c.day, sqlite_where=_WAITING, postgresql_where=_WAITING)

digests = Table(
    "digests",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("owner", String(200), primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("taken_until", DateTime),
    Column("sent_at", DateTime),
    Column("attempts", Integer, nullable=False),
    Column("error", String(200)),
)
"""A digest a day and owner; an empty owner stands for customers without one. Sent once, by whoever took it."""
