from __future__ import annotations

import numpy as np
import pytest

from tenure.models.blend import choose_blend, paired_error
from tenure.models.odds import Floats, probability
from tenure.models.settings import RiskSettings


def judged(*, noise: float) -> tuple[dict[str, Floats], Floats, Floats, np.ndarray]:
    generator = np.random.default_rng(1)
    truth = generator.normal(-1.0, 1.5, 4_000)
    labels = (generator.random(4_000) < probability(truth)).astype(float)
    odds = {"recency": np.full(4_000, -0.8)}
    odds |= {name: truth + generator.normal(0.0, noise, 4_000) for name in ("logistic", "boosted")}
    return odds, labels, np.ones(4_000), np.arange(4_000) // 2


def test_members_with_errors_of_their_own_are_blended() -> None:
    choice = choose_blend(*judged(noise=1.0), settings=RiskSettings())
    assert choice.blend.name == "blend"
    assert choice.losses["blend"] == min(choice.losses.values())


def test_recency_is_taken_where_the_rest_adds_nothing_beyond_noise() -> None:
    odds, labels, weights, persons = judged(noise=0.0)
    odds["recency"] = odds["logistic"] * 0.98
    choice = choose_blend(odds, labels, weights, persons, settings=RiskSettings(recency_within=2.0))
    assert choice.blend.name == "recency"


def test_shares_are_those_of_the_log_odds() -> None:
    choice = choose_blend(*judged(noise=1.0), settings=RiskSettings(share=0.3))
    line = choice.blend.calibration
    odds = {"logistic": np.array([1.0]), "boosted": np.array([2.0])}
    assert choice.blend.log_odds(odds) == pytest.approx([line.intercept + line.slope * 1.3])


def test_the_error_counts_persons_not_rows() -> None:
    values = np.random.default_rng(2).normal(size=500)
    once = paired_error(values, np.ones(500), np.arange(500))
    often = paired_error(np.repeat(values, 4), np.ones(2_000), np.repeat(np.arange(500), 4))
    assert often == pytest.approx(once)
