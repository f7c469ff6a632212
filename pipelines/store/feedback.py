"""What people say is wrong about a flag, kept with the score of which they said it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk_tables import cares, feedback
from tenure.pipelines.store.score_sets import Score, ScoreSet


class Feedback(NamedTuple):
    """One such remark; `at` is in UTC."""

    at: dt.datetime
    who: str
    outcome: str
    customer_id: str
    why: str
    text: str | None
    as_of: str
    model_version: str
    probability: float | None
    band: str | None


def keep_feedback(
    engine: Engine,
    found: ScoreSet,
    customer_id: str,
    score: Score | None,
    *,
    why: str,
    text: str | None,
    who: str,
    now: dt.datetime,
) -> Feedback:
    """Keep a remark about the score that is served of a customer (None: of a customer without one)."""
    said = Feedback(
        now.astimezone(dt.UTC).replace(tzinfo=None),
        who,
        found.outcome,
        customer_id,
        why,
        text,
        str((score and score.as_of) or found.as_of),
        found.model_version,
        score.probability if score else None,
        score.band if score else None,
    )
    with alone(engine) as connection:
        connection.execute(insert(feedback).values(**said._asdict()))
    return said


def feedback_on(connection: Connection, customer_id: str) -> list[Feedback]:
    """What was said about a customer, the newest first."""
    columns = [feedback.c[name] for name in Feedback._fields]
    query = select(*columns).where(feedback.c.customer_id == customer_id).order_by(feedback.c.feedback_id.desc())
    return [Feedback(*row) for row in connection.execute(query)]


def all_feedback(connection: Connection, outcome: str) -> list[Feedback]:
    """What was said about the scores of an outcome, the oldest first."""
    columns = [feedback.c[name] for name in Feedback._fields]
    query = select(*columns).where(feedback.c.outcome == outcome).order_by(feedback.c.feedback_id)
    return [Feedback(*row) for row in connection.execute(query)]


def counted_feedback(connection: Connection, outcome: str, *, since: dt.datetime) -> dict[str, dict[str, int]]:
    """How often each reason was given since a moment, by the band that was shown; `none` where there was none."""
    moment = since.astimezone(dt.UTC).replace(tzinfo=None)
    band = func.coalesce(feedback.c.band, "none")
    query = (
        select(feedback.c.why, band, func.count())
        .where(feedback.c.outcome == outcome, feedback.c.at >= moment)
        .group_by(feedback.c.why, band)
    )
    found: dict[str, dict[str, int]] = {}
    for why, shown, count in connection.execute(query):
        found.setdefault(why, {})[shown] = count
    return found


def counted_cares(connection: Connection, outcome: str) -> dict[str, int]:
    """How many customers of whom somebody took care are in each status by now."""
    query = select(cares.c.status, func.count()).where(cares.c.outcome == outcome).group_by(cares.c.status)
    return {str(status): int(count) for status, count in connection.execute(query)}
