"""Served scores judged by what happened."""

from __future__ import annotations

import numpy as np
import pytest

from tenure.models.matured import Matured, TooFewOutcomes, judge

ROWS = 4000


def judged(factor: float, *, seed: int = 1) -> Matured:
    """Scores that are right where the factor is 1; silence knows nothing but the rate."""
    generator = np.random.default_rng(seed)
    risk = generator.beta(1, 6, ROWS)
    labels = (generator.random(ROWS) < np.clip(risk * factor, 0, 1)).astype(float)
    return judge(
        labels,
        risk,
        np.full(ROWS, labels.mean()),
        persons=np.arange(ROWS),
        weights=np.ones(ROWS),
        capacity=100,
        seed=seed,
    )


def test_scores_that_are_right_are_found_right() -> None:
    found = judged(1.0).figures
    assert not found["ratio"].excludes(1.0) and not found["calibration_slope"].excludes(1.0)
    assert found["roc_auc"].low > 0.6 and found["brier_gain"].low > 0


def test_scores_that_are_twice_too_low_are_found_so() -> None:
    assert judged(2.0).figures["ratio"].low > 1.7


def test_whoever_stands_for_others_weighs_more() -> None:
    labels, risk = np.tile([1.0, 0.0], 50), np.full(100, 0.5)
    weights = np.where(labels == 1, 3.0, 1.0)
    found = judge(labels, risk, risk, persons=np.arange(100), weights=weights, capacity=10, seed=1)
    assert found.figures["ratio"].value == pytest.approx(1.5)


def test_one_kind_of_outcome_alone_is_refused() -> None:
    with pytest.raises(TooFewOutcomes, match="at least 20 units to whom it happened .* found 0 and 50"):
        judge(
            np.zeros(50),
            np.full(50, 0.1),
            np.full(50, 0.1),
            persons=np.arange(50),
            weights=np.ones(50),
            capacity=5,
            seed=1,
        )
