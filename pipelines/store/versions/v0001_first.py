"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "snapshots",
        sa.Column("snapshot_id", sa.String(32), primary_key=True),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
    )
    op.create_table(
        "score_sets",
        sa.Column("score_set_id", sa.Integer, primary_key=True),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("snapshot_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("definition", sa.String, nullable=False),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("stale", sa.Boolean, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
    )
    op.create_table(
        "scores",
        sa.Column(
            "score_set_id", sa.Integer, sa.ForeignKey("score_sets.score_set_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("customer_id", TEXT, primary_key=True),
        sa.Column("unit_id", TEXT, primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("probability", sa.Float),
        sa.Column("band", sa.String(12)),
        sa.Column("rank", sa.BigInteger),
        sa.Column("reasons", sa.JSON),
        sqlite_with_rowid=False,
    )
    op.create_index("scores_by_rank", "scores", ["score_set_id", "rank"])
    op.create_table(
        "published",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("score_set_id", sa.Integer, sa.ForeignKey("score_sets.score_set_id"), nullable=False),
    )
    op.create_table(
        "contexts",
        sa.Column(
            "score_set_id", sa.Integer, sa.ForeignKey("score_sets.score_set_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("tables", sa.JSON, nullable=False),
    )
    op.create_table(
        "looks",
        sa.Column("look_id", sa.Integer, primary_key=True),
        sa.Column("looked_at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("origins", sa.JSON, nullable=False),
        sa.Column("config", sa.String(64), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
    )
