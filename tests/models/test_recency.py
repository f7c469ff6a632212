from __future__ import annotations

import numpy as np
import pytest

from tenure.models.odds import probability
from tenure.models.recency import fit_recency


def quiet(direction: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    days = generator.exponential(20.0, 4_000)
    labels = generator.random(4_000) < probability(direction * (np.log1p(days) - 2.5) - 1.0)
    return days[:, None], labels.astype(float), np.ones(4_000)


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_the_curve_never_turns(direction: float) -> None:
    model = fit_recency(*quiet(direction), column=0)
    steps = np.diff(model.log_odds(np.linspace(0.0, 200.0, 500)[:, None]))
    assert (direction * steps >= 0.0).all()


def test_the_curve_finds_the_true_probability() -> None:
    model = fit_recency(*quiet(1.0), column=0)
    days = np.array([[5.0], [20.0], [60.0]])
    truth = probability(np.log1p(days[:, 0]) - 3.5)
    assert probability(model.log_odds(days)) == pytest.approx(truth, abs=0.05)


def test_a_customer_without_a_last_visit_gets_the_rate_of_such_customers() -> None:
    days, labels, weights = quiet(1.0)
    days[:1_000] = np.nan
    labels[:1_000] = np.arange(1_000) < 700
    model = fit_recency(days, labels, weights, column=0)
    assert probability(model.log_odds(np.array([[np.nan]]))) == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("days", [np.full((100, 1), np.nan), np.full((100, 1), 3.0)])
def test_days_that_say_nothing_give_the_base_rate(days: np.ndarray) -> None:
    labels = (np.arange(100) < 25).astype(float)
    found = probability(fit_recency(days, labels, np.ones(100), column=0).log_odds(days))
    assert found == pytest.approx(0.25, abs=0.01)


def test_without_the_feature_everybody_gets_the_base_rate() -> None:
    labels = (np.arange(100) < 25).astype(float)
    model = fit_recency(np.zeros((100, 2)), labels, np.ones(100), column=None)
    assert probability(model.log_odds(np.zeros((3, 2)))) == pytest.approx([0.25] * 3, abs=0.01)
