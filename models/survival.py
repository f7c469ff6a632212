"""What curves of the time to an event are worth: concordance, integrated Brier score, and whether chances come true.

Rows that are censored count by inverse chances of not being censored (IPCW), so that they neither help nor harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tenure.models.bootstrap import Bootstrap, draw_persons, person_places
from tenure.models.metrics import NotMeasurable
from tenure.models.odds import Floats
from tenure.models.periods import Times

CELLS = 4_000_000
"""Pairs of rows compared at a time."""

CONCORDANCE, INTEGRATED = "concordance", "integrated_brier"


@dataclass(frozen=True)
class Censoring:
    """The chance that a day is decided for a row, by day from the date on: the Kaplan-Meier curve of censoring.

    >>> Censoring.of(Times(np.array([np.inf, np.inf]), np.array([1.0, 3.0]))).decided([0, 1, 2]).tolist()
    [1.0, 0.5, 0.5]
    """

    days: Floats
    chances: Floats

    @classmethod
    def of(cls, times: Times) -> Censoring:
        """Kaplan and Meier (1958) with censoring as the event; an event of the same day comes after it."""
        ends = np.sort(times.decided[times.days >= times.decided])
        days, censored = np.unique(ends, return_counts=True)
        there = len(times) - np.searchsorted(np.sort(times.seen), days, side="left")
        chances = np.cumprod(1.0 - censored / there, dtype=np.float64)
        return cls(days, chances)

    def decided(self, days: ArrayLike) -> Floats:
        """The chance that these days, counted from 0, are decided."""
        places = np.searchsorted(self.days, np.asarray(days, dtype=np.float64), side="right")
        return np.r_[1.0, self.chances][places]


def measurable_days(times: Times, days: Sequence[int]) -> tuple[int, ...]:
    """The days up to which at least one row is watched to the end or to its event, and some are without it."""
    longest = float(np.max(times.seen, initial=0.0))
    return tuple(day for day in days if day <= longest)


def concordance(
    times: Times, risk: ArrayLike, *, until: int, weights: Floats | None = None, censoring: Censoring | None = None
) -> Floats:
    """Uno's C: of two rows, does the one to whom it happens first have the higher risk? Ties count half.

    Pairs are all in which the earlier event is known and lies before day `until`; a pair weighs 1 / G(T)^2, where G is
    the chance that day T of its event is decided (Uno et al. 2011, Statistics in Medicine 30). Without censoring that
    is Harrell's C. `weights` are replicates x rows; one value a replicate, missing where there is no pair.

    >>> times = Times(np.array([3.0, 8.0, np.inf]), np.full(3, 20.0))
    >>> concordance(times, [0.9, 0.2, 0.2], until=20).tolist()
    [0.8333333333333334]
    """
    values = np.asarray(risk, dtype=np.float64)
    drawn = np.ones((1, len(times))) if weights is None else weights
    rarity = 1.0 / (censoring or Censoring.of(times)).decided(np.where(times.happened, times.days, 0.0)) ** 2
    by_time = np.argsort(times.seen, kind="stable")
    gone = np.concatenate([np.zeros((len(drawn), 1)), np.cumsum(drawn[:, by_time], axis=1)], axis=1)
    right, pairs = np.zeros(len(drawn)), np.zeros(len(drawn))
    events = np.flatnonzero(times.happened & (times.days < until))
    size = max(1, CELLS // max(len(times), 1))
    for start in range(0, len(events), size):
        first = events[start : start + size]
        weight = drawn[:, first] * rarity[first]
        higher = (values[first, None] > values) + 0.5 * (values[first, None] == values)
        higher *= times.seen > times.days[first, None]
        right += (weight * (drawn @ higher.T)).sum(axis=1)
        left = np.searchsorted(times.seen[by_time], times.days[first], side="right")
        pairs += (weight * (gone[:, -1:] - gone[:, left])).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(right / pairs, dtype=np.float64)


def brier_parts(times: Times, within: Floats, days: Sequence[int], censoring: Censoring | None = None) -> Floats:
    """What each row adds to the Brier score within each of `days`, rows x days (Graf et al. 1999).

    A row to which it happened within the days counts `(1 - p)^2 / G(its day)`, one that is known to have gone without
    it `p^2 / G(the last of the days)`, a row that was censored before nothing.
    """
    happened, without = _known(times, days, censoring or Censoring.of(times))
    return happened * (1.0 - within) ** 2 + without * within**2


def integrated(parts: Floats, days: Sequence[int]) -> Floats:
    """The mean over time of parts x days, straight between days and 0 at the beginning.

    >>> integrated(np.array([[0.1, 0.2]]), (10, 20)).round(4).tolist()
    [0.1]
    """
    grid = np.r_[0.0, np.asarray(days, dtype=np.float64)]
    heights = np.column_stack([np.zeros(len(parts)), parts])
    return np.asarray(np.trapezoid(heights, grid, axis=1) / grid[-1], dtype=np.float64)


def measure_curves(
    curves: Mapping[str, Floats],
    times: Times,
    persons: ArrayLike,
    *,
    days: Sequence[int],
    replicates: int,
    seed: int,
    universe: ArrayLike | None = None,
) -> Bootstrap:
    """Measure curves (rows x days) on all rows and on redrawn sets of persons, drawn alike for all.

    Figures: `concordance` of the chance within the longest of `days`, `integrated_brier`, and for each of the days
    `brier_Nd`, the mean chance `said_Nd`, what `happened_Nd` (IPCW), and `calibration_Nd`, the one minus the other.
    The chances of censoring are those of all rows in every replicate.
    """
    if not len(times) or not times.happened.any():
        raise NotMeasurable("no row is known to have had its event, so that curves cannot be measured")
    censoring = Censoring.of(times)
    places, count = person_places(persons, persons if universe is None else universe)
    weightings = [np.ones((1, len(places)))]
    weightings += [drawn[:, places] for drawn in draw_persons(count, len(places), replicates=replicates, seed=seed)]
    values, draws = {}, {}
    for name, within in curves.items():
        found = [_figures(within, times, days, censoring, weights) for weights in weightings]
        values[name] = {metric: float(value[0]) for metric, value in found[0].items()}
        draws[name] = {metric: np.concatenate([block[metric] for block in found[1:]]) for metric in found[0]}
    return Bootstrap(values, draws)


def _figures(
    within: Floats, times: Times, days: Sequence[int], censoring: Censoring, weights: Floats
) -> dict[str, Floats]:
    total = weights.sum(axis=1)
    parts = brier_parts(times, within, days, censoring)
    happened, without = _known(times, days, censoring)
    with np.errstate(invalid="ignore"):
        brier = (weights @ parts) / total[:, None]
        said = (weights @ within) / total[:, None]
        came = (weights @ happened) / (weights @ (happened + without))
    found = {
        CONCORDANCE: concordance(times, within[:, -1], until=days[-1], weights=weights, censoring=censoring),
        INTEGRATED: integrated(brier, days),
    }
    for place, day in enumerate(days):
        found |= {
            f"brier_{day}d": brier[:, place],
            f"said_{day}d": said[:, place],
            f"happened_{day}d": came[:, place],
            f"calibration_{day}d": said[:, place] - came[:, place],
        }
    return found


def _known(times: Times, days: Sequence[int], censoring: Censoring) -> tuple[Floats, Floats]:
    """The weights of rows to which it happened within the days, and of those that went without it: rows x days."""
    limits = np.asarray(days, dtype=np.float64)
    happened = (times.happened[:, None]) & (times.days[:, None] < limits)
    without = times.seen[:, None] >= limits
    at_event = censoring.decided(np.where(times.happened, times.days, 0.0))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        before = np.where(happened, 1.0 / at_event, 0.0)
        after = np.where(without, 1.0 / censoring.decided(limits - 1.0), 0.0)
    return before, after
