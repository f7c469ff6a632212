"""Who may have crossed a limit: asked of the database, so that nobody looks at the millions who did not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from tenure.pipelines.alerts.judging import WEEK, limits_of, worth_a_look
from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.study import Bands
from tenure.pipelines.store.alert_tables import alert_states
from tenure.pipelines.store.desk_tables import past_scores
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import scores


def who_crossed(
    connection: Connection, found: ScoreSet, alerts: Alerts, bands: Bands, *, before: int | None
) -> list[str]:
    """The customers of a set whose state may be another than before, the highest risk first.

    `before` is the set that was looked through before this one, by the same model and within a week.
    """
    limits = limits_of(alerts, bands)
    names = _entered(connection, found, limits)
    least = worth_a_look(alerts)
    if least is not None:
        names += _risen(connection, found, least, before)
    names += _left(connection, found, limits, alerts.margin)
    return list(dict.fromkeys(names))


def place_of(band: ColumnElement[str], limits: Mapping[str, float]) -> ColumnElement[int]:
    """The place of a band among those of which people are told, from 1; 0 for any other and none."""
    return case(*((band == name, place) for place, name in enumerate(limits, start=1)), else_=0)


def _entered(connection: Connection, found: ScoreSet, limits: Mapping[str, float]) -> list[str]:
    """Those in a higher band than the one they were in, by the index of bands alone."""
    query = (
        select(scores.c.customer_id)
        .outerjoin(alert_states, _theirs(found))
        .where(scores.c.score_set_id == found.score_set_id, scores.c.band.in_(list(limits)))
        .where(place_of(scores.c.band, limits) > place_of(alert_states.c.band, limits))
        .order_by(scores.c.rank)
    )
    return list(connection.scalars(query))


def _left(connection: Connection, found: ScoreSet, limits: Mapping[str, float], margin: float) -> list[str]:
    """Those in a state who may be in it no more."""
    floor = case(
        *((alert_states.c.band == name, literal(limit - margin)) for name, limit in limits.items()), else_=literal(2.0)
    )
    mine = and_(scores.c.score_set_id == found.score_set_id, scores.c.customer_id == alert_states.c.customer_id)
    held = or_(alert_states.c.band.is_not(None), alert_states.c.risen, alert_states.c.unusual)
    gone = func.coalesce(func.max(scores.c.probability), -1.0) < floor
    query = (
        select(alert_states.c.customer_id)
        .outerjoin(scores, mine)
        .where(alert_states.c.outcome == found.outcome, held)
        .group_by(alert_states.c.customer_id, alert_states.c.band, alert_states.c.risen, alert_states.c.unusual)
        .having(or_(alert_states.c.risen, alert_states.c.unusual, gone))
        .order_by(alert_states.c.customer_id)
    )
    return list(connection.scalars(query))


def _risen(connection: Connection, found: ScoreSet, least: float, before: int | None) -> list[str]:
    """Those with a unit that rose by `least` within a week, as far as it is remembered, or since the set before."""
    mine = scores.c.score_set_id == found.score_set_id
    first = (found.as_of - dt.timedelta(days=WEEK)).isoformat()
    past = (past_scores.c.outcome == found.outcome) & (past_scores.c.model_version == found.model_version)
    same = (past_scores.c.unit_id == scores.c.unit_id) & (past_scores.c.customer_id == scores.c.customer_id)
    remembered = (
        select(scores.c.customer_id, scores.c.rank)
        .join(past_scores, same)
        .where(mine, past, past_scores.c.as_of >= first, past_scores.c.as_of < found.as_of.isoformat())
        .where(scores.c.probability - past_scores.c.probability >= least)
    )
    rows = {(row.customer_id, row.rank) for row in connection.execute(remembered)}
    if before is not None:
        old = scores.alias("old")
        same = (old.c.customer_id == scores.c.customer_id) & (old.c.unit_id == scores.c.unit_id)
        since = (
            select(scores.c.customer_id, scores.c.rank)
            .join(old, and_(old.c.score_set_id == before, same))
            .where(mine, scores.c.probability >= least, scores.c.probability - old.c.probability >= least)
        )
        rows |= {(row.customer_id, row.rank) for row in connection.execute(since)}
    return [customer for customer, _ in sorted(rows, key=lambda row: row[1])]


def _theirs(found: ScoreSet) -> ColumnElement[bool]:
    return and_(alert_states.c.outcome == found.outcome, alert_states.c.customer_id == scores.c.customer_id)
