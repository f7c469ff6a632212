"""People who log in, what they do on the desk, and what desk and panel show beside a risk."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add their tables and columns."""
    for name, kind in (("facts", sa.JSON), ("theme", sa.String(40)), ("segment", TEXT)):
        op.add_column("scores", sa.Column(name, kind))
    op.add_column("score_sets", sa.Column("histogram", sa.JSON))
    op.add_column("overlays", sa.Column("facts", sa.JSON))
    for name in ("theme", "segment"):
        given = sa.text(f"{name} IS NOT NULL")
        columns = ["score_set_id", name, "rank"]
        op.create_index(f"scores_by_{name}", "scores", columns, sqlite_where=given, postgresql_where=given)
    given, columns = sa.text("segment IS NOT NULL"), ["score_set_id", "segment", "theme", "rank"]
    op.create_index("scores_by_segment_and_theme", "scores", columns, sqlite_where=given, postgresql_where=given)
    _people()
    _desk()
    _lists()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("invitation", sa.String(64)),
        sa.Column("invited_until", sa.DateTime),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("disabled_at", sa.DateTime),
        sa.Column("sessions_from", sa.DateTime, nullable=False),
        sa.Column("language", sa.String(8)),
    )
    op.create_table(
        "external_ids",
        sa.Column("source", TEXT, primary_key=True),
        sa.Column("external_id", TEXT, primary_key=True),
        sa.Column("customer_id", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("external_ids_by_customer", "external_ids", ["customer_id"])


def _desk() -> None:
    op.create_table(
        "past_scores",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("unit_id", TEXT, primary_key=True),
        sa.Column("as_of", sa.String(10), primary_key=True),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("band", sa.String(12), nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("past_scores_by_customer", "past_scores", ["customer_id"])
    op.create_index("past_scores_by_day", "past_scores", ["outcome", "as_of"])
    op.create_table(
        "cares",
        sa.Column("outcome", sa.String(40), primary_key=True),
        sa.Column("customer_id", TEXT, primary_key=True),
        sa.Column("owner", sa.String(200)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("snoozed_until", sa.String(10)),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("note_id", ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("notes_by_customer", "notes", ["customer_id", "note_id"])
    op.create_table(
        "feedback",
        sa.Column("feedback_id", ID, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("text", sa.String),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("probability", sa.Float),
        sa.Column("band", sa.String(12)),
        sqlite_autoincrement=True,
    )
    op.create_index("feedback_by_customer", "feedback", ["customer_id", "feedback_id"])


def _lists() -> None:
    op.create_table(
        "lists",
        sa.Column("list_id", ID, primary_key=True),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("score_set_id", sa.BigInteger, nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("capacity", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("lists_by_outcome", "lists", ["outcome", "list_id"])
    op.create_table(
        "list_members",
        sa.Column("list_id", ID, sa.ForeignKey("lists.list_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("unit_id", TEXT, primary_key=True),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("band", sa.String(12), nullable=False),
        sa.Column("held_out", sa.Boolean, nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("reasons", sa.JSON),
    )
