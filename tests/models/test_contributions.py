from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tenure.models.blend import Blend
from tenure.models.calibration import Calibration
from tenure.models.contributions import feature_contributions, theme_contributions
from tenure.models.odds import log_odds
from tenure.models.race import Race

BLENDS = ({"recency": 1.0}, {"logistic": 1.0}, {"boosted": 1.0}, {"logistic": 0.4, "boosted": 0.6})


@pytest.mark.parametrize("shares", BLENDS)
def test_parts_add_up_to_the_log_odds_of_risk(race: Race, later: pd.DataFrame, shares: dict[str, float]) -> None:
    blended = replace(race, blend=Blend("made up", shares, Calibration(0.2, 1.1)))
    rows = later.iloc[:200]
    total = feature_contributions(blended, rows).sum(axis=1)
    assert total.to_numpy() == pytest.approx(log_odds(blended.predict(rows)["risk"]), abs=1e-9)


def test_themes_are_sums_of_their_features(race: Race, later: pd.DataFrame) -> None:
    themes = theme_contributions(race, later.iloc[:50])
    assert list(themes.columns) == ["rhythm", "activity", "money", "service", "base"]
    parts = feature_contributions(race, later.iloc[:50])
    assert np.array_equal(themes["rhythm"], parts["days_since_last"])


def test_a_long_silence_raises_the_part_of_rhythm(race: Race, later: pd.DataFrame) -> None:
    row = later.iloc[[0]]
    short, long = (
        theme_contributions(race, row.assign(days_since_last=days))["rhythm"].iloc[0] for days in (1.0, 80.0)
    )
    assert long > short + 0.5


def test_one_row_alone_equals_the_row_in_the_batch(race: Race, later: pd.DataFrame) -> None:
    batch = theme_contributions(race, later.iloc[:20])
    alone = pd.concat([theme_contributions(race, later.iloc[[row]]) for row in range(20)])
    assert alone.equals(batch)
