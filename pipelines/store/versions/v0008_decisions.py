"""Who is held out, what was done with whom, and what a contact is worth."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add their tables and columns."""
    _worth()
    op.create_table(
        "hold_out_draws",
        sa.Column("starts", sa.String(10), primary_key=True),
        sa.Column("share", sa.Float, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("drawn_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "held_places",
        sa.Column("score_set_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("draw", sa.String(10), primary_key=True),
        sa.Column("pilot", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("ranks", sa.LargeBinary, nullable=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sa.Column("bands", sa.LargeBinary, nullable=False),
        sa.Column("names", sa.JSON, nullable=False),
    )
    op.create_table(
        "actions",
        sa.Column("action_id", TEXT, primary_key=True),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(16)),
        sa.Column("playbook", sa.String(40)),
        sa.Column("offer", sa.String(200)),
        sa.Column("cost", sa.Float),
        sa.Column("result", sa.String(16)),
        sa.Column("list_id", sa.BigInteger),
        sa.Column("held_out", sa.Boolean, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
    )
    op.create_index("actions_by_customer", "actions", ["customer_id", "at"])
    op.create_index("actions_by_time", "actions", ["at"])


def _worth() -> None:
    for name, kind in (
        ("value", sa.Float),
        ("effect", sa.Float),
        ("gain", sa.Float),
        ("place", sa.BigInteger),
        ("barred", sa.String(40)),
        ("never_held_out", sa.Boolean),
    ):
        op.add_column("scores", sa.Column(name, kind))
    for index, columns, given in (
        ("scores_by_place", ["place"], "place IS NOT NULL"),
        ("scores_by_band_and_place", ["band", "place"], "place IS NOT NULL"),
        ("scores_by_theme_and_place", ["theme", "place"], "theme IS NOT NULL"),
        ("scores_by_segment_and_place", ["segment", "place"], "segment IS NOT NULL"),
    ):
        where = sa.text(given)
        op.create_index(index, "scores", ["score_set_id", *columns], sqlite_where=where, postgresql_where=where)
    op.add_column("score_sets", sa.Column("worth", sa.JSON))
    for name, kind in (("sort", sa.String(8)), ("draw", sa.String(10))):
        op.add_column("lists", sa.Column(name, kind))
    for name, kind in (
        ("value", sa.Float),
        ("effect", sa.Float),
        ("gain", sa.Float),
        ("segment", TEXT),
        ("playbook", sa.String(40)),
        ("propensity", sa.Float),
    ):
        op.add_column("list_members", sa.Column(name, kind))
