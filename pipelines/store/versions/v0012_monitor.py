"""What the monitor found, what it keeps of served scores, and events that people noted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
EVENT_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "monitor_runs",
        sa.Column("run_id", EVENT_ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("snapshot_id", sa.String(32), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("shape", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kept_sets",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("as_of", sa.String(10), primary_key=True),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("kept_at", sa.DateTime, nullable=False),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("quality", sa.JSON),
    )
    op.create_table(
        "kept_scores",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("as_of", sa.String(10), primary_key=True),
        sa.Column("customer_id", TEXT, primary_key=True),
        sa.Column("unit_id", TEXT, primary_key=True),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("silence", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("kept_scores_by_customer", "kept_scores", ["customer_id"])
    op.create_table(
        "noted_events",
        sa.Column("event_id", EVENT_ID, primary_key=True),
        sa.Column("noted_at", sa.DateTime, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sqlite_autoincrement=True,
    )
