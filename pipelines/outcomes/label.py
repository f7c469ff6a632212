"""Labels: 1 where the outcome happened in the horizon, 0 where it did not, missing where nobody can say."""

from __future__ import annotations

import datetime as dt
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.history.history import History
from tenure.pipelines.history.log import FIXED_POINT, MISSING, Log, Mask
from tenure.pipelines.history.past import Past
from tenure.pipelines.outcomes.expression import expression_labels
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.settings.outcome import (
    Cancellation,
    Decline,
    Dissatisfaction,
    Expression,
    Inactivity,
    Outcome,
)

Values = NDArray[np.float64]

GRIEVANCES = ("complaint", "dispute")
"""Kinds that are dissatisfaction by themselves, whatever rating comes with them."""


def label_end(outcome: Outcome, as_of: dt.date) -> dt.date:
    """The date from which the label of `as_of` exists: its horizon and the usual delay have passed.

    >>> from tenure.pipelines.settings.outcome import Inactivity
    >>> lapse = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28)
    >>> label_end(lapse, dt.date(2017, 12, 4))
    datetime.date(2018, 1, 1)
    """
    return as_of + dt.timedelta(days=outcome.lead_days + outcome.horizon_days + outcome.maturity_days)


def labels(horizon: Horizon) -> Values:
    """The label of each unit of the horizon; NaN is censored.

    Censored are: everybody where the time to the end of the horizon touches a declared gap; whose
    contract ends for an excluded reason and none for a counted one; and whose contract ends inside
    the lead, whatever happens later, for the question has no sense any more.
    """
    kinds = horizon.outcome.kinds or horizon.history.gaps  # not the kinds of whoever is in this chunk
    if horizon.in_gap(*kinds):
        return np.full(len(horizon.units), np.nan)
    return _labels(horizon.outcome, horizon)


@singledispatch
def _labels(outcome: Outcome, horizon: Horizon) -> Values:
    raise NotImplementedError(f"no label is defined for outcomes of type {type(outcome).__name__}")


@_labels.register
def _(outcome: Inactivity, horizon: Horizon) -> Values:
    return (horizon.count(*outcome.kinds) == 0).astype(np.float64)


@_labels.register
def _(outcome: Decline, horizon: Horizon) -> Values:
    log = horizon.log(*outcome.kinds)
    before = Past(log, horizon.as_of, horizon.units)
    if outcome.measure == "count":
        then, now = before.count(outcome.horizon_days), horizon.count(*outcome.kinds)
    else:
        then = before.total("amount", outcome.horizon_days)
        now = horizon.total("amount", *outcome.kinds) / FIXED_POINT
    return np.where(then > 0, (now < outcome.below * then).astype(np.float64), np.nan)


@_labels.register
def _(outcome: Cancellation, horizon: Horizon) -> Values:
    ends = horizon.log(*outcome.kinds)
    counted, away = counted_ends(outcome, horizon.history, ends)

    def count(name: str, mask: Mask) -> Values:
        chosen = (name, outcome.cause, outcome.payment_reasons, outcome.exclude_reasons)
        return horizon.count_where(ends.where(chosen, lambda: mask))

    happened = count("counted", counted) > 0
    too_early = horizon.count_in_lead(*outcome.kinds) > 0
    censored = too_early | ((count("away", away) > 0) & ~happened)
    return np.where(censored, np.nan, happened.astype(np.float64))


def counted_ends(outcome: Cancellation, history: History, ends: Log) -> tuple[Mask, Mask]:
    """Which of the rows that end contracts count by their cause, and which are left out by their reason."""
    reasons, reason = history.reasons, ends.values["reason"]
    excluded = [i for i, name in enumerate(reasons) if name in outcome.exclude_reasons]
    payment = [i for i, name in enumerate(reasons) if name in outcome.payment_reasons]
    by_payment = np.isin(reason, payment)
    counted = {"any": np.ones(len(ends), dtype=bool), "payment": by_payment, "voluntary": ~by_payment}[outcome.cause]
    away = np.isin(reason, excluded)
    return counted & ~away, away


@_labels.register
def _(outcome: Dissatisfaction, horizon: Horizon) -> Values:
    log = horizon.log(*outcome.kinds)
    rating = log.values["rating"]
    bad_rating = (rating != MISSING) & (rating <= round(outcome.max_rating * FIXED_POINT))
    grievances = [i for i, kind in enumerate(horizon.history.kinds) if kind in GRIEVANCES]
    bad = bad_rating | np.isin(log.values["kind"], grievances)
    return (horizon.count_where(log.where(("bad", outcome.max_rating), lambda: bad)) > 0).astype(np.float64)


@_labels.register
def _(outcome: Expression, horizon: Horizon) -> Values:
    return expression_labels(outcome, horizon)
