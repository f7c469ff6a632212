"""From what weighs in the model to at most three sentences."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.race import Race
from tenure.models.settings import RaceSettings
from tenure.pipelines.reasons.reasons import MOST, reasons
from tenure.pipelines.reasons.saying import reason_text, say

FEATURES = (
    Feature("purchase_days_since_last", "days since the last purchase", "silence", 1),
    Feature("purchase_count_28d", "purchases in 28 days", "activity", -1),
    Feature("profile_age", "age of the customer", "profile"),
)
NAMES = [feature.name for feature in FEATURES]


@pytest.fixture(scope="module")
def examples() -> pd.DataFrame:
    drawn = np.random.default_rng(3)
    days, count = drawn.integers(1, 29, 1_500).astype(float), drawn.poisson(4.0, 1_500).astype(float)
    odds = 0.25 * (days - 14) - 0.5 * (count - 4) - 1.5
    return pd.DataFrame(
        {
            "unit_id": [f"u{i % 300}" for i in range(1_500)],
            "customer_id": [f"u{i % 300}" for i in range(1_500)],
            "as_of": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(1_500) // 300 * 28, unit="D"),
            "label": (drawn.random(1_500) < 1 / (1 + np.exp(-odds))).astype(float),
            "label_end": pd.Timestamp("2024-02-01"),
            "purchase_days_since_last": days,
            "purchase_count_28d": count,
            "profile_age": drawn.integers(18, 90, 1_500).astype(float),
        }
    )


@pytest.fixture(scope="module")
def race(examples: pd.DataFrame) -> Race:
    settings = RaceSettings(recency="purchase_days_since_last")
    return fit_race(examples, features=FEATURES, settings=settings, threads=1)


def test_the_quiet_hear_of_their_silence_first_and_the_busy_of_nothing(race: Race) -> None:
    rows = pd.DataFrame([[28.0, 4.0, 50.0], [1.0, 9.0, 50.0]], columns=NAMES)
    quiet, busy = reasons(race, rows)
    assert quiet[0]["theme"] == "silence"
    assert quiet[0]["text"] == "no purchase for 28 days"  # this model knows no gaps
    assert quiet[0]["sayable"]
    assert not {"silence", "activity"} & {reason["theme"] for reason in busy}


def test_there_are_at_most_three_reasons_and_the_strongest_comes_first(race: Race, examples: pd.DataFrame) -> None:
    for found in reasons(race, examples.loc[:50, NAMES]):
        weights = [reason["log_odds"] for reason in found]
        assert len(found) <= MOST
        assert weights == sorted(weights, reverse=True)
        assert all(reason["sayable"] == (reason["theme"] != "profile") for reason in found)


def test_a_reason_holds_what_it_takes_to_say_it_in_any_language(race: Race, examples: pd.DataFrame) -> None:
    for reason in (reason for found in reasons(race, examples.loc[:50, NAMES]) for reason in found):
        assert json.loads(json.dumps(reason)) == reason
        assert say(reason["said"], "en") == reason["text"] == reason_text(reason, "en")
    (silence, *_), _ = reasons(race, pd.DataFrame([[22.0, 4.0, 50.0], [1.0, 9.0, 50.0]], columns=NAMES))
    assert reason_text(silence, "pl") == "brak zakupów od 22 dni"


def test_one_row_alone_has_the_reasons_of_the_batch(race: Race, examples: pd.DataFrame) -> None:
    rows = examples.loc[:20, NAMES]
    assert [reasons(race, rows.iloc[[place]])[0] for place in range(len(rows))] == reasons(race, rows)


def test_nobody_has_no_reasons(race: Race) -> None:
    assert reasons(race, pd.DataFrame(columns=NAMES, dtype=float)) == []
