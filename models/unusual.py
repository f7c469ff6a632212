"""What is unusual for a daily series: each day held against its own past alone, never against what came after.

Every test gives a value and its limit for each day. A day counts as unusual only where it is all of: far away in units
of the series' own robust spread (`SIGMAS`: of a normal the chance of one false alarm among 300 series looked at every
night of a year is 2 (1 - Phi(6)) * 300 * 365 < .001), further than the past ever was, and large in itself. Days found
unusual are left out of that past.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.odds import Floats

SIGMAS = 6.0
BEYOND = 1.4
"""How many times the largest departure of the past a departure must be."""

LEAST_DAYS = 28
"""Days of its own past without which nothing is said of a series."""

PAST = 120
"""Days of the past by which spread and largest departure are judged."""

SHARE_PAST = 56
WEEKS = 8
TREND = 14
MAD = 1.4826
"""Median absolute deviations to the standard deviation of a normal."""

LEAST_MASS = 15.0
"""Rows that must have been expected of a silence: exp(-15) is the chance to see none of so many by luck."""

FOR_LONGER = 1.5
"""Times the same, where it takes more than a week."""

LEAST_GAIN = 20.0
"""How much more likely, as a logarithm, moved hours must be."""

GAIN_A_ROW = 0.6
"""The same for each row of a single day: a shop that is open late for once does not have all its rows moved."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Unusual:
    """By day: the value, what was expected, how far away it is, the distance from which on it is unusual, and whether.

    NaN where the past is too short or there is nothing to look at.
    """

    value: Floats
    expected: Floats
    distance: Floats
    limit: Floats
    flag: Flags


def expected_counts(counts: Floats, open_: Flags, weekday: NDArray[np.int64], *, window: int = 1) -> Floats:
    """What to expect of each day: the median of the same weekdays before it, moved by the trend of the last two weeks.

    Closed days are expected to have none and teach nothing. NaN in the first four weeks. The trend is that of before
    the `window` of days that ends with each.

    >>> week = np.tile([5.0, 5, 5, 5, 5, 0, 0], 6)
    >>> expected_counts(week, np.ones(42, dtype=bool), np.arange(42) % 7)[-7:].tolist()
    [5.0, 5.0, 5.0, 5.0, 5.0, 0.0, 0.0]
    """
    base = np.full(len(counts), np.nan)
    begun = _begun(counts)
    for day in range(begun + LEAST_DAYS, len(counts)):
        same = [d for d in range(day - 7, max(begun - 1, day - 7 * WEEKS - 1), -7) if open_[d]]
        if same:
            base[day] = np.median(counts[same])
    found = base.copy()
    for day in range(begun + LEAST_DAYS + TREND + window - 1, len(counts)):
        span = slice(day - window + 1 - TREND, day - window + 1)
        usable = open_[span] & (counts[span] > 0) & (base[span] > 0)
        if usable.sum() >= TREND // 2:
            found[day] = base[day] * np.clip(np.median(counts[span][usable] / base[span][usable]), 0.5, 2.0)
    found[~open_ & ~np.isnan(found)] = 0.0
    return found


def unusual_volume(counts: Floats, expected: Floats, *, window: int, factor: float) -> Unusual:
    """Days on which the rows of the last `window` days are `factor` times what was expected, or one part of it.

    The distance is the logarithm of the ratio. Days without rows are the matter of `unusual_silence`.
    """
    seen, hoped = rolling(counts, window), rolling(np.nan_to_num(expected), window)
    known = ~np.isnan(expected) & (rolling(np.isnan(expected).astype(float), window) == 0)
    usable = known & (hoped >= 5) & (seen > 0)
    ratio = np.where(usable, np.log((seen + 0.5) / (hoped + 0.5)), np.nan)
    noise = np.sqrt(1.0 / (hoped + 0.5) + 1.0 / (seen + 0.5))
    return _judged(seen, hoped, ratio, least=lambda d: noise[d], effect=np.log(factor), step=window, both=True)


def unusual_silence(
    counts: Floats, expected: Floats, *, least_mass: float = LEAST_MASS, least_days: int = 0
) -> Unusual:
    """Days on which nothing came for longer than ever: the distance is how many rows were expected meanwhile.

    Rows come in clusters (a case has several) and levels move: see `_improbable`. Nothing is said before rows came on
    `least_days` days.
    """
    hoped = np.nan_to_num(expected)
    mass = np.zeros(len(counts))
    least = _improbable(counts, hoped, least_mass)
    limit, flag = np.full(len(counts), np.nan), np.zeros(len(counts), dtype=bool)
    known = np.cumsum(counts > 0) >= least_days
    longest = 0.0
    for day in range(len(counts)):
        before = mass[day - 1] if day else 0.0
        if counts[day] > 0:
            longest = longest if flag[day - 1] else max(longest, before)
            continue
        mass[day] = before + hoped[day]
        limit[day] = max(least[day], 2.5 * longest)
        flag[day] = known[day] and mass[day] >= limit[day]
    return Unusual(counts, hoped, mass, limit, flag)


def unusual_share(some: Floats, of: Floats, *, window: int, effect: float, least_rows: int = 5) -> Unusual:
    """Days on which the share of `some` rows `of` all is by `effect` higher than before (pooled over eight weeks)."""
    k, n = rolling(some, window), rolling(of, window)
    before_k, before_n = _shifted(rolling(some, SHARE_PAST), window), _shifted(rolling(of, SHARE_PAST), window)
    begun = _begun(of)
    usable = (np.arange(len(of)) >= begun + LEAST_DAYS) & (n >= least_rows) & (before_n >= least_rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        share, base = k / n, before_k / before_n
        noise = np.sqrt(base * (1.0 - base) / n + 0.25 / n**2)
    away = np.where(usable, share - base, np.nan)
    return _judged(share, base, away, least=lambda d: noise[d], effect=effect, step=window, both=False)


def unusual_level(
    level: Floats, rows: Floats, error: Floats, *, window: int, effect: float, period: float = 0.0, least_rows: int = 8
) -> Unusual:
    """Days on which a level (a median, a mean hour) is by `effect` away from the median of its past.

    `rows` are those it was found of, `error` its standard error; with a `period` the level goes round in a circle.
    """
    usable = np.isfinite(level) & (rows >= least_rows)
    base, away = np.full(len(level), np.nan), np.full(len(level), np.nan)
    begun = int(np.flatnonzero(usable)[0]) if usable.any() else len(level)
    for day in range(begun + LEAST_DAYS, len(level)):
        past = np.arange(max(0, day - window + 1 - SHARE_PAST), day - window + 1)
        past = past[usable[past]]
        if usable[day] and len(past) >= 10:
            base[day] = np.median(level[past])
            away[day] = level[day] - base[day]
    if period:
        away = (away + period / 2) % period - period / 2
    return _judged(level, base, away, least=lambda d: max(effect / 20, error[d]), effect=effect, step=window, both=True)


def unusual_shift(profile: Floats, *, window: int) -> Unusual:
    """Days whose rows fall at other hours, as if the clock had been moved: `profile` has a column for each hour.

    The distance is the logarithm of how much more likely the hours of the last `window` days are under the profile of
    the past moved by some hours (`expected` says by how many, later above 0) than under the profile as it was.
    """
    rows = rolling(profile, window)
    before = np.concatenate([np.zeros((window, profile.shape[1])), rolling(profile, SHARE_PAST)[:-window]])
    usable = (np.arange(len(rows)) >= _begun(profile.sum(axis=1)) + LEAST_DAYS) & (before.sum(axis=1) >= 100)
    share = (before + 0.01 * before.sum(axis=1, keepdims=True) + 1e-9) / (1.24 * before.sum(axis=1, keepdims=True) + 1)
    shifts = np.array([step for step in range(-11, 13) if step])
    gains = np.stack([(rows * np.log(np.roll(share, step, axis=1) / share)).sum(axis=1) for step in shifts])
    best = shifts[gains.argmax(axis=0)].astype(float)
    away = np.where(usable & (rows.sum(axis=1) > 0), np.maximum(gains.max(axis=0), 0.0), np.nan)
    clear = GAIN_A_ROW / SIGMAS * rows.sum(axis=1) if window == 1 else np.zeros(len(rows))
    return _judged(rows.sum(axis=1), best, away, least=lambda d: clear[d], effect=LEAST_GAIN, step=window, both=False)


def rolling(values: Floats, window: int) -> Floats:
    """Sums over the last `window` days, fewer at the beginning.

    >>> rolling(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [1.0, 3.0, 5.0]
    """
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    start = np.maximum(np.arange(len(values)) + 1 - window, 0)
    return total[1:] - total[start]


def _judged(
    value: Floats,
    expected: Floats,
    away: Floats,
    *,
    least: Callable[[int], float],
    effect: float,
    step: int,
    both: bool,
) -> Unusual:
    """Whether each departure is beyond the spread, the largest and the effect that count."""
    size = np.abs(away) if both else away
    limit, flag = np.full(len(away), np.nan), np.zeros(len(away), dtype=bool)
    for day in np.flatnonzero(np.isfinite(away)).tolist():
        past = np.arange(max(0, day - step + 1 - PAST), max(0, day - step + 1))
        past = past[np.isfinite(away[past]) & ~flag[past]]
        if len(past) < 10:
            continue
        middle = float(np.median(away[past]))
        spread = max(MAD * float(np.median(np.abs(away[past] - middle))), float(least(day)))
        limit[day] = max(SIGMAS * spread, BEYOND * float(size[past].max()), effect)
        flag[day] = size[day] > limit[day]
    return Unusual(value, expected, away, limit, flag)


def _improbable(counts: Floats, expected: Floats, least: float) -> Floats:
    """How many rows must be expected of a silence for it to have a chance below exp(-least), by day.

    Days scatter about the level of their week because rows come in clusters: c times as much as Poisson's, clusters of
    geometric size being missed, m rows count as m log(c) / (c - 1). Weeks scatter further, because the level itself
    moves: with variance a of it (gamma), the chance of none among e is (1 + a e) ** (-1 / a). Weeks count apart from
    each other; where one is not enough more is asked, since they do hang together.
    """
    seen, hoped = rolling(np.where(expected > 0, counts, 0.0), 7), rolling(expected, 7)
    known = hoped > 0
    level = np.where(known, seen / np.maximum(hoped, 1e-9), 1.0) * expected
    within = np.where(known & (level > 0), (counts - level) ** 2 / (level + 0.1) * 7 / 6, 0.0)
    between = np.where(known, (seen - hoped) ** 2 / (hoped + 0.5), 0.0)
    days = np.maximum(rolling(known.astype(float), PAST), 1.0)
    cluster = np.maximum(_shifted(rolling(within, PAST) / days, 7), 1.0 + 1e-9)
    moving = np.maximum(_shifted(rolling(between, PAST) / days, 7) - cluster, 1e-6) / np.maximum(hoped, 1e-9)
    worth = np.log(cluster) / (cluster - 1.0)
    a_week = np.log1p(moving * worth * hoped) / moving
    quick = np.expm1(np.minimum(least * moving, 50.0)) / moving / worth
    slow = FOR_LONGER * least * hoped / np.maximum(a_week, 1e-9)
    return np.maximum(np.where(a_week >= least, quick, slow), least)


def _begun(counts: Floats) -> int:
    found = np.flatnonzero(counts > 0)
    return int(found[0]) if len(found) else len(counts)


def _shifted(values: Floats, by: int) -> Floats:
    return np.concatenate([np.zeros(by), values[:-by]])
