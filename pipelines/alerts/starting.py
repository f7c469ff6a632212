"""Beginning anew with a set that says only what is so already, and forgetting what no alert depends on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, literal, not_, or_, select, update

from tenure.pipelines.alerts.judging import limits_of
from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.study import Bands
from tenure.pipelines.store.alert_tables import alert_states, alerts, digests
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import scores

KEPT_DAYS = 400


def start_over(connection: Connection, found: ScoreSet, settings: Alerts, bands: Bands) -> None:
    """Put everybody of an outcome into the band they are in by a set, without telling anybody."""
    limits = limits_of(settings, bands)
    mine = alert_states.c.outcome == found.outcome
    connection.execute(delete(alert_states).where(mine, _never_told()))
    inside = and_(scores.c.score_set_id == found.score_set_id, scores.c.band.in_(list(limits)))
    reached = _reached(limits)
    own = select(reached).where(inside, scores.c.customer_id == alert_states.c.customer_id)
    connection.execute(update(alert_states).where(mine).values(band=own.scalar_subquery(), risen=False, unusual=False))
    there = select(alert_states.c.customer_id).where(mine)
    others = (
        select(literal(found.outcome), scores.c.customer_id, reached, literal(False), literal(False))
        .where(inside, scores.c.customer_id.not_in(there))
        .group_by(scores.c.customer_id)
    )
    names = ["outcome", "customer_id", "band", "risen", "unusual"]
    connection.execute(insert(alert_states).from_select(names, others))


def sweep(connection: Connection, outcome: str, settings: Alerts, *, today: dt.date) -> None:
    """Forget the states of whoever is in none and may be told of again, and what is older than `KEPT_DAYS`."""
    warm = (today - dt.timedelta(days=settings.cool_down_days)).isoformat()
    quiet = and_(alert_states.c.band.is_(None), not_(alert_states.c.risen), not_(alert_states.c.unusual))
    told = (alert_states.c.level_on, alert_states.c.drop_on, alert_states.c.baseline_on)
    cold = and_(*(func.coalesce(day, "") <= warm for day in told))
    connection.execute(delete(alert_states).where(alert_states.c.outcome == outcome, quiet, cold))
    oldest = (today - dt.timedelta(days=KEPT_DAYS)).isoformat()
    connection.execute(delete(alerts).where(alerts.c.outcome == outcome, alerts.c.day < oldest))
    connection.execute(delete(digests).where(digests.c.day < oldest))


def _never_told() -> ColumnElement[bool]:
    told = (alert_states.c.level_on, alert_states.c.drop_on, alert_states.c.baseline_on)
    return not_(or_(*(day.is_not(None) for day in told)))


def _reached(limits: Mapping[str, float]) -> ColumnElement[str]:
    """The highest band that the riskiest of a customer's units has reached."""
    highest = func.max(case(*((scores.c.band == name, place) for place, name in enumerate(limits)), else_=-1))
    return case(*((highest == place, literal(name)) for place, name in enumerate(limits)))
