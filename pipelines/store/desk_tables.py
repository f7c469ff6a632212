"""The tables of those who work with the scores: people, what they do on the desk, and what they say of a flag."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Float, ForeignKey, Index, MetaData, String, Table

from tenure.pipelines.store.tables import EVENT_ID, TEXT

metadata = MetaData()
"""Of this file alone; `schema` has all."""

people = Table(
    "people",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("origin", String(8), nullable=False),
    Column("password", String(200)),
    Column("invitation", String(64)),
    Column("invited_until", DateTime),
    Column("created_at", DateTime, nullable=False),
    Column("disabled_at", DateTime),
    Column("sessions_from", DateTime, nullable=False),
    Column("language", String(8)),
)
"""Who logs in: `local` people by a password, of which an argon2 hash is kept, `oidc` ones at their provider.

A session that was begun before `sessions_from` is over.
"""

external_ids = Table(
    "external_ids",
    metadata,
    Column("source", TEXT, primary_key=True),
    Column("external_id", TEXT, primary_key=True),
    Column("customer_id", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""By what other tools call a customer, as the newest snapshot knows it; an empty source stands for every source."""
Index("external_ids_by_customer", external_ids.c.customer_id)

past_scores = Table(
    "past_scores",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("unit_id", TEXT, primary_key=True),
    Column("as_of", String(10), primary_key=True),
    Column("customer_id", TEXT, nullable=False),
    Column("probability", Float, nullable=False),
    Column("band", String(12), nullable=False),
    Column("model_version", String(64), nullable=False),
    sqlite_with_rowid=False,
)
"""What was served of the units near the top, one row a midnight: the score over time."""
Index("past_scores_by_customer", past_scores.c.customer_id)
Index("past_scores_by_day", past_scores.c.outcome, past_scores.c.as_of)

cares = Table(
    "cares",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("customer_id", TEXT, primary_key=True),
    Column("owner", String(200)),
    Column("status", String(16), nullable=False),
    Column("snoozed_until", String(10)),
    Column("changed_at", DateTime, nullable=False),
    Column("changed_by", String(200), nullable=False),
)
"""Who cares for a customer, and how far it has come."""

notes = Table(
    "notes",
    metadata,
    Column("note_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", String(200), nullable=False),
    Column("customer_id", TEXT, nullable=False),
    Column("text", String, nullable=False),
    sqlite_autoincrement=True,
)
"""What people wrote about a customer."""
Index("notes_by_customer", notes.c.customer_id, notes.c.note_id)

feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", String(200), nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("customer_id", TEXT, nullable=False),
    Column("why", String(40), nullable=False),
    Column("text", String),
    Column("as_of", String(10), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("probability", Float),
    Column("band", String(12)),
    sqlite_autoincrement=True,
)
"""What people said is wrong about a flag, and of which score they said it."""
Index("feedback_by_customer", feedback.c.customer_id, feedback.c.feedback_id)

lists = Table(
    "lists",
    metadata,
    Column("list_id", EVENT_ID, primary_key=True),
    Column("outcome", String(40), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("score_set_id", BigInteger, nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("capacity", BigInteger, nullable=False),
    Column("sort", String(8)),
    Column("draw", String(10)),
    sqlite_autoincrement=True,
)
"""Lists that were frozen: who was on it, from which scores.

`sort` is by what it was ranked: `gain`, `risk`, or `random` in a pilot; `draw` the hold-out that was in force.
"""
Index("lists_by_outcome", lists.c.outcome, lists.c.list_id)

list_members = Table(
    "list_members",
    metadata,
    Column("list_id", ForeignKey("lists.list_id", ondelete="CASCADE"), primary_key=True),
    Column("unit_id", TEXT, primary_key=True),
    Column("customer_id", TEXT, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("probability", Float, nullable=False),
    Column("band", String(12), nullable=False),
    Column("held_out", Boolean, nullable=False),
    Column("owner", String(200)),
    Column("reasons", JSON),
    Column("value", Float),
    Column("effect", Float),
    Column("gain", Float),
    Column("segment", TEXT),
    Column("playbook", String(40)),
    Column("propensity", Float),
    Column("probability_low", Float),
    Column("probability_high", Float),
)
"""The units of a frozen list, as they were then: those to be contacted, and those held out.

`propensity` is the chance with which the unit was to be contacted; 1 for whoever is never held out.
"""
