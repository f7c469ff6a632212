"""Small made-up worlds, in which it is known what there is to find."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tenure.models.boosted import BoostedSettings
from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.race import Race
from tenure.models.settings import RaceSettings

FEATURES = (
    Feature("days_since_last", "days since the last visit", "rhythm", 1),
    Feature("visits_count_28d", "visits in 28 days", "activity", -1),
    Feature("mean_basket", "mean basket", "money"),
    Feature("days_since_complaint", "days since a complaint", "service"),
)
SETTINGS = RaceSettings(
    recency="days_since_last", later_positives=20, boosted=BoostedSettings(trees=(20, 40), leaf_rows=20)
)

World = Callable[..., pd.DataFrame]


def made_up(*, recency: float, visits: float, persons: int = 500, cutoffs: int = 6, seed: int = 1) -> pd.DataFrame:
    """Examples whose log-odds rise with log days by `recency` and fall with visits by `visits`."""
    generator = np.random.default_rng(seed)
    rows = persons * cutoffs
    days = generator.exponential(15.0, rows).round(1)
    count = generator.poisson(4.0, rows).astype(float)
    complaint = np.where(generator.random(rows) < 0.6, np.nan, generator.exponential(30.0, rows))
    odds = -1.5 + recency * (np.log1p(days) - 2.3) - visits * (count - 4.0)
    as_of = pd.Timestamp("2024-01-01") + pd.to_timedelta(28 * np.repeat(np.arange(cutoffs), persons), unit="D")
    return pd.DataFrame(
        {
            "unit_id": [f"c{i % persons:04d}" for i in range(rows)],
            "customer_id": [f"c{i % persons:04d}" for i in range(rows)],
            "as_of": as_of,
            "label": (generator.random(rows) < 1.0 / (1.0 + np.exp(-odds))).astype(float),
            "label_end": as_of + pd.Timedelta(days=28),
            "days_since_last": days,
            "visits_count_28d": count,
            "mean_basket": generator.lognormal(3.0, 1.0, rows),
            "days_since_complaint": complaint,
        }
    )


@pytest.fixture(scope="session")
def examples() -> pd.DataFrame:
    return made_up(recency=0.8, visits=0.6)


@pytest.fixture(scope="session")
def race(examples: pd.DataFrame) -> Race:
    return fit_race(examples, features=FEATURES, settings=SETTINGS)


@pytest.fixture(scope="session")
def later() -> pd.DataFrame:
    return made_up(recency=0.8, visits=0.6, seed=2)


@pytest.fixture(scope="session")
def features() -> tuple[Feature, ...]:
    return FEATURES


@pytest.fixture(scope="session")
def settings() -> RaceSettings:
    return SETTINGS


@pytest.fixture(scope="session")
def world() -> World:
    return made_up
