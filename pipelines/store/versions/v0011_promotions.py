"""Who was served from when on, what the gate decided, and how challengers' scores differed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

EVENT_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "promotions",
        sa.Column("promotion_id", EVENT_ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("champion", sa.String(120), nullable=False),
        sa.Column("before", sa.String(120)),
        sa.Column("score_set_id", sa.Integer, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("definition", sa.String, nullable=False),
        sa.Column("new_series", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("settled", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gate_decisions",
        sa.Column("decision_id", EVENT_ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("candidate", sa.String(120), nullable=False),
        sa.Column("champion", sa.String(120)),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("sentence", sa.String, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "comparisons",
        sa.Column("comparison_id", EVENT_ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("champion", sa.String(120), nullable=False),
        sa.Column("challenger", sa.String(120), nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
