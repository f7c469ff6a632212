"""Interactions that are delivered one by one, and what comes of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
EVENT_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "events",
        sa.Column("event_id", EVENT_ID, primary_key=True),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("interaction_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("known_at", sa.DateTime, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("row", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("events_by_interaction", "events", ["source", "interaction_id", "known_at"], unique=True)
    op.create_index("events_by_customer", "events", ["customer_id", "event_id"])
    op.create_table(
        "deliveries",
        sa.Column("delivery_key", TEXT, primary_key=True),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
    )
    op.create_table(
        "overlays",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("unit_id", TEXT, primary_key=True),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("score_set_id", sa.Integer, nullable=False),
        sa.Column("event_id", EVENT_ID, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("scored_at", sa.DateTime, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("probability", sa.Float),
        sa.Column("band", sa.String(12)),
        sa.Column("reasons", sa.JSON),
        sa.Column("changed", sa.JSON),
    )
    op.create_index("overlays_by_customer", "overlays", ["customer_id"])
    op.create_table(
        "refreshes",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("score_set_id", sa.Integer, nullable=False),
        sa.Column("event_id", EVENT_ID, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
    )
