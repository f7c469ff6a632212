"""What a set of predictions is worth, as one table of named numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tenure.models.odds import Floats
from tenure.models.ranking import Ranking, expected_error, probability_metrics, rank, ranking_metrics

METRICS = (
    "roc_auc",
    "average_precision",
    "brier",
    "log_loss",
    "calibration_error",
    "calibration_in_the_large",
    "calibration_slope",
    "lift_top_decile",
    "precision_at_capacity",
)
"""The metrics that get intervals; `measure` adds `calibration_error_expected`."""


class NotMeasurable(ValueError):
    """Labels and probabilities that no metric can be computed from."""


def measure(labels: ArrayLike, probabilities: ArrayLike, *, capacity: float) -> dict[str, float]:
    """Measure predictions against labels; what does not exist (one class only) is NaN.

    `capacity` is how many customers can be contacted. Ties share their expected value.

    >>> found = measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], capacity=2)
    >>> found["roc_auc"], round(found["average_precision"], 4), found["precision_at_capacity"]
    (0.75, 0.8333, 0.5)
    """
    ranking = ranked(labels, probabilities)
    found = measure_weighted(ranking, np.ones((1, len(ranking.labels))), capacity=capacity)
    values = {name: float(value[0]) for name, value in found.items()}
    values["calibration_error_expected"] = expected_error(ranking)
    return values


def ranked(labels: ArrayLike, probabilities: ArrayLike) -> Ranking:
    """Check and sort labels and probabilities."""
    truth = np.asarray(labels, dtype=np.float64)
    fitted = np.asarray(probabilities, dtype=np.float64)
    if truth.shape != fitted.shape or truth.ndim != 1 or len(truth) == 0:
        raise NotMeasurable(
            f"expected as many labels as probabilities, at least one; found {truth.shape} and {fitted.shape}"
        )
    if not np.isin(truth, (0.0, 1.0)).all():
        raise NotMeasurable("every label must be 0 or 1; drop the rows whose label is not known")
    # NaN fails both comparisons, so it is refused too.
    wrong = ~((fitted >= 0.0) & (fitted <= 1.0))
    if wrong.any():
        raise NotMeasurable(f"probabilities must lie between 0 and 1, found {int(wrong.sum())} that do not")
    return rank(truth, fitted)


def measure_weighted(ranking: Ranking, weights: Floats, *, capacity: float) -> dict[str, Floats]:
    """Measure under many weightings at once: weights are replicates x rows, in the ranking's order."""
    found = ranking_metrics(ranking, weights, capacity=capacity) | probability_metrics(ranking, weights)
    return {name: found[name] for name in METRICS}
