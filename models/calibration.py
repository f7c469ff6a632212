"""A straight line in log-odds that turns a raw score into an honest probability (Platt scaling)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.models.odds import Floats, probability

SMALLEST_SLOPE = 0.01
"""A model whose scores point the wrong way on the later slice becomes almost flat, never reversed."""

PRIOR = 1.0
"""Strength of the pull towards intercept 0 and slope 1; it only matters with a handful of positives."""


@dataclass(frozen=True)
class Calibration:
    """`log-odds = intercept + slope * raw`.

    >>> Calibration(intercept=-1.0, slope=0.5).apply(np.array([2.0, 4.0])).tolist()
    [0.0, 1.0]
    """

    intercept: float = 0.0
    slope: float = 1.0

    def apply(self, raw: Floats) -> Floats:
        """Calibrated log-odds of raw log-odds."""
        return self.intercept + self.slope * raw


def fit_calibration(raw: Floats, labels: Floats, weights: Floats | None = None) -> Calibration:
    """Fit the line by penalised likelihood (Newton's method) on rows the score was not fitted on."""
    weights = np.ones_like(raw) if weights is None else weights
    line = _newton(raw, labels, weights)
    if line[1] < SMALLEST_SLOPE:
        return Calibration(_level(SMALLEST_SLOPE * raw, labels, weights), SMALLEST_SLOPE)
    return Calibration(float(line[0]), float(line[1]))


def ease_level(line: Calibration, raw: Floats, weights: Floats, *, kept: float) -> Calibration:
    """Keep the slope, but only a share of the move in the mean probability.

    A later slice shows how steep the score is, and also the drift of the rate since the rows it was
    fitted on. Fitted again on all rows, the score knows most of that drift by itself, and the rest
    seldom lasts; carried over whole it would be counted twice.
    """
    unmoved = _level(line.slope * raw, probability(raw), weights)
    return Calibration(unmoved + kept * (line.intercept - unmoved), line.slope)


def _newton(raw: Floats, labels: Floats, weights: Floats) -> Floats:
    design = np.column_stack([np.ones_like(raw), raw])
    line, start = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    for _ in range(50):
        fitted = probability(design @ line)
        gradient = design.T @ (weights * (fitted - labels)) + PRIOR * (line - start)
        curvature = (design * (weights * fitted * (1.0 - fitted))[:, None]).T @ design + PRIOR * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # A long first step can overshoot where the raw scores are far from the truth.
        line = line - step / max(1.0, float(np.abs(step).max()) / 2.0)
        if np.abs(step).max() < 1e-10:
            break
    return line


def _level(offset: Floats, labels: Floats, weights: Floats) -> float:
    """The intercept at which the probabilities have the mean of the labels."""
    value = 0.0
    for _ in range(50):
        fitted = probability(offset + value)
        slope = float((weights * fitted * (1.0 - fitted)).sum()) + PRIOR
        step = (float((weights * (fitted - labels)).sum()) + PRIOR * value) / slope
        value -= float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-10:
            break
    return value
