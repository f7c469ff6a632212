"""Rhythm: how long the silence is now, measured in the customer's own gaps and habits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.subject import Subject, subjects
from tenure.pipelines.history.history import View
from tenure.pipelines.history.past import Past

HABIT_DAYS = 84
PACE_WINDOWS = (28, 91, 364)


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Recency, time known, gaps and weekday habits of every subject."""
    for subject in subjects(view, context, fitted):
        silence = subject.past.days_since()
        meaning = f"days since the last of the {subject.noun}"
        yield Column(f"{subject.name}_days_since_last", silence, meaning, "silence", 0, subject.needs)
        if subject.rich:
            yield from _known_since(subject)
            yield from _gaps(subject, context)
            yield from _habits(subject, view)
            yield from _pace(subject, context, view)


def _known_since(subject: Subject) -> Iterator[Column]:
    first = subject.past.days_since_first()
    yield Column(
        f"{subject.name}_days_since_first",
        first,
        f"days since the first of the {subject.noun}",
        "history",
        0,
        subject.needs,
    )
    pace = subject.past.active_days() / np.maximum(first, 1.0) * 7
    meaning = f"days with {subject.noun} a week, since the first"
    yield Column(f"{subject.name}_active_days_weekly", pace, meaning, "activity", 0, subject.needs)


def _gaps(subject: Subject, context: Context) -> Iterator[Column]:
    past, name, needs = subject.past.daily, subject.name, subject.needs
    silence, gaps, total = past.days_since(), past.gap_count(), past.gap_total()
    mean = _divide(total, gaps)
    spread = np.sqrt(np.maximum(_divide(past.gap_total(2), gaps) - mean**2, 0.0))
    largest = past.gap_largest()
    horizon = float(context.horizon_days)

    def column(suffix: str, values: Values, meaning: str, theme: str = "silence") -> Column:
        return Column(f"{name}_{suffix}", values, meaning, theme, 0, needs)

    yield column("gap_mean", mean, f"usual days from one day with {subject.noun} to the next")
    yield column("gap_std", spread, f"how much the gaps between {subject.noun} vary, in days")
    yield column("gap_cv", _divide(spread, mean), f"how irregular {subject.noun} are: spread of gaps over their mean")
    yield column("gap_largest", largest, f"longest gap between {subject.noun} so far, in days")
    for back in (1, 2, 3):
        meaning = f"days of the gap that ended with the {back}. latest day with {subject.noun}"
        yield column(f"gap_last_{back}", past.gap_before_last(back), meaning)
    yield column(
        "silence_in_gaps", _divide(silence, mean), "the present silence in the customer's own usual gaps", "silence"
    )
    yield column(
        "silence_in_gaps_cautious",
        silence * (gaps + 1) / (total + horizon),
        "the present silence in own usual gaps, one gap as long as the horizon added for the newcomers",
        "silence",
    )
    yield column(
        "silence_in_largest_gap", _divide(silence, largest), "the present silence in the longest own gap", "silence"
    )
    yield column(
        "gaps_longer_share",
        (past.gaps_longer_than(silence) + 0.5) / (gaps + 1),
        "share of own gaps longer than the present silence",
        "silence",
    )
    yield column(
        "gaps_of_horizon_share",
        (past.gaps_of_at_least(context.horizon_days) + 0.1) / (gaps + 1),
        f"share of own gaps that lasted {context.horizon_days} days or more",
    )


def _habits(subject: Subject, view: View) -> Iterator[Column]:
    if not view.observes(28):
        return
    past = subject.past.daily
    weeks = min(HABIT_DAYS, view.observed_days) / 7
    habit = weekday_habit(past, weeks)
    missed = _missed(habit, past.days_since(), past.as_of.weekday())
    meaning = f"days with {subject.noun} that own weekday habits would have had since the last"
    yield Column(f"{subject.name}_missed_habit", missed, meaning, "silence", 0, subject.needs)
    meaning = f"share of {subject.noun} on the favourite weekday"
    share = _divide(habit.max(axis=1), habit.sum(axis=1))
    yield Column(f"{subject.name}_weekday_share", share, meaning, "silence", 0, subject.needs)


def _pace(subject: Subject, context: Context, view: View) -> Iterator[Column]:
    """Log of the chance of a silent horizon if the pace of a window went on.

    A Poisson process whose rate has a gamma prior of one event a horizon: with x events in T days
    the chance of none in H more is ((H + T) / (2 H + T)) ** (1 + x).
    """
    horizon = float(context.horizon_days)
    known = subject.past.days_since_first()
    for days in PACE_WINDOWS:
        seen = np.minimum(min(float(days), view.observed_days), np.maximum(known, 1.0))
        chance = (1.0 + subject.past.active_days(days)) * np.log((horizon + seen) / (2.0 * horizon + seen))
        meaning = f"log chance of no {subject.noun} in the horizon at the pace of the last {days} days"
        yield Column(f"{subject.name}_pace_silence_{days}d", chance, meaning, "activity", 0, subject.needs)


def weekday_habit(past: Past, weeks: float) -> Values:
    """Expected active days a week on each weekday (columns, Monday first), smoothed by one even week."""
    counts = np.column_stack([past.weekday_count(weekday, HABIT_DAYS) for weekday in range(7)])
    return (counts + counts.sum(axis=1, keepdims=True) / 7) / (weeks + 1)


def _missed(habit: Values, silence: Values, today: int) -> Values:
    """Add up the habit over the days after the last active one and before today (a weekday)."""
    days = np.nan_to_num(np.minimum(silence, HABIT_DAYS) - 1, nan=0.0).astype(np.int64)
    total = np.zeros(len(days))
    for back in range(1, 8):
        times = (days - back) // 7 + 1
        total = total + habit[:, (today - back) % 7] * np.maximum(times, 0)
    return np.where(np.isnan(silence), np.nan, total)


def _divide(part: Values, whole: Values) -> Values:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
