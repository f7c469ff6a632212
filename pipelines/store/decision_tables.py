"""The tables of decisions: who is held out, and what was done with whom."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

from tenure.pipelines.store.tables import TEXT

metadata = MetaData()
"""Of this file alone; `schema` has all."""

hold_out_draws = Table(
    "hold_out_draws",
    metadata,
    Column("starts", String(10), primary_key=True),
    Column("share", Float, nullable=False),
    Column("salt", String(64), nullable=False),
    Column("drawn_at", DateTime, nullable=False),
)
"""A draw a campaign period: whoever's id, hashed with the salt, falls below the share is held out until the next."""

held_places = Table(
    "held_places",
    metadata,
    Column("score_set_id", Integer, primary_key=True, autoincrement=False),
    Column("draw", String(10), primary_key=True),
    Column("pilot", BigInteger, primary_key=True, autoincrement=False),
    Column("ranks", LargeBinary, nullable=False),
    Column("places", LargeBinary, nullable=False),
    Column("bands", LargeBinary, nullable=False),
    Column("names", JSON, nullable=False),
)
"""Whom a draw and the pilots up to one (0: none) hold out of a set: ranks and places by gain as 32-bit integers."""

actions = Table(
    "actions",
    metadata,
    Column("action_id", TEXT, primary_key=True),
    Column("received_at", DateTime, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("customer_id", TEXT, nullable=False),
    Column("who", String(200), nullable=False),
    Column("channel", String(16)),
    Column("playbook", String(40)),
    Column("offer", String(200)),
    Column("cost", Float),
    Column("result", String(16)),
    Column("list_id", BigInteger),
    Column("held_out", Boolean, nullable=False),
    Column("digest", String(32), nullable=False),
)
"""Retention contacts that were made; `held_out` where the person was in the hold-out, which is contamination."""
Index("actions_by_customer", actions.c.customer_id, actions.c.at)
Index("actions_by_time", actions.c.at)
