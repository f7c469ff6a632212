"""The score over time: what was served of the units near the top, a row a midnight."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, literal, select

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk_tables import past_scores
from tenure.pipelines.store.promotions import series_begins
from tenure.pipelines.store.tables import score_sets, scores

REMEMBERED = 20_000
"""Units of a set that are remembered, the highest risks."""

KEPT_DAYS = 400


class Past(NamedTuple):
    """What was served of a unit as of a midnight."""

    unit_id: str
    as_of: str
    probability: float
    band: str
    model_version: str


def remember_scores(engine: Engine, score_set_id: int) -> None:
    """Remember the top of a set that was published, in the place of another of that day."""
    with alone(engine) as connection:
        head = connection.execute(select(score_sets).where(score_sets.c.score_set_id == score_set_id)).one()
        oldest = (dt.date.fromisoformat(head.as_of) - dt.timedelta(days=KEPT_DAYS)).isoformat()
        mine = past_scores.c.outcome == head.outcome
        connection.execute(delete(past_scores).where(mine, past_scores.c.as_of == head.as_of))
        connection.execute(delete(past_scores).where(mine, past_scores.c.as_of < oldest))
        top = select(
            literal(head.outcome), scores.c.unit_id, literal(head.as_of), scores.c.customer_id, scores.c.probability,
            scores.c.band, literal(head.model_version),
        ).where(scores.c.score_set_id == score_set_id, scores.c.rank <= REMEMBERED)  # fmt: skip
        names = ["outcome", "unit_id", "as_of", "customer_id", "probability", "band", "model_version"]
        connection.execute(past_scores.insert().from_select(names, top))


def past_of(connection: Connection, outcome: str, customer_id: str) -> list[Past]:
    """What was served of a customer's units, the oldest first, by the definition that counts now."""
    query = (
        select(*(past_scores.c[name] for name in Past._fields))
        .where(past_scores.c.customer_id == customer_id, _of_series(outcome))
        .order_by(past_scores.c.as_of, past_scores.c.unit_id)
    )
    return [Past(*row) for row in connection.execute(query)]


def served_before(
    connection: Connection, outcome: str, units: list[str], *, until: dt.date, days: int = KEPT_DAYS
) -> dict[str, Past]:
    """What was served last of some units as of a date, or at most so many days before it."""
    newest = (
        select(past_scores.c.unit_id, func.max(past_scores.c.as_of).label("as_of"))
        .where(_of_series(outcome), past_scores.c.unit_id.in_(units))
        .where(past_scores.c.as_of.between((until - dt.timedelta(days=days)).isoformat(), until.isoformat()))
        .group_by(past_scores.c.unit_id)
        .subquery()
    )
    query = (
        select(*(past_scores.c[name] for name in Past._fields))
        .join(newest, (newest.c.unit_id == past_scores.c.unit_id) & (newest.c.as_of == past_scores.c.as_of))
        .where(past_scores.c.outcome == outcome)
    )
    return {row.unit_id: Past(*row) for row in connection.execute(query)}


def last_served(connection: Connection, outcome: str, *, before: dt.date) -> dict[str, Past]:
    """What was served as of the last midnight before a date, by unit."""
    mine = _of_series(outcome)
    newest = select(func.max(past_scores.c.as_of)).where(mine, past_scores.c.as_of < before.isoformat())
    query = select(*(past_scores.c[name] for name in Past._fields)).where(
        mine, past_scores.c.as_of == newest.scalar_subquery()
    )
    return {row.unit_id: Past(*row) for row in connection.execute(query)}


def _of_series(outcome: str) -> ColumnElement[bool]:
    """Of an outcome, since its definition is what it is."""
    return (past_scores.c.outcome == outcome) & (past_scores.c.as_of >= func.coalesce(series_begins(outcome), ""))
