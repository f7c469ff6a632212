"""What is written back into support tools."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add its table."""
    op.create_table(
        "write_backs",
        sa.Column("tool", sa.String(16), primary_key=True),
        sa.Column("customer_id", TEXT, primary_key=True),
        sa.Column("external_id", TEXT, nullable=False),
        sa.Column("wanted", sa.String(12), nullable=False),
        sa.Column("written", sa.String(12)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime),
        sa.Column("error", sa.String(200)),
    )
    given = sa.text("due_at IS NOT NULL")
    op.create_index("write_backs_due", "write_backs", ["tool", "due_at"], sqlite_where=given, postgresql_where=given)
