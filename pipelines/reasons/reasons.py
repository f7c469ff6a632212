"""From contributions to reasons: the themes that raise a unit's risk, the strongest first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tenure.models.contributions import feature_contributions
from tenure.models.race import Race
from tenure.pipelines.reasons.saying import say
from tenure.pipelines.reasons.sentences import FOR_YOU_ONLY, Facts, told

MOST = 3
"""Reasons a unit is given at the most."""

LEAST_LOG_ODDS = 0.05
"""What a theme must add to be worth a sentence."""


def reasons(race: Race, frame: pd.DataFrame, *, currency: str = "") -> list[list[dict[str, Any]]]:
    """For every row up to three themes that raise its risk, with a sentence true of its data.

    `text` is the sentence in English; `said` is what it takes to say it in any language, see `reasons.saying`.
    `log_odds` is the theme's share of the log-odds before calibration, against an average row.
    """
    if not len(frame):
        return []
    parts = feature_contributions(race, frame)
    names = [f.name for f in race.features]
    weights = parts[names].to_numpy()
    themes = sorted({f.theme for f in race.features})
    columns = {theme: np.array([i for i, f in enumerate(race.features) if f.theme == theme]) for theme in themes}
    totals = np.column_stack([weights[:, columns[theme]].sum(axis=1) for theme in themes])
    values = frame[names].to_numpy(dtype=float)
    return [
        _of_row(race, currency, dict(zip(names, values[row], strict=True)), totals[row], weights[row], themes, columns)
        for row in range(len(frame))
    ]


def _of_row(
    race: Race,
    currency: str,
    row: dict[str, float],
    totals: np.ndarray,
    weights: np.ndarray,
    themes: list[str],
    columns: dict[str, np.ndarray],
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for place in np.argsort(-totals, kind="stable"):
        if totals[place] < LEAST_LOG_ODDS or len(found) == MOST:
            break
        theme = themes[place]
        feature = race.features[columns[theme][int(np.argmax(weights[columns[theme]]))]]
        said = told(theme, Facts(row, feature.name, feature.meaning, currency))
        if said is None:
            continue
        text = say(said, "en")
        if text not in {reason["text"] for reason in found}:
            found.append(
                {
                    "theme": theme,
                    "text": text,
                    "said": said,
                    "sayable": theme not in FOR_YOU_ONLY,
                    "log_odds": round(float(totals[place]), 4),
                }
            )
    return found
