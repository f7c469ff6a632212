"""The effect as a line: ridge regression of the doubly robust score on the prepared features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenure.models.odds import Floats


@dataclass(frozen=True)
class ScoreLine:
    """`effect = level + sum(weights * (terms - centres))`."""

    weights: Floats
    centres: Floats
    level: float

    def effects(self, terms: Floats) -> Floats:
        """The effect of each row."""
        return self.level + ((terms - self.centres) * self.weights).sum(axis=1)


def fit_score_line(terms: Floats, scores: Floats, *, penalties: Sequence[float]) -> ScoreLine:
    """Fit the second stage of the DR-learner (Kennedy 2023) as a ridge regression.

    The penalty, a row, is the one with the least generalised cross-validation error: Golub, Heath and Wahba,
    Generalized cross-validation as a method for choosing a good ridge parameter, 1979.
    """
    rows, level, centres = len(scores), float(scores.mean()), terms.mean(axis=0)
    centred, rest = terms - centres, scores - level
    values, vectors = np.linalg.eigh(centred.T @ centred)
    values = np.maximum(values, 0.0)
    along = vectors.T @ (centred.T @ rest)
    total = float(rest @ rest)

    def error(penalty: float) -> float:
        """Generalised cross-validation error."""
        kept = values / (values + penalty * rows)
        part = along / (values + penalty * rows)
        residual = total - 2.0 * float(part @ along) + float((part * part) @ values)
        return residual / rows / (1.0 - (kept.sum() + 1.0) / rows) ** 2

    best = min(sorted(penalties, reverse=True), key=error)
    return ScoreLine(vectors @ (along / (values + best * rows)), centres, level)
