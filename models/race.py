"""The race: days since last, logistic regression, boosted trees and their blend, all calibrated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from tenure.models.blend import Blend
from tenure.models.boosted import BoostedModel
from tenure.models.calibration import Calibration
from tenure.models.feature import Feature, feature_matrix
from tenure.models.intervals import Intervals
from tenure.models.logistic import LogisticModel
from tenure.models.odds import Floats, probability
from tenure.models.recency import RecencyModel

MODELS = ("recency", "logistic", "boosted", "risk")
"""The columns of a prediction; `risk` is what would be registered."""


@dataclass(frozen=True)
class Race:
    """Fitted members, a calibration for each, and the blend that is called risk.

    `report` says how the choices were made: method, rows, and the log losses compared. `intervals` are those of the
    risk, by the name of the blend that it is; a race of an earlier release has none.
    """

    features: tuple[Feature, ...]
    recency: RecencyModel
    logistic: LogisticModel
    boosted: BoostedModel
    calibrations: dict[str, Calibration]
    blend: Blend
    report: dict[str, Any] = field(default_factory=dict)
    intervals: dict[str, Intervals] = field(default_factory=dict)

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Calibrated probabilities, a column per model; one row alone equals the row in a batch."""
        odds = self.log_odds(feature_matrix(frame, self.features))
        odds["risk"] = self.blend.log_odds(odds)
        return pd.DataFrame({name: probability(odds[name]) for name in MODELS}, index=frame.index)

    def interval(self, frame: pd.DataFrame, risk: Floats) -> tuple[Floats, Floats]:
        """From where to where the probability of each row may be; NaN where the race knows no intervals.

        `risk` is what `predict` said of the rows; it is always within.
        """
        known = self.intervals.get(self.blend.name)
        if known is None:
            return np.full(len(risk), np.nan), np.full(len(risk), np.nan)
        return known.of(feature_matrix(frame, self.features), risk)

    def log_odds(self, matrix: Floats) -> dict[str, Floats]:
        """Calibrated log-odds of each member."""
        raw = {
            "recency": self.recency.log_odds(matrix),
            "logistic": self.logistic.log_odds(matrix),
            "boosted": self.boosted.log_odds(matrix),
        }
        return {name: self.calibrations[name].apply(np.asarray(odds)) for name, odds in raw.items()}


def recency_alone(race: Race) -> Race:
    """The race with days since last as its risk: what is used where the other features add nothing."""
    return replace(race, blend=Blend("recency", {"recency": 1.0}))
