"""An interval for each probability: Venn-Abers predictors by group, over redraws of the persons they learnt from.

A Venn-Abers predictor (Vovk, Petej, Large-Scale Probabilistic Predictors, 2015) asks isotonic regression twice what
share it happens to at a score: as if it had not happened to one more person with that score, and as if it had. Where
many like that were seen the two answers agree, where few were they are far apart. Redrawing the persons adds how much
either answer hangs on who happened to be among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from tenure.models.likeness import GROUPS, Likeness
from tenure.models.odds import EDGE, Floats, log_odds

COVERAGE = 0.9
"""Of how many of ten intervals the share to whom it happens is to be within, nine."""

LEAST_PERSONS = 10
"""Persons of whom fewer are as good as none: redraws of so few show nothing of what might have been seen."""

UNSURE_POINTS = 0.15
UNSURE_TIMES = 4.0
"""Where the ends of an interval are further apart than both, in probability and in odds, confidence is low."""

FURTHEST = 2.0 * float(-log_odds(EDGE))
BINS = 48
REDRAWS = 60


def unsure(low: float | None, high: float | None) -> bool | None:
    """Whether confidence in a probability is low; None where its interval is not known.

    >>> unsure(0.3, 0.45), unsure(0.001, 0.02), unsure(0.05, 0.4), unsure(None, None)
    (False, False, True, None)
    """
    if low is None or high is None:
        return None
    return high - low > UNSURE_POINTS and high * (1.0 - low) > UNSURE_TIMES * low * (1.0 - high)


@dataclass(frozen=True)
class Band:
    """What was seen of one group: at each probability of `said`, which rise, from where to where the share may be.

    Between them log-odds go straight; below the first and above the last both ends are as far from the probability, in
    log-odds, as they are there. `persons` is how many were seen; of fewer than `LEAST_PERSONS` nothing is known, and
    the interval is all there is.
    """

    said: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    persons: int

    def of(self, probability: Floats) -> tuple[Floats, Floats]:
        """The ends for each probability, which is always within."""
        if not self.said:
            return np.zeros_like(probability), np.ones_like(probability)
        odds, said = log_odds(probability), _beyond(log_odds(self.said))
        low, high = (expit(np.interp(odds, said, _beyond(log_odds(ends)))) for ends in (self.low, self.high))
        return np.minimum(low, probability), np.maximum(high, probability)


def _beyond(odds: Floats) -> Floats:
    """Log-odds with one before the first and one after the last, further away than any probability is."""
    return np.array([odds[0] - FURTHEST, *odds, odds[-1] + FURTHEST])


@dataclass(frozen=True)
class Intervals:
    """A band for each group of `GROUPS`, and how to tell who is in which."""

    likeness: Likeness
    bands: dict[str, Band]

    def of(self, matrix: Floats, probability: Floats) -> tuple[Floats, Floats]:
        """From where to where the probability of each row may be; one row alone equals the row in a batch."""
        group = self.likeness.group(matrix)
        low, high = np.empty_like(probability), np.empty_like(probability)
        for place, name in enumerate(GROUPS):
            mine = group == place
            low[mine], high[mine] = self.bands[name].of(probability[mine])
        return low, high


def fit_intervals(
    likeness: Likeness,
    group: NDArray[np.int64],
    probability: Floats,
    labels: Floats,
    weights: Floats,
    persons: NDArray[np.int64],
    *,
    seed: int,
    drift: float = 0.0,
) -> Intervals:
    """Learn the bands from rows whose probabilities come from models that were not fitted on them.

    `group` is that of each row, as `likeness` tells it. Rows of a person hang together: all rows together weigh as much
    as there are persons. Both ends move apart by `drift` in log-odds, for what the rows cannot show.
    """
    bands = {}
    for place, name in enumerate(GROUPS):
        mine = np.flatnonzero(group == place)
        seen = _band(probability[mine], labels[mine], weights[mine], persons[mine], seed=seed + place)
        bands[name] = _moved_apart(seen, drift)
    return Intervals(likeness, bands)


def _moved_apart(band: Band, drift: float) -> Band:
    if not drift or not band.said:
        return band
    low, high = expit(logit(band.low) - drift), expit(logit(band.high) + drift)
    return Band(band.said, tuple(low.tolist()), tuple(high.tolist()), band.persons)


def _band(probability: Floats, labels: Floats, weights: Floats, persons: NDArray[np.int64], *, seed: int) -> Band:
    codes, names = pd.factorize(persons, sort=True)
    if len(names) < LEAST_PERSONS:
        return Band((), (), (), len(names))
    bins, said = _bins(probability, weights, most=min(BINS, len(names)))
    draws = [
        _multiprobability(*_counts(bins, labels, drawn, len(said)))
        for drawn in _redrawn(weights, codes, len(names), seed)
    ]
    tail = (1.0 - COVERAGE) / 2.0
    low = np.quantile([zero for zero, _ in draws], tail, axis=0)
    high = np.quantile([one for _, one in draws], 1.0 - tail, axis=0)
    return Band(tuple(said.tolist()), tuple(low.tolist()), tuple(high.tolist()), len(names))


def _bins(probability: Floats, weights: Floats, *, most: int) -> tuple[NDArray[np.int64], Floats]:
    """Cut the rows into bins of equal weight by their probability; equal ones stay together. The bins' means too."""
    values, place = np.unique(probability, return_inverse=True)
    mass = np.bincount(place, weights)
    middle = (np.cumsum(mass) - mass / 2.0) / mass.sum()
    _, bins = np.unique(np.minimum((middle * most).astype(np.int64), most - 1), return_inverse=True)
    said = np.bincount(bins, mass * values) / np.bincount(bins, mass)
    return bins[place], said


def _redrawn(weights: Floats, codes: NDArray[np.int64], persons: int, seed: int) -> Iterator[Floats]:
    """Weights of the rows when as many persons are drawn with replacement, which add up to the number of persons."""
    random = np.random.default_rng(seed)
    for times in random.multinomial(persons, np.full(persons, 1.0 / persons), size=REDRAWS):
        drawn = weights * times[codes]
        yield drawn / drawn.sum() * persons


def _counts(bins: NDArray[np.int64], labels: Floats, weights: Floats, count: int) -> tuple[Floats, Floats]:
    positives, totals = np.bincount(bins, weights * labels, count), np.bincount(bins, weights, count)
    return positives.astype(np.float64), totals.astype(np.float64)


def _multiprobability(positives: Floats, totals: Floats) -> tuple[Floats, Floats]:
    """What isotonic regression says of each bin with one more person in it, to whom it did not happen, or did."""
    from scipy.optimize import isotonic_regression  # only who fits waits for this import

    found = np.empty((2, len(totals)))
    for place in range(len(totals)):
        one = np.zeros(len(totals))
        one[place] = 1.0
        weighed = np.maximum(totals + one, 1e-9)
        for happened in (0, 1):
            shares = (positives + happened * one) / weighed
            found[happened, place] = isotonic_regression(shares, weights=weighed).x[place]
    return found[0], found[1]
