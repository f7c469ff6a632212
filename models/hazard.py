"""The time to leave: the chance of the event in each part of time, given that there was none before.

A hazard in discrete time (Cox 1972, section 6; Singer and Willett 1993). What is said of a longer time is made of the
same hazards as what is said of a shorter one, so that it is never less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tenure.models.boosted import BoostedModel
from tenure.models.calibration import Calibration
from tenure.models.feature import Feature, feature_matrix
from tenure.models.logistic import Preparation
from tenure.models.odds import Floats, log_odds, probability
from tenure.models.recency import RecencyModel

CURVES = ("kaplan_meier", "recency", "line", "trees", "hazard")
"""Everybody alike, days since last alone, the two members and their blend, which is what counts."""


@dataclass(frozen=True)
class SameForAll:
    """The hazards of Kaplan and Meier (1958): the share to whom it happened, of those still there in a part."""

    hazards: tuple[float, ...]

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds of the hazard, rows x parts: the same for every row."""
        return np.tile(log_odds(self.hazards), (len(matrix), 1))


@dataclass(frozen=True)
class RecencyHazards:
    """A curve over days since last for each part."""

    curves: tuple[RecencyModel, ...]

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds of the hazard, rows x parts."""
        return np.column_stack([curve.log_odds(matrix) for curve in self.curves])


@dataclass(frozen=True)
class HazardLine:
    """`log-odds = level of the part + sum(weights * terms) + clock of the part * sum(tilts * terms)`.

    What a term says may so fade, or grow, with time: the clock runs from 0 in the first part to 1 in the last.
    """

    preparation: Preparation
    weights: Floats
    tilts: Floats
    levels: Floats
    clock: Floats

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds of the hazard, rows x parts; sums along rows, because BLAS differs between a batch and one row."""
        terms = self.preparation.terms(matrix)
        now = np.ascontiguousarray(terms * self.weights).sum(axis=1)
        change = np.ascontiguousarray(terms * self.tilts).sum(axis=1)
        return self.levels + now[:, None] + change[:, None] * self.clock


@dataclass(frozen=True)
class HazardTrees:
    """Boosted trees over the features and the first day of the part."""

    model: BoostedModel
    starts: tuple[int, ...]

    def log_odds(self, matrix: Floats, *, trees: int | None = None) -> Floats:
        """Log-odds of the hazard, rows x parts."""
        return np.column_stack([self.model.log_odds(with_start(matrix, day), trees=trees) for day in self.starts])


@dataclass(frozen=True)
class HazardModel:
    """Fitted curves of the event in parts `[edges[p], edges[p + 1])` of days.

    `calibrations` has one for each part, of the members and of their blend, in which the trees have `share`.
    `report` says how the choices were made.
    """

    features: tuple[Feature, ...]
    edges: tuple[int, ...]
    kaplan_meier: SameForAll
    recency: RecencyHazards
    line: HazardLine
    trees: HazardTrees
    calibrations: dict[str, tuple[Calibration, ...]]
    share: float
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def days(self) -> tuple[int, ...]:
        """The days within which the chance is told."""
        return self.edges[1:]

    def within(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The chance that it happens within each of `days`, never less in more; one row alone equals the batch."""
        chances = self.curves(frame)["hazard"]
        return pd.DataFrame(chances, columns=list(self.days), index=frame.index)

    def curves(self, frame: pd.DataFrame) -> dict[str, Floats]:
        """The same of every curve of `CURVES`, rows x days."""
        matrix = feature_matrix(frame, self.features)
        raw = {"line": self.line.log_odds(matrix), "trees": self.trees.log_odds(matrix)}
        raw["hazard"] = blended(raw["line"], raw["trees"], self.share)
        odds = {name: calibrated(values, self.calibrations[name]) for name, values in raw.items()}
        odds |= {"kaplan_meier": self.kaplan_meier.log_odds(matrix), "recency": self.recency.log_odds(matrix)}
        return {name: within(probability(odds[name])) for name in CURVES}


def within(hazards: Floats) -> Floats:
    """The chance that it happens in the first parts, from the hazards of each: 1 - the product of survivals.

    >>> within(np.array([[0.5, 0.5, 0.0]])).tolist()
    [[0.5, 0.75, 0.75]]
    """
    return np.asarray(1.0 - np.cumprod(1.0 - hazards, axis=1), dtype=np.float64)


def blended(line: Floats, trees: Floats, share: float) -> Floats:
    """The mean of the members' log-odds."""
    return line * (1.0 - share) + trees * share


def calibrated(odds: Floats, lines: tuple[Calibration, ...]) -> Floats:
    """The log-odds of each part by the calibration of that part."""
    return np.column_stack([line.apply(odds[:, part]) for part, line in enumerate(lines)])


def with_start(matrix: Floats, day: int) -> Floats:
    """The features and the first day of a part beside them."""
    return np.column_stack([matrix, np.full(len(matrix), float(day))])
