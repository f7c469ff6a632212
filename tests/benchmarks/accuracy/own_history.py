"""What the simplest rivals look at: a unit's own days of the outcome's kinds, as of a date. All in days.

It is a feature file like those of a project, so the rule of what was known as of a date is that of every other
feature. Its columns are handed to the rivals alone. Today, not yet over, is no day of `own_T`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.history.history import View

YEAR = 364
"""The days over which frequency and money are counted."""

NAMES = ("own_x", "own_t_x", "own_T", "own_days_since_last", "own_gap_mean", "own_frequency", "own_money")


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Repeat days, age at the last of them, age now; silence and usual gap; days and money of a year."""
    past = view.kind(*context.subject) if context.subject else view.any
    daily = past.daily
    first, silence, gaps = daily.days_since_first(), daily.days_since(), daily.gap_count()
    columns: dict[str, Values] = {
        "own_x": np.where(daily.seen, daily.count() - 1.0, np.nan),
        "own_t_x": first - silence,
        "own_T": np.where(daily.seen, first - 1.0, np.nan),
        "own_days_since_last": silence,
        "own_gap_mean": np.divide(daily.gap_total(), gaps, out=np.full(len(gaps), np.nan), where=gaps > 0),
        "own_frequency": daily.count(YEAR),
        "own_money": past.total("amount", YEAR),
    }
    for name in NAMES:
        yield Column(name, columns[name], name, "own history")
