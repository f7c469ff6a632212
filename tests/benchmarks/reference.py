"""The 64 reference features, written with the verbs of the kernel, as a family is.

Six kinds over five windows: counts (30), totals (10) and means (10) of numbers, days since the last
(6), gaps between interactions (4), trends (4). `PLAIN` says the same as data, for the contenders.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.history.history import View

KINDS = ("purchase", "self_service", "contact_opened", "message_out", "resolved", "survey_answered")
WINDOWS = (7, 28, 91, 182, 364)
TOTALS = (("purchase", "amount"), ("message_out", "wait_seconds"))
MEANS = (("purchase", "amount"), ("survey_answered", "rating"))
COUNT_TRENDS = ("any", "purchase", "contact_opened")
TREND = (28, 91)


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """The reference features of a view."""
    for name, values in reference_features(view):
        yield Column(name, values, name.replace("_", " "), "reference")


def reference_features(view: View) -> Iterator[tuple[str, Values]]:
    """Names and values of the 64 features."""
    for kind in KINDS:
        past = view.kind(kind)
        for days in WINDOWS:
            yield f"{kind}_count_{days}d", past.count(days)
        yield f"{kind}_days_since", past.days_since()
    for kind, number in TOTALS:
        for days in WINDOWS:
            yield f"{kind}_{number}_total_{days}d", view.kind(kind).total(number, days)
    for kind, number in MEANS:
        for days in WINDOWS:
            yield f"{kind}_{number}_mean_{days}d", view.kind(kind).mean(number, days)
    yield from _gaps(view)
    short, long = TREND
    for name in COUNT_TRENDS:
        past = view.any if name == "any" else view.kind(name)
        yield f"{name}_trend", trend(past.count(short), past.count(long))
    amounts = view.kind("purchase")
    yield "purchase_amount_trend", trend(amounts.total("amount", short), amounts.total("amount", long))


def _gaps(view: View) -> Iterator[tuple[str, Values]]:
    count, total, squares = view.any.gap_count(), view.any.gap_total(), view.any.gap_total(2)
    yield from gap_features(count, total, squares)
    yield "gap_largest", view.any.gap_largest()
    yield "gap_last", view.any.gap_before_last()


def gap_features(count: Values, total: Values, squares: Values) -> Iterator[tuple[str, Values]]:
    """Mean and spread of the gaps from their number, sum and sum of squares."""
    mean = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    square = np.divide(squares, count, out=np.full(len(count), np.nan), where=count > 0)
    yield "gap_mean", mean
    yield "gap_std", np.sqrt(np.maximum(square - mean**2, 0.0))


def trend(short: Values, long: Values) -> Values:
    """The log of the daily rate in the short window over that in the rest of the long one."""
    days, rest = TREND[0], TREND[1] - TREND[0]
    return np.log((short + 0.5) / days) - np.log((np.maximum(long - short, 0.0) + 0.5) / rest)
