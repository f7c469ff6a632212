"""Activity: how much happened, over which windows, and whether it is more or less than before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.subject import Subject, subjects
from tenure.pipelines.history.history import View

HALF_LIVES = (7, 28, 112)
CHANNEL_WINDOWS = (28, 91)
MONTH = 28
TRENDS = ((7, 28), (28, 91), (91, 182))


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Counts, active days, decayed counts and trends of every subject; counts by channel."""
    for subject in subjects(view, context, fitted):
        yield from _counts(subject, context, view)
        if subject.rich:
            yield from _decayed(subject, view)
            yield from _trends(subject, view)
            yield from _weeks(subject, view)
    for channel in fitted.named("channel"):
        past = view.channel(channel)
        for days in CHANNEL_WINDOWS:
            meaning = f"interactions by {channel.replace('_', ' ')} in the last {days} days"
            values = past.count(days) * view.scale(days)
            yield Column(f"by_{channel}_count_{days}d", values, meaning, "activity", 0, f"channel:{channel}")


def _counts(subject: Subject, context: Context, view: View) -> Iterator[Column]:
    for days in subject.windows(context):
        name, past, noun, scale = subject.name, subject.past, subject.noun, view.scale(days)
        meaning = f"{noun} in the last {days} days"
        yield Column(f"{name}_count_{days}d", past.count(days) * scale, meaning, "activity", 0, subject.needs)
    if subject.rich:
        values, meaning = subject.past.active_days(MONTH), f"days with {subject.noun} in the last {MONTH} days"
        yield Column(f"{subject.name}_active_days_{MONTH}d", values, meaning, "activity", 0, subject.needs)


def _decayed(subject: Subject, view: View) -> Iterator[Column]:
    for half_life in HALF_LIVES:
        values = subject.past.daily.decayed(half_life) * decay_scale(view, half_life)
        meaning = f"days with {subject.noun}, each counting half as much every {half_life} days"
        yield Column(f"{subject.name}_decayed_{half_life}d", values, meaning, "activity", 0, subject.needs)


def _trends(subject: Subject, view: View) -> Iterator[Column]:
    for short, long in TRENDS:
        if view.observes(long):
            values = log_rate_ratio(subject.past.active_days(short), subject.past.active_days(long), short, long)
            meaning = f"pace of {subject.noun} in the last {short} days against the {long - short} before (log ratio)"
            yield Column(f"{subject.name}_trend_{short}d_{long}d", values, meaning, "activity", 0, subject.needs)


def _weeks(subject: Subject, view: View) -> Iterator[Column]:
    for weeks in (4, 12):
        if view.observes(7 * weeks):
            meaning = f"of the last {weeks} weeks, those with {subject.noun}"
            values = subject.past.active_weeks(weeks)
            yield Column(f"{subject.name}_active_weeks_{weeks}w", values, meaning, "activity", 0, subject.needs)


def decay_scale(view: View, half_life: int) -> float:
    """What a decayed sum is multiplied by where the data are too young for its whole weight."""
    return float(1.0 / (1.0 - 0.5 ** (max(view.observed_days, 1.0) / half_life)))


def log_rate_ratio(short: Values, long: Values, short_days: int, long_days: int) -> Values:
    """Log of the daily rate inside the short window over the rate before it, half an event added to both.

    >>> log_rate_ratio(np.array([4.0]), np.array([13.0]), 28, 91).round(3).tolist()
    [0.064]
    """
    before = np.maximum(long - short, 0.0)
    return np.log((short + 0.5) / short_days) - np.log((before + 0.5) / (long_days - short_days))
