"""Score sets: written complete in one transaction, served by flipping one pointer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Engine, Select, bindparam, delete, func, insert, select, update

from tenure.models.intervals import unsure
from tenure.pipelines.store.bulk import append_rows, count_values
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.decision_tables import held_places
from tenure.pipelines.store.score_rows import ScoreSetError, batches, checked
from tenure.pipelines.store.steps import in_steps
from tenure.pipelines.store.tables import contexts, published, score_sets, scores
from tenure.pipelines.store.worth import summed_up

GOING = "going"
"""Who writes a set and who takes people out of the store wait for each other."""

Gone = Callable[[Connection, Iterable[str]], set[str]]
"""Says who of some customers must not be in a set any more."""


class ScoreSet(NamedTuple):
    """The header of a score set; it never changes once written."""

    score_set_id: int
    outcome: str
    as_of: dt.date
    model_version: str
    snapshot_id: str
    created_at: dt.datetime
    definition: str
    verdict: str
    stale: bool
    counts: dict[str, int]
    bands: dict[str, int] | None = None
    histogram: list[int] | None = None
    worth: dict[str, Any] | None = None


class Score(NamedTuple):
    """One unit's row in a score set; only `scored` units have probability, band and rank.

    A unit that was scored again since has no rank, and says as of when, at what time and what changed.
    """

    unit_id: str
    customer_id: str
    status: str
    probability: float | None
    band: str | None
    rank: int | None
    reasons: list[dict[str, Any]] | None
    facts: dict[str, Any] | None = None
    probability_low: float | None = None
    probability_high: float | None = None
    as_of: str | None = None
    scored_at: dt.datetime | None = None
    changed: dict[str, Any] | None = None

    @property
    def low_confidence(self) -> bool | None:
        """Whether the probability may as well be much lower or higher; None where that is not known."""
        return unsure(self.probability_low, self.probability_high)


def write_score_set(
    engine: Engine,
    rows: pd.DataFrame | pa.Table,
    *,
    outcome: str,
    as_of: dt.date,
    model_version: str,
    snapshot_id: str,
    created_at: dt.datetime,
    definition: str,
    verdict: str,
    stale: bool = False,
    context: Mapping[str, Any] | None = None,
    assumed: Mapping[str, Any] | None = None,
    gone: Gone | None = None,
) -> int:
    """Write a complete score set and return its number; nobody reads it before `publish`.

    `rows` has `COLUMNS`, a row a unit: `reasons` is a list of dicts or missing. It may have `SHOWN` and `WORTH`. The
    rank is given here, by probability and then `unit_id`. `created_at` is in UTC. `context` are the context
    tables with which the features were computed, `assumed` the terms with which `WORTH` was, as plain data. `gone`
    says, when the set is written, who of its customers must not be in it any more.
    """
    table = rows.to_pandas() if isinstance(rows, pa.Table) else rows
    frame = checked(table)
    with alone(engine, GOING) as connection:
        left = gone(connection, frame["customer_id"].unique()) if gone else None
        frame = checked(frame.loc[~frame["customer_id"].isin(left)]) if left else frame
        about = _header(
            frame, "gain" in table.columns, assumed, outcome=outcome, as_of=as_of.isoformat(),
            model_version=model_version, snapshot_id=snapshot_id, created_at=_in_utc(created_at),
            definition=definition, verdict=verdict, stale=stale,
        )  # fmt: skip
        number = int(connection.execute(insert(score_sets).returning(score_sets.c.score_set_id), about).scalar_one())
        names = scores.columns.keys()
        for batch in batches(frame, number, names=names):
            append_rows(connection, scores, names, batch)
        count_values(connection, scores)
        if context:
            connection.execute(insert(contexts), {"score_set_id": number, "tables": dict(context)})
    return number


def _header(frame: pd.DataFrame, valued: bool, assumed: Mapping[str, Any] | None, **about: Any) -> dict[str, Any]:
    scored = frame.loc[frame["status"] == "scored", "band"]
    return {
        **about,
        "counts": {str(k): int(n) for k, n in frame["status"].value_counts().items()},
        "histogram": in_steps(frame["probability"].dropna()),
        "bands": {str(k): int(n) for k, n in scored.value_counts().items()},
        "worth": summed_up(frame, assumed) if valued else None,
    }


def publish(engine: Engine, outcome: str, score_set_id: int) -> None:
    """Serve this score set from now on; the one served before is kept, older ones are swept."""
    with alone(engine) as connection:
        previous = point_to(connection, outcome, score_set_id)
    if previous != score_set_id:
        sweep(engine, outcome, keep=previous)


def point_to(connection: Connection, outcome: str, score_set_id: int) -> int | None:
    """Let the pointer name this score set, in a transaction of the caller's; the number of the one before."""
    found = connection.scalar(select(score_sets.c.outcome).where(score_sets.c.score_set_id == score_set_id))
    if found != outcome:
        what = f"belongs to outcome {found!r}" if found else "does not exist"
        raise ScoreSetError(f"score set {score_set_id} {what}; `tenure score` writes one for {outcome!r}")
    previous = published_number(connection, outcome)
    if previous is None:
        connection.execute(insert(published).values(outcome=outcome, score_set_id=score_set_id))
    else:
        connection.execute(update(published).where(published.c.outcome == outcome).values(score_set_id=score_set_id))
    return previous


def set_of(
    connection: Connection,
    outcome: str,
    model_version: str,
    *,
    as_of: dt.date | None = None,
    snapshot_id: str | None = None,
) -> ScoreSet | None:
    """The newest complete score set of a model, be it published or not; of one date and snapshot where they are given.

    None where there is none.
    """
    wanted = (score_sets.c.outcome == outcome) & (score_sets.c.model_version == model_version)
    if as_of is not None:
        wanted &= score_sets.c.as_of == as_of.isoformat()
    if snapshot_id is not None:
        wanted &= score_sets.c.snapshot_id == snapshot_id
    number = connection.scalar(select(func.max(score_sets.c.score_set_id)).where(wanted))
    return None if number is None else score_set(connection, number)


def published_number(connection: Connection, outcome: str) -> int | None:
    """The number of the score set that is served for an outcome, or None before the first."""
    number: int | None = connection.scalar(_PUBLISHED, {"wanted": outcome})
    return number


def score_set(connection: Connection, score_set_id: int) -> ScoreSet:
    """The header of a score set."""
    row = connection.execute(_HEADER, {"number": score_set_id}).one()
    return ScoreSet(**{**row._mapping, "as_of": dt.date.fromisoformat(row.as_of)})


def published_set(connection: Connection, outcome: str) -> ScoreSet | None:
    """The score set that is served for an outcome, or None before the first was published."""
    number = published_number(connection, outcome)
    return None if number is None else score_set(connection, number)


def context_of(connection: Connection, score_set_id: int) -> dict[str, Any]:
    """The context tables of a score set as plain data; empty where its features look at no others."""
    found = connection.scalar(select(contexts.c.tables).where(contexts.c.score_set_id == score_set_id))
    return dict(found or {})


def risk_of(connection: Connection, score_set_id: int, customer_id: str) -> list[Score]:
    """All units of a customer, the riskiest first; empty when the set does not know the customer."""
    found = connection.execute(_BY_CUSTOMER, {"number": score_set_id, "customer": held_id(customer_id)})
    return [Score(*row) for row in found]


def at_risk(
    connection: Connection, score_set_id: int, *, limit: int, offset: int = 0, band: str | None = None
) -> list[Score]:
    """A page of the scored units, highest risk first, of one band or of all."""
    query = _by_rank(score_set_id, band).order_by(scores.c.rank).limit(limit)
    # ranks count from 1 without gaps, so that a page deep in the whole list begins at a known one
    query = query.where(scores.c.rank > offset) if band is None else query.offset(offset)
    return [Score(*row) for row in connection.execute(query)]


def count_at_risk(connection: Connection, found: ScoreSet, *, band: str | None = None) -> int:
    """How many units `at_risk` would list in all."""
    if band is None:
        return found.counts.get("scored", 0)
    if found.bands is not None:
        return found.bands.get(band, 0)
    query = _by_rank(found.score_set_id, band).with_only_columns(func.count())
    return int(connection.execute(query).scalar_one())


STORED = Score._fields[: Score._fields.index("as_of")]
SCORE = tuple(scores.c[name] for name in STORED)
_RISKIEST_FIRST = (scores.c.rank.is_(None), scores.c.rank, scores.c.unit_id)
_PUBLISHED = select(published.c.score_set_id).where(published.c.outcome == bindparam("wanted"))
_HEADER = select(*(score_sets.c[name] for name in ScoreSet._fields)).where(
    score_sets.c.score_set_id == bindparam("number")
)
_BY_CUSTOMER = (
    select(*SCORE)
    .where(scores.c.score_set_id == bindparam("number"), scores.c.customer_id == bindparam("customer"))
    .order_by(*_RISKIEST_FIRST)
)


def held_id(customer_id: str) -> str:
    """The id as a column can hold it; one with a NUL belongs to nobody, since imports refuse it."""
    return customer_id.replace("\0", "\ufffd\ufffd")


def _by_rank(score_set_id: int, band: str | None) -> Select[Any]:
    query = select(*SCORE).where(scores.c.score_set_id == score_set_id, scores.c.rank.is_not(None))
    return query if band is None else query.where(scores.c.band == band)


def _in_utc(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


def sweep(engine: Engine, outcome: str, *, keep: int | None = None) -> None:
    """Remove sets older than the served one; newer ones may be about to be published.

    What stays is the set to `keep`, and of each other model its newest set as of the served date, so that it can be
    compared with what is served, and served itself.
    """
    with alone(engine) as connection:
        served = published_set(connection, outcome)
        if served is None:
            return
        others = select(func.max(score_sets.c.score_set_id)).where(
            score_sets.c.outcome == outcome,
            score_sets.c.as_of == served.as_of.isoformat(),
            score_sets.c.model_version != served.model_version,
        )
        kept = {served.score_set_id, keep, *connection.scalars(others.group_by(score_sets.c.model_version))}
        older = (score_sets.c.outcome == outcome) & (score_sets.c.score_set_id < served.score_set_id)
        swept = [n for n in connection.scalars(select(score_sets.c.score_set_id).where(older)) if n not in kept]
        for table in (contexts, held_places, scores, score_sets):
            connection.execute(delete(table).where(table.c.score_set_id.in_(swept)))
