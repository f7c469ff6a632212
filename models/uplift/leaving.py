"""How likely people leave, for use inside the effect model: the risk that is known, or one learnt in the trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.boosted import BoostedModel, bin_features, fit_boosted
from tenure.models.calibration import Calibration, fit_calibration
from tenure.models.logistic import LogisticModel, fit_logistics
from tenure.models.odds import Floats, Mask, log_odds
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.trial import Trial


@dataclass(frozen=True)
class Leaving:
    """Two models of the same question, averaged as log-odds."""

    logistic: LogisticModel
    boosted: BoostedModel

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds to leave of each row."""
        return 0.5 * self.logistic.log_odds(matrix) + 0.5 * self.boosted.log_odds(matrix)


@dataclass(frozen=True)
class KnownRisk:
    """The risk that a column of the features holds, calibrated on the trial by a line in log-odds."""

    column: int
    line: Calibration

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds to leave of each row."""
        return self.line.apply(log_odds(matrix[:, self.column]))


def fit_risk(trial: Trial, *, settings: EffectSettings) -> KnownRisk | Leaving:
    """The known risk where there is one: it was learnt from far more people than a trial has. Else a model of ours."""
    column = trial.risk_column
    if column is None:
        return fit_leaving(trial, settings=settings)
    return KnownRisk(column, fit_calibration(log_odds(trial.matrix[:, column]), trial.left))


def fit_leaving(trial: Trial, *, settings: EffectSettings) -> Leaving:
    """Fit both on all rows of the trial, whichever arm they are in."""
    weights = np.ones(len(trial))
    logistic = fit_logistics(trial.matrix, trial.left, weights, settings=settings.logistic)[-1]
    binned = bin_features(
        trial.matrix, trial.left, weights, features=trial.features, settings=settings.boosted, seed=settings.seed
    )
    boosted = fit_boosted(
        binned,
        features=trial.features,
        settings=settings.boosted,
        trees=settings.boosted.trees[-1],
        seed=settings.seed,
        threads=1,
    )
    return Leaving(logistic, boosted)


def deal(trial: Trial, *, folds: int, seed: int) -> list[Mask]:
    """Deal the persons into folds, so that each fold has its share of every arm and outcome; a mask per fold.

    The deal depends on the seed and on the persons in their order, not on the order of rows.
    """
    kind = np.zeros(trial.persons.max() + 1, dtype=np.int64) - 1
    np.maximum.at(kind, trial.persons, (2 * trial.treated + trial.left).astype(np.int64))
    there = np.flatnonzero(kind >= 0)
    order = np.random.default_rng(seed).permutation(len(there))
    mixed = there[order]
    by_kind = mixed[np.argsort(kind[mixed], kind="stable")]
    fold = np.full(len(kind), -1, dtype=np.int64)
    fold[by_kind] = np.arange(len(by_kind)) % folds
    dealt: NDArray[np.int64] = fold[trial.persons]
    return [dealt == place for place in range(folds)]


def crossed_log_odds(trial: Trial, *, settings: EffectSettings) -> Floats:
    """Log-odds of each row by models that were fitted on other people."""
    odds = np.empty(len(trial))
    for mask in deal(trial, folds=settings.inner_folds, seed=settings.seed + 1):
        odds[mask] = fit_risk(trial.rows(~mask), settings=settings).log_odds(trial.matrix[mask])
    return odds
