from __future__ import annotations

import numpy as np
import pytest

from tenure.models.bootstrap import bootstrap, mean_over
from tenure.models.metrics import NotMeasurable, measure


def drawn(rows: int = 600) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    probabilities = generator.beta(1.0, 4.0, rows)
    return (generator.random(rows) < probabilities).astype(float), probabilities, np.arange(rows)


def test_values_are_those_of_measure() -> None:
    labels, probabilities, persons = drawn()
    found = bootstrap({"risk": probabilities}, labels, persons, capacity=50, replicates=20, seed=1)
    expected = measure(labels, probabilities, capacity=50)
    assert found.values["risk"] == {name: expected[name] for name in found.values["risk"]}


def test_interval_of_the_brier_score_is_as_wide_as_theory_says() -> None:
    labels, probabilities, persons = drawn()
    found = bootstrap({"risk": probabilities}, labels, persons, capacity=50, replicates=400, seed=1)
    error = ((probabilities - labels) ** 2).std() / np.sqrt(len(labels))
    interval = found.interval("risk", "brier")
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_rows_of_one_person_are_drawn_together() -> None:
    labels, probabilities, persons = drawn(200)
    many = [np.repeat(values, 9) for values in (labels, probabilities, persons)]
    once = bootstrap({"risk": probabilities}, labels, persons, capacity=9, replicates=50, seed=1)
    nine = bootstrap({"risk": many[1]}, many[0], many[2], capacity=9, replicates=50, seed=1)
    assert nine.draws["risk"]["roc_auc"] == pytest.approx(once.draws["risk"]["roc_auc"])


def test_a_model_does_not_differ_from_itself() -> None:
    labels, probabilities, persons = drawn()
    twins = {"risk": probabilities, "other": probabilities}
    found = bootstrap(twins, labels, persons, capacity=50, replicates=20, seed=1)
    difference = found.difference("risk", "other", "roc_auc")
    assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)


def test_a_better_model_is_better_beyond_noise() -> None:
    labels, probabilities, persons = drawn()
    models = {"risk": probabilities, "other": np.full(len(labels), 0.2)}
    found = bootstrap(models, labels, persons, capacity=50, replicates=100, seed=1)
    assert found.difference("risk", "other", "roc_auc").low > 0.0


def test_a_person_is_drawn_alike_at_every_origin() -> None:
    labels, probabilities, persons = drawn()
    half = persons < 300
    universe = {"capacity": 10, "replicates": 30, "seed": 4, "universe": persons}
    first = bootstrap({"risk": probabilities[half]}, labels[half], persons[half], **universe)
    again = bootstrap({"risk": probabilities[half]}, labels[half], persons[half], **universe)
    mean = mean_over([first, again])
    assert mean.draws["risk"]["roc_auc"] == pytest.approx(first.draws["risk"]["roc_auc"])


def test_a_person_outside_the_universe_is_refused() -> None:
    labels, probabilities, persons = drawn(20)
    with pytest.raises(NotMeasurable, match="19 rows"):
        bootstrap({"risk": probabilities}, labels, persons, capacity=1, seed=1, universe=[0])
