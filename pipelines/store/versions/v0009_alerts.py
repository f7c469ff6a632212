"""What state each customer is in, who was told of whom, and the digests that went out."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
EVENT_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "alert_marks",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("score_set_id", sa.Integer, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("limits", sa.String(80), nullable=False),
    )
    op.create_table(
        "alert_states",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("customer_id", TEXT, primary_key=True),
        sa.Column("band", sa.String(12)),
        sa.Column("risen", sa.Boolean, nullable=False),
        sa.Column("unusual", sa.Boolean, nullable=False),
        sa.Column("level_on", sa.String(10)),
        sa.Column("drop_on", sa.String(10)),
        sa.Column("baseline_on", sa.String(10)),
        sqlite_with_rowid=False,
    )
    _alerts()
    op.create_table(
        "digests",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("taken_until", sa.DateTime),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.String(200)),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", EVENT_ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("unit_id", TEXT, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("from_band", sa.String(12)),
        sa.Column("band", sa.String(12), nullable=False),
        sa.Column("before", sa.Float),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("reasons", sa.JSON),
        sa.Column("beyond", sa.Boolean, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(10)),
        sqlite_autoincrement=True,
    )
    op.create_index("alerts_by_owner", "alerts", ["owner", "day"])
    given = sa.text("digest IS NULL")
    op.create_index("alerts_waiting", "alerts", ["day"], sqlite_where=given, postgresql_where=given)
