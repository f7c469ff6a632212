"""The tables of the store."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

EVENT_ID = BigInteger().with_variant(Integer, "sqlite")
"""A number given by the database; SQLite counts only what it calls an integer."""

TEXT = String().with_variant(String(collation="C"), "postgresql")
"""Text that is ordered by its code points in every database."""

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", String(32), primary_key=True),
    Column("created_at", DateTime, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("summary", JSON, nullable=False),
)
"""A commit of the lake is one row; the newest is the current one."""

score_sets = Table(
    "score_sets",
    metadata,
    Column("score_set_id", Integer, primary_key=True),
    Column("outcome", String(40), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("snapshot_id", String(32), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("definition", String, nullable=False),
    Column("verdict", String(24), nullable=False),
    Column("stale", Boolean, nullable=False, default=False),
    Column("counts", JSON, nullable=False),
    Column("bands", JSON(none_as_null=True)),
    Column("histogram", JSON(none_as_null=True)),
    Column("worth", JSON(none_as_null=True)),
)
"""Complete sets of scores: one outcome, one model version, one as_of, every unit known by then.

`counts` are units by status, `bands` scored units by band, `histogram` scored units by probability, in equal steps,
`worth` what was found of contacts (null in sets of earlier releases).
"""

scores = Table(
    "scores",
    metadata,
    Column("score_set_id", ForeignKey("score_sets.score_set_id", ondelete="CASCADE"), primary_key=True),
    Column("customer_id", TEXT, primary_key=True),
    Column("unit_id", TEXT, primary_key=True),
    Column("status", String(16), nullable=False),
    Column("probability", Float),
    Column("band", String(12)),
    Column("rank", BigInteger),
    Column("reasons", JSON),
    Column("facts", JSON),
    Column("theme", String(40)),
    Column("segment", TEXT),
    Column("value", Float),
    Column("effect", Float),
    Column("gain", Float),
    Column("place", BigInteger),
    Column("barred", String(40)),
    Column("never_held_out", Boolean),
    Column("probability_low", Float),
    Column("probability_high", Float),
    sqlite_with_rowid=False,
)
"""A row a unit. `rank` 1 is the highest risk; only `scored` units have probability, band and rank.

`probability_low` and `probability_high` are the ends of its interval (null: its model has none).

`facts` are what desk and panel show beside the risk; `theme`, that of the strongest reason, and `segment` are by
what lists are filtered. Only units near the top have them, and of the rest whoever waits for something.

`value` is what is lost with the customer, `effect` by how much a contact lowers the probability (null: not known),
`gain` what a contact is expected to bring. `barred` is the cause for which the customer is not contacted; everybody
else with a gain above 0 has a `place`, 1 for the highest. The hold-out does not touch any of these.

The key starts with set and customer because a look-up does: without statistics SQLite prefers a
key that shares one column with the question to an index that shares two, and reads the whole set.
"""
Index("scores_by_rank", scores.c.score_set_id, scores.c.rank)
Index("scores_by_band", scores.c.score_set_id, scores.c.band, scores.c.rank)
_PLACED = scores.c.place.is_not(None)
Index(
    "scores_by_place", scores.c.score_set_id, scores.c.place,
    sqlite_where=_PLACED, postgresql_where=_PLACED,
)  # fmt: skip
Index(
    "scores_by_band_and_place", scores.c.score_set_id, scores.c.band, scores.c.place,
    sqlite_where=_PLACED, postgresql_where=_PLACED,
)  # fmt: skip
_THEMED, _SEGMENTED = scores.c.theme.is_not(None), scores.c.segment.is_not(None)
Index(
    "scores_by_theme", scores.c.score_set_id, scores.c.theme, scores.c.rank,
    sqlite_where=_THEMED, postgresql_where=_THEMED,
)  # fmt: skip
Index(
    "scores_by_segment", scores.c.score_set_id, scores.c.segment, scores.c.rank,
    sqlite_where=_SEGMENTED, postgresql_where=_SEGMENTED,
)  # fmt: skip

Index(
    "scores_by_segment_and_theme", scores.c.score_set_id, scores.c.segment, scores.c.theme, scores.c.rank,
    sqlite_where=_SEGMENTED, postgresql_where=_SEGMENTED,
)  # fmt: skip

Index(
    "scores_by_theme_and_place", scores.c.score_set_id, scores.c.theme, scores.c.place,
    sqlite_where=_THEMED, postgresql_where=_THEMED,
)  # fmt: skip
Index(
    "scores_by_segment_and_place", scores.c.score_set_id, scores.c.segment, scores.c.place,
    sqlite_where=_SEGMENTED, postgresql_where=_SEGMENTED,
)  # fmt: skip

published = Table(
    "published",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("score_set_id", ForeignKey("score_sets.score_set_id"), nullable=False),
)
"""The one pointer that readers follow: which score set of an outcome is served."""

contexts = Table(
    "contexts",
    metadata,
    Column("score_set_id", ForeignKey("score_sets.score_set_id", ondelete="CASCADE"), primary_key=True),
    Column("tables", JSON, nullable=False),
)
"""What a score set's features knew of others: the context tables of its as_of, where there are any."""

looks = Table(
    "looks",
    metadata,
    Column("look_id", Integer, primary_key=True),
    Column("looked_at", DateTime, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("origins", JSON, nullable=False),
    Column("config", String(64), nullable=False),
    Column("result", JSON, nullable=False),
)
"""The ledger: every look at the report origins, appended and never changed."""

events = Table(
    "events",
    metadata,
    Column("event_id", EVENT_ID, primary_key=True),
    Column("received_at", DateTime, nullable=False),
    Column("source", String(40), nullable=False),
    Column("interaction_id", TEXT, nullable=False),
    Column("customer_id", TEXT, nullable=False),
    Column("known_at", DateTime, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("row", JSON, nullable=False),
    sqlite_autoincrement=True,
)
"""Interactions that were delivered one by one, in the order in which they were acknowledged; never changed."""
Index("events_by_interaction", events.c.source, events.c.interaction_id, events.c.known_at, unique=True)
Index("events_by_customer", events.c.customer_id, events.c.event_id)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_key", TEXT, primary_key=True),
    Column("received_at", DateTime, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("answer", JSON, nullable=False),
)
"""What was answered to a delivery that had a key, so that it may be sent again."""

overlays = Table(
    "overlays",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("unit_id", TEXT, primary_key=True),
    Column("customer_id", TEXT, nullable=False),
    Column("score_set_id", Integer, nullable=False),
    Column("event_id", EVENT_ID, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("scored_at", DateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("probability", Float),
    Column("band", String(12)),
    Column("reasons", JSON),
    Column("changed", JSON),
    Column("facts", JSON),
    Column("probability_low", Float),
    Column("probability_high", Float),
)
"""Units scored again since their set, as of the coming midnight; they count while that set is served."""
Index("overlays_by_customer", overlays.c.customer_id)

refreshes = Table(
    "refreshes",
    metadata,
    Column("outcome", String(40), primary_key=True),
    Column("score_set_id", Integer, nullable=False),
    Column("event_id", EVENT_ID, nullable=False),
)
"""Up to which event the customers of an outcome were scored again, on top of which set."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("until", DateTime, nullable=False),
)
"""Who alone may do a piece of work, and until when."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String(16), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime),
    Column("revoked_at", DateTime),
    Column("last_used_at", DateTime),
)
"""The keys of programs; of the secret only a hash."""

audit = Table(
    "audit",
    metadata,
    Column("audit_id", EVENT_ID, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String(40), nullable=False),
    Column("of", String(40)),
    Column("detail", JSON(none_as_null=True)),
    Column("digest", String(64), nullable=False),
    sqlite_autoincrement=True,
)
"""Who did what to whom; each digest is of the entry and the digest before it."""

version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
"""Which release's tables these are, as Alembic keeps it."""
