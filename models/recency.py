"""The baseline every other model must beat: calibrated days since last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.models.odds import Floats, log_odds, probability

PIECES = 6
"""The number of straight pieces, in log days, that the curve may bend into."""

SMALLEST_RISE = 1e-3
"""Each piece rises at least this much, so that the ranking is that of the days themselves."""

RIDGE = 1e-2
"""A light pull of the rises towards zero, so that an empty piece stays flat."""


@dataclass(frozen=True)
class RecencyModel:
    """A monotone curve over log days since last: straight between knots and on beyond them.

    `column` is the place of the days in the feature matrix, -1 where there is no such feature: then
    every customer gets the base rate. A customer without a last one gets `missing`.
    """

    column: int
    knots: tuple[float, ...]
    heights: tuple[float, ...]
    missing: float

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds of each row of the feature matrix."""
        if self.column < 0:
            return np.full(len(matrix), self.missing)
        days = _log_days(np.ascontiguousarray(matrix[:, self.column]))
        curve = np.interp(days, self.knots, self.heights) + self._beyond(days)
        return np.where(np.isnan(days), self.missing, curve)

    def _beyond(self, days: Floats) -> Floats:
        """What the first and the last piece add outside the knots: longer silences keep their ranking."""
        (first, second), (last_but_one, last) = self.knots[:2], self.knots[-2:]
        start = (self.heights[1] - self.heights[0]) / (second - first)
        end = (self.heights[-1] - self.heights[-2]) / (last - last_but_one)
        return np.minimum(days - first, 0.0) * start + np.maximum(days - last, 0.0) * end


def fit_recency(matrix: Floats, labels: Floats, weights: Floats, *, column: int | None) -> RecencyModel:
    """Fit the curve; whether risk rises or falls with the days is read from the labels."""
    base = _base(labels, weights)
    if column is None:
        return RecencyModel(-1, (), (), base)
    days = _log_days(matrix[:, column])
    seen = ~np.isnan(days)
    missing = _base(labels[~seen], weights[~seen], prior=base)
    knots = np.unique(np.quantile(days[seen], np.linspace(0.0, 1.0, PIECES + 1))) if seen.any() else np.empty(0)
    if len(knots) < 2:
        return RecencyModel(column, (0.0, 1.0), (base, base), missing)
    curves = [_curve(days[seen], labels[seen], weights[seen], knots, direction) for direction in (1.0, -1.0)]
    heights = min(curves, key=lambda curve: curve[0])[1]
    return RecencyModel(column, tuple(map(float, knots)), tuple(map(float, heights)), missing)


def _log_days(days: Floats) -> Floats:
    return np.log1p(np.maximum(days, 0.0))


def _base(labels: Floats, weights: Floats, *, prior: float = 0.0) -> float:
    """Log-odds of the weighted rate, drawn to the prior by one row's weight."""
    total = float(weights.sum()) + 1.0
    return float(log_odds((float((weights * labels).sum()) + float(probability(prior))) / total))


def _curve(days: Floats, labels: Floats, weights: Floats, knots: Floats, direction: float) -> tuple[float, Floats]:
    """Minimise the log loss over the start and the rises between knots, all in one direction."""
    from scipy.optimize import minimize  # only who fits waits for this import

    ramps = np.clip((days[:, None] - knots[:-1]) / np.diff(knots), 0.0, 1.0) * direction
    design = np.column_stack([np.ones(len(days)), ramps])
    scale = weights.sum()

    def loss(line: Floats) -> tuple[float, Floats]:
        odds = design @ line
        value = float((weights * (np.logaddexp(0.0, odds) - labels * odds)).sum() / scale)
        gradient = design.T @ (weights * (probability(odds) - labels)) / scale
        pull = np.r_[0.0, line[1:]] * RIDGE / scale
        return value + 0.5 * float(pull @ line), gradient + pull

    start = np.r_[_base(labels, weights), np.full(len(knots) - 1, 0.1)]
    bounds = [(None, None)] + [(SMALLEST_RISE, None)] * (len(knots) - 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
    heights = found.x[0] + direction * np.r_[0.0, np.cumsum(found.x[1:])]
    return float(found.fun), heights
