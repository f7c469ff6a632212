from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tenure.models import verdict
from tenure.models.odds import probability


def origins_of(
    *, recency: float, rest: float, origins: int = 4, persons: int = 600, seed: int = 1
) -> list[verdict.Tested]:
    """Origins at which recency and the rest move the log-odds so much; risk knows both."""
    generator = np.random.default_rng(seed)
    found = []
    for origin in range(origins):
        first, second = generator.normal(size=(2, persons))
        odds = -1.5 + recency * first + rest * second
        guess = generator.normal(0.0, 0.1, persons)
        predictions = pd.DataFrame(
            {"recency": probability(-1.5 + recency * first + guess), "risk": probability(odds + guess)}
        )
        labels = (generator.random(persons) < probability(odds)).astype(float)
        found.append(verdict.Tested(f"2024-0{origin + 1}-01", np.arange(persons), labels, predictions))
    return found


def test_a_signal_beyond_recency_is_to_be_used() -> None:
    found = verdict.judge(origins_of(recency=0.5, rest=1.0), seed=1)
    assert found.name == "use"
    assert "over 4 origins" in found.sentence and "ROC AUC" in found.sentence


def test_recency_alone_is_said_to_be_enough() -> None:
    assert verdict.judge(origins_of(recency=1.0, rest=0.0), seed=1).name == "use recency"


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_no_signal(seed: int) -> None:
    assert verdict.judge(origins_of(recency=0.0, rest=0.0, seed=seed), seed=1).name == "no signal"


def test_one_origin_is_not_enough_data() -> None:
    found = verdict.judge(origins_of(recency=1.0, rest=1.0, origins=1), seed=1)
    assert found.name == "not enough data"
    assert "at 1 usable origins" in found.sentence


def test_under_a_hundred_positives_are_not_enough_data() -> None:
    assert verdict.judge(origins_of(recency=1.0, rest=1.0, persons=40), seed=1).name == "not enough data"


def test_an_origin_at_which_nobody_left_is_not_usable() -> None:
    two = origins_of(recency=1.0, rest=1.0, origins=2)
    nobody = verdict.Tested("2024-09-01", np.arange(600), np.zeros(600), two[0].predictions)
    assert verdict.judge([two[0], nobody], seed=1).name == "not enough data"
