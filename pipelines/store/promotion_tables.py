"""The tables of promotion: who was served from when on, what the gate decided, and models that were compared."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, MetaData, String, Table

from tenure.pipelines.store.tables import EVENT_ID

metadata = MetaData()
"""Of this file alone; `schema` has all."""

promotions = Table(
    "promotions",
    metadata,
    Column("promotion_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("action", String(16), nullable=False),
    Column("champion", String(120), nullable=False),
    Column("before", String(120)),
    Column("score_set_id", Integer, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("definition", String, nullable=False),
    Column("new_series", Boolean, nullable=False),
    Column("reason", String),
    Column("settled", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
"""A change of the model that is served, written with the pointer in one transaction.

`settled` says that the registry's aliases followed; `new_series` that another definition counts from here on.
"""

gate_decisions = Table(
    "gate_decisions",
    metadata,
    Column("decision_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("candidate", String(120), nullable=False),
    Column("champion", String(120)),
    Column("decision", String(16), nullable=False),
    Column("sentence", String, nullable=False),
    Column("figures", JSON, nullable=False),
    sqlite_autoincrement=True,
)
"""What the gate decided of a candidate, and the figures by which it did."""

comparisons = Table(
    "comparisons",
    metadata,
    Column("comparison_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("champion", String(120), nullable=False),
    Column("challenger", String(120), nullable=False),
    Column("figures", JSON, nullable=False),
    sqlite_autoincrement=True,
)
"""How the scores of a challenger differed from those that were served, a row a score set."""
