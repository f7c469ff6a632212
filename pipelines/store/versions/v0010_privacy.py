"""Who was erased, who objects to profiling, and which backups were made."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
EVENT_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "erasures",
        sa.Column("erasure_id", EVENT_ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("of", sa.String(40), nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("receipt", sa.JSON),
        sa.Column("digest", sa.String(64)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressed",
        sa.Column("hash", sa.String(40), primary_key=True),
        sa.Column("erasure_id", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erased_members",
        sa.Column("list_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("held_out", sa.Boolean, primary_key=True),
        sa.Column("members", sa.Integer, nullable=False),
    )
    op.create_table(
        "edited_sets",
        sa.Column("score_set_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.Integer, nullable=False),
    )
    op.create_table(
        "objections",
        sa.Column("customer_id", TEXT, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.String, nullable=False),
    )
    op.create_table(
        "audit_cuts",
        sa.Column("audit_id", EVENT_ID, primary_key=True, autoincrement=False),
        sa.Column("cut_at", sa.DateTime, nullable=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_table(
        "backups",
        sa.Column("made_at", sa.DateTime, primary_key=True),
        sa.Column("file", sa.String, nullable=False),
    )
