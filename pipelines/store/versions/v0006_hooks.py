"""Webhooks of support tools."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "hooks",
        sa.Column("hook_id", ID, primary_key=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("delivery_id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.Column("replayed_at", sa.DateTime),
        sa.Column("aside", sa.String),
        sqlite_autoincrement=True,
    )
    op.create_index("hooks_by_delivery", "hooks", ["source", "delivery_id"], unique=True)
    op.create_index("hooks_by_case", "hooks", ["source", "case_id"])
    waiting = sa.text("replayed_at IS NULL")
    op.create_index("hooks_waiting", "hooks", ["hook_id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "hook_cases",
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("case_id", TEXT, primary_key=True),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
    )
