"""How good served scores were, now that one knows what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tenure.models.bootstrap import Interval
from tenure.models.metrics import measure_weighted, ranked
from tenure.models.odds import Floats

METRICS = ("roc_auc", "brier", "calibration_slope", "precision_at_capacity")
REPLICATES = 200
LEAST_POSITIVES = 20
"""Units to whom it happened, and units to whom it did not, without which nothing is said."""


class TooFewOutcomes(ValueError):
    """So few outcomes are known, or so one-sided, that no figure means anything."""


@dataclass(frozen=True)
class Matured:
    """Figures with intervals (95 of 100 redraws of persons), over `units` of whom `positives` it happened to.

    `figures` are `METRICS`, `ratio` (what happened over what was said, 1 where they agree) and `brier_gain` (by how
    much the Brier score is lower than that of days since last alone; below 0 that would have been better).
    """

    units: int
    positives: int
    figures: dict[str, Interval]


def judge(
    labels: ArrayLike, risk: ArrayLike, silence: ArrayLike, *, persons: ArrayLike, weights: ArrayLike, capacity: float,
    seed: int,
) -> Matured:  # fmt: skip
    """Measure served probabilities, and those by days since last alone, against what happened.

    Persons are drawn again with replacement, all their units together; `weights` say for how many a unit stands.
    """
    truth, said = np.asarray(labels, dtype=float), np.asarray(risk, dtype=float)
    positives = int(truth.sum())
    if min(positives, len(truth) - positives) < LEAST_POSITIVES:
        raise TooFewOutcomes(
            f"expected at least {LEAST_POSITIVES} units to whom it happened and as many to whom it did not, found "
            f"{positives} and {len(truth) - positives}"
        )
    codes, names = pd.factorize(np.asarray(persons))
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=REPLICATES)
    factors = np.vstack([np.ones(len(truth)), drawn[:, codes]]) * np.asarray(weights, dtype=float)
    ranking = ranked(truth, said)
    found = measure_weighted(ranking, factors[:, ranking.order], capacity=capacity)
    rival = (np.asarray(silence, dtype=float) - truth) ** 2
    values = {name: found[name] for name in METRICS}
    values["ratio"] = (factors @ truth) / (factors @ said)
    values["brier_gain"] = (factors @ rival) / factors.sum(axis=1) - found["brier"]
    return Matured(len(truth), positives, {name: _interval(draws) for name, draws in values.items()})


def _interval(draws: Floats) -> Interval:
    """The first is the value, the others are redraws; NaN where none of them can be measured."""
    known = draws[1:][~np.isnan(draws[1:])]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return Interval(float(draws[0]), float(low), float(high))
