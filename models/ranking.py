"""Weighted metrics of one set of predictions under many weightings at once, with one sort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.odds import EDGE, Floats, log_odds, probability

BINS = 10
"""Bins of equal mass used by the calibration error."""

DRAWN_AT_ONCE = 4_000_000
"""Labels drawn at a time; the draws are the same however many that is."""


@dataclass(frozen=True)
class Ranking:
    """Predictions from the highest to the lowest, cut into groups of ties.

    Every method takes weights, replicates x rows in this order, and gives one value a replicate.
    Rows of equal probability share what they would get on average over their orders.
    """

    labels: Floats
    probabilities: Floats
    starts: NDArray[np.int64]
    order: NDArray[np.int64]

    def groups(self, values: Floats) -> Floats:
        """Sums over each group of ties, replicates x groups."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=1), dtype=np.float64)


def rank(labels: Floats, probabilities: Floats) -> Ranking:
    """Sort once; the weights of later calls must be put in `order`."""
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    return Ranking(labels[order], ranked, starts, order)


def ranking_metrics(ranking: Ranking, weights: Floats, *, capacity: float) -> dict[str, Floats]:
    """ROC AUC, average precision, top-decile lift and precision at capacity, all from one pass."""
    mass = ranking.groups(weights)
    hits = ranking.groups(weights * ranking.labels)
    reached, found = np.cumsum(mass, axis=1), np.cumsum(hits, axis=1)
    total, positives = reached[:, -1], found[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        misses = mass - hits
        below = (total - positives)[:, None] - np.cumsum(misses, axis=1)
        area = (hits * (below + 0.5 * misses)).sum(axis=1)
        precision = np.where(reached > 0, found / reached, 0.0)
        tenth = _found_within(reached, found, mass, hits, 0.1 * total)
        room = np.minimum(float(capacity), total)
        return {
            "roc_auc": area / (positives * (total - positives)),
            "average_precision": (hits * precision).sum(axis=1) / positives,
            "lift_top_decile": tenth / (0.1 * positives),
            "precision_at_capacity": _found_within(reached, found, mass, hits, room) / room,
        }


def _found_within(reached: Floats, found: Floats, mass: Floats, hits: Floats, room: Floats) -> Floats:
    """Positives among the first `room` rows; the group of ties at the border counts in part."""
    column = np.minimum((reached < room[:, None] - 1e-9).sum(axis=1), reached.shape[1] - 1)
    rows = np.arange(len(room))
    before = found[rows, column] - hits[rows, column]
    left = room - (reached[rows, column] - mass[rows, column])
    return np.asarray(before + hits[rows, column] * left / mass[rows, column], dtype=np.float64)


def probability_metrics(ranking: Ranking, weights: Floats) -> dict[str, Floats]:
    """Brier score, log loss and the three views of calibration.

    `calibration_in_the_large` is mean predicted minus observed rate. The slope of a replicate is one
    Newton step from the slope of all rows, which is exact to first order and needs no loop.
    """
    labels, fitted = ranking.labels, ranking.probabilities
    safe = np.clip(fitted, EDGE, 1.0 - EDGE)
    brier = (fitted - labels) ** 2
    loss = -(labels * np.log(safe) + (1.0 - labels) * np.log1p(-safe))
    total = weights.sum(axis=1)
    return {
        "brier": (weights @ brier) / total,
        "log_loss": (weights @ loss) / total,
        "calibration_in_the_large": (weights @ (fitted - labels)) / total,
        "calibration_slope": _slopes(log_odds(fitted), labels, weights),
        "calibration_error": _errors(_bins(ranking), weights, fitted - labels) / total,
    }


def expected_error(ranking: Ranking, *, draws: int = 200, seed: int = 0) -> float:
    """The calibration error that a perfectly calibrated model with these probabilities would show."""
    return float(_errors_by_chance(ranking, draws=draws, seed=seed).mean())


def error_limit(ranking: Ranking, *, draws: int = 1000, seed: int = 0) -> float:
    """The calibration error that a perfectly calibrated model with these probabilities exceeds in 5 of 100 cases."""
    return float(np.quantile(_errors_by_chance(ranking, draws=draws, seed=seed), 0.95))


def _errors_by_chance(ranking: Ranking, *, draws: int, seed: int) -> Floats:
    """Calibration errors of labels that are drawn with these probabilities."""
    bins, fitted = _bins(ranking), ranking.probabilities
    generator, found = np.random.default_rng(seed), []
    size = max(1, DRAWN_AT_ONCE // len(fitted))
    for start in range(0, draws, size):
        drawn = generator.random((min(size, draws - start), len(fitted))) < fitted
        found.append(np.abs(np.add.reduceat(fitted - drawn, bins, axis=1)).sum(axis=1) / len(fitted))
    return np.concatenate(found)


def _bins(ranking: Ranking) -> NDArray[np.int64]:
    """First rows of the bins; a group of ties is never cut, so the order of ties does not matter."""
    count = len(ranking.labels)
    ends = np.r_[ranking.starts[1:], count]
    middle = (ranking.starts + ends) / 2.0
    number = np.minimum((middle * BINS / count).astype(np.int64), BINS - 1)
    return np.asarray(ranking.starts[np.r_[True, number[1:] != number[:-1]]], dtype=np.int64)


def _errors(bins: NDArray[np.int64], weights: Floats, gaps: Floats) -> Floats:
    return np.asarray(np.abs(np.add.reduceat(weights * gaps, bins, axis=1)).sum(axis=1), dtype=np.float64)


def _slopes(odds: Floats, labels: Floats, weights: Floats) -> Floats:
    """Slope of a logistic regression of the labels on the log-odds; NaN where it does not exist."""
    nothing = np.full(len(weights), np.nan)
    if np.ptp(odds) < 1e-9 or labels.min() == labels.max():
        return nothing
    line = _line(odds, labels)
    if line is None:
        return nothing
    fitted = probability(line[0] + line[1] * odds)
    curve = fitted * (1.0 - fitted)
    parts = np.column_stack([labels - fitted, (labels - fitted) * odds, curve, curve * odds, curve * odds * odds])
    first, second, a, b, c = (weights @ parts).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(line[1] + (a * second - b * first) / (a * c - b * b), dtype=np.float64)


def _line(odds: Floats, labels: Floats) -> Floats | None:
    design = np.column_stack([np.ones_like(odds), odds])
    line = np.array([0.0, 1.0])
    for _ in range(50):
        fitted = probability(design @ line)
        curvature = (design * (fitted * (1.0 - fitted))[:, None]).T @ design
        if np.linalg.cond(curvature) > 1e13:
            return None
        step = np.linalg.solve(curvature, design.T @ (labels - fitted))
        line = line + step / max(1.0, float(np.abs(step).max()) / 2.0)
        if np.abs(step).max() < 1e-9:
            return np.asarray(line, dtype=np.float64)
    return None
