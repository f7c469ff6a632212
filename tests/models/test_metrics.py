from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as oracle

from tenure.models.metrics import NotMeasurable, measure, measure_weighted, ranked


def drawn(rows: int = 400, *, digits: int = 2) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(5)
    probabilities = generator.beta(1.0, 4.0, rows).round(digits)
    return (generator.random(rows) < probabilities).astype(float), probabilities


def test_separable_labels_have_an_area_of_one() -> None:
    assert measure([0, 0, 1], [0.1, 0.2, 0.9], capacity=1)["roc_auc"] == 1.0


def test_weighted_metrics_equal_scikit_learn_also_under_ties() -> None:
    labels, probabilities = drawn()
    weights = np.random.default_rng(6).integers(0, 4, len(labels)).astype(float)
    ranking = ranked(labels, probabilities)
    found = measure_weighted(ranking, weights[ranking.order][None, :], capacity=50)
    given = {"sample_weight": weights}
    assert found["roc_auc"][0] == pytest.approx(oracle.roc_auc_score(labels, probabilities, **given))
    expected = oracle.average_precision_score(labels, probabilities, **given)
    assert found["average_precision"][0] == pytest.approx(expected)
    assert found["brier"][0] == pytest.approx(oracle.brier_score_loss(labels, probabilities, **given))


def test_log_loss_equals_scikit_learn() -> None:
    labels, probabilities = drawn(digits=6)
    found = measure(labels, probabilities, capacity=50)["log_loss"]
    assert found == pytest.approx(oracle.log_loss(labels, np.clip(probabilities, 1e-6, 1 - 1e-6)))


def test_ties_share_their_expected_value_at_capacity() -> None:
    found = measure([1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], capacity=2)
    assert found["precision_at_capacity"] == 0.25
    assert found["lift_top_decile"] == pytest.approx(1.0)
    assert found["roc_auc"] == 0.5


def test_the_order_of_rows_changes_nothing() -> None:
    labels, probabilities = drawn()
    turned = measure(labels[::-1], probabilities[::-1], capacity=30)
    assert measure(labels, probabilities, capacity=30) == pytest.approx(turned)


def test_capacity_beyond_all_customers_gives_the_rate() -> None:
    assert measure([1, 0, 0, 0], [0.4, 0.3, 0.2, 0.1], capacity=99)["precision_at_capacity"] == 0.25


def test_true_probabilities_are_as_well_calibrated_as_expected() -> None:
    labels, probabilities = drawn(20_000, digits=6)
    found = measure(labels, probabilities, capacity=100)
    assert found["calibration_slope"] == pytest.approx(1.0, abs=0.05)
    assert found["calibration_in_the_large"] == pytest.approx(0.0, abs=0.01)
    assert found["calibration_error"] < 2 * found["calibration_error_expected"]


def test_doubled_probabilities_are_worse_than_chance_explains() -> None:
    labels, probabilities = drawn(5_000, digits=6)
    found = measure(labels, np.minimum(2 * probabilities, 1.0), capacity=100)
    assert found["calibration_error"] > 5 * found["calibration_error_expected"]
    assert found["calibration_in_the_large"] > 0.1


def test_one_class_gives_nan_instead_of_a_ranking() -> None:
    found = measure([0, 0, 0], [0.1, 0.2, 0.3], capacity=1)
    assert np.isnan(found["roc_auc"]) and np.isnan(found["calibration_slope"])
    assert found["brier"] == pytest.approx(0.14 / 3)


@pytest.mark.parametrize("probabilities", [[0.1, np.nan], [0.1, 1.2], [0.1]])
def test_what_is_no_probability_is_refused(probabilities: list[float]) -> None:
    with pytest.raises(NotMeasurable, match="probabilities"):
        measure([0, 1], probabilities, capacity=1)
