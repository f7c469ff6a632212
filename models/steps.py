"""A prediction step by step: what each member said, how that was calibrated, and what every feature added."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.models.contributions import BASE, feature_contributions
from tenure.models.feature import feature_matrix
from tenure.models.odds import probability
from tenure.models.race import Race


@dataclass(frozen=True)
class Said:
    """What one member said of a row: raw log-odds, the line that calibrates them, and its share in the risk."""

    name: str
    raw: float
    slope: float
    intercept: float
    log_odds: float
    probability: float
    share: float


@dataclass(frozen=True)
class Steps:
    """The way from features to the risk of one row.

    `blended` is the mean of the members' log-odds by their shares, `slope` and `intercept` the last calibration.
    `low` and `high` are the ends of its interval (NaN where the race knows none).
    `parts` has a row a feature: its `value`, what it adds to the log-odds in `adds`, and its theme, the largest
    addition first; `base` is what every row has. Base and parts make up the log-odds but for rounding, `remainder`.
    """

    members: tuple[Said, ...]
    blended: float
    slope: float
    intercept: float
    log_odds: float
    probability: float
    low: float
    high: float
    base: float
    parts: pd.DataFrame
    remainder: float


def steps_of(race: Race, row: pd.DataFrame) -> Steps:
    """The steps of a prediction for a frame of one row that has the race's features."""
    matrix = feature_matrix(row, race.features)
    raw = {
        "recency": race.recency.log_odds(matrix),
        "logistic": race.logistic.log_odds(matrix),
        "boosted": race.boosted.log_odds(matrix),
    }
    odds = race.log_odds(matrix)
    members = tuple(
        Said(
            name=name,
            raw=float(values[0]),
            slope=race.calibrations[name].slope,
            intercept=race.calibrations[name].intercept,
            log_odds=float(odds[name][0]),
            probability=float(probability(odds[name])[0]),
            share=race.blend.shares.get(name, 0.0),
        )
        for name, values in raw.items()
    )
    final = race.blend.log_odds(odds)
    low, high = race.interval(row, probability(final))
    added = feature_contributions(race, row).iloc[0]
    parts = pd.DataFrame(
        {
            "feature": [feature.name for feature in race.features],
            "theme": [feature.theme for feature in race.features],
            "meaning": [feature.meaning for feature in race.features],
            "value": matrix[0],
            "adds": added.drop(BASE).to_numpy(),
        }
    )
    order = np.argsort(-parts["adds"].abs().to_numpy(), kind="stable")
    return Steps(
        members=members,
        blended=float(race.blend.raw(odds)[0]),
        slope=race.blend.calibration.slope,
        intercept=race.blend.calibration.intercept,
        log_odds=float(final[0]),
        probability=float(probability(final)[0]),
        low=float(low[0]),
        high=float(high[0]),
        base=float(added[BASE]),
        parts=parts.iloc[order].reset_index(drop=True),
        remainder=float(final[0] - added.sum()),
    )
