"""Why a score is what it is: parts of the log-odds per feature, added up into themes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tenure.models.feature import feature_matrix
from tenure.models.logistic import LogisticModel
from tenure.models.odds import Floats
from tenure.models.race import Race
from tenure.models.recency import RecencyModel

BASE = "base"
"""The column of what every customer has in common."""


def feature_contributions(race: Race, frame: pd.DataFrame) -> pd.DataFrame:
    """Parts of the log-odds of risk, rows x features and `base`; each row adds up to its log-odds.

    Trees give TreeSHAP values, the logistic its terms and recency its curve, each multiplied by its
    share in the blend and by both calibration slopes.
    """
    matrix = feature_matrix(frame, race.features)
    total = np.zeros((len(matrix), len(race.features) + 1))
    for name, share in race.blend.shares.items():
        line = race.calibrations[name]
        part = _member(race, name, matrix) * line.slope
        part[:, -1] += line.intercept
        total += share * part
    total *= race.blend.calibration.slope
    total[:, -1] += race.blend.calibration.intercept
    names = [feature.name for feature in race.features]
    return pd.DataFrame(total, columns=[*names, BASE], index=frame.index)


def theme_contributions(race: Race, frame: pd.DataFrame) -> pd.DataFrame:
    """Parts of the log-odds of risk, rows x themes in the order of the features, then `base`."""
    parts = feature_contributions(race, frame)
    themes = list(dict.fromkeys(feature.theme for feature in race.features))
    columns: dict[str, pd.Series] = {}
    for theme in themes:
        names = [feature.name for feature in race.features if feature.theme == theme]
        columns[theme] = parts[names].sum(axis=1)
    columns[BASE] = parts[BASE]
    return pd.DataFrame(columns, index=frame.index)


def _member(race: Race, name: str, matrix: Floats) -> Floats:
    if name == "recency":
        return _of_recency(race.recency, matrix)
    if name == "logistic":
        return _of_logistic(race.logistic, matrix)
    return race.boosted.contributions(matrix)


def _of_logistic(model: LogisticModel, matrix: Floats) -> Floats:
    parts = np.zeros((len(matrix), matrix.shape[1] + 1))
    np.add.at(parts.T, model.owners(), model.contributions(matrix).T)
    parts[:, -1] = model.intercept
    return parts


def _of_recency(model: RecencyModel, matrix: Floats) -> Floats:
    """The curve against the middle of its heights, which is the base."""
    parts = np.zeros((len(matrix), matrix.shape[1] + 1))
    odds = model.log_odds(matrix)
    if model.column < 0:
        parts[:, -1] = odds
        return parts
    middle = float(np.mean(model.heights))
    parts[:, model.column] = odds - middle
    parts[:, -1] = middle
    return parts
