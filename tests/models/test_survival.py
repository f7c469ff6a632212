"""Concordance, integrated Brier score and calibration of curves, by hand and against lifelines."""

from __future__ import annotations

import numpy as np
import pytest

from tenure.models.metrics import NotMeasurable
from tenure.models.periods import Times
from tenure.models.survival import Censoring, brier_parts, concordance, integrated, measurable_days, measure_curves

EVER = 10**6
UNCENSORED = Censoring(np.empty(0), np.empty(0))


def drawn(rows: int = 60) -> tuple[Times, np.ndarray]:
    """The rows whose figures lifelines was asked for: see the numbers below."""
    generator = np.random.default_rng(7)
    days = np.floor(generator.exponential(30, rows))
    decided = np.floor(generator.uniform(1, 80, rows))
    return Times(days, decided), np.round(-days / 10 + generator.normal(0, 2, rows), 0)


def test_the_chance_of_not_being_censored_is_that_of_lifelines():
    times, _ = drawn()
    # KaplanMeierFitter().fit(where(happened, days + .5, decided), ~happened).predict(...) of lifelines 0.30.3
    theirs = [1.0, 0.9092249339927363, 0.8062964588395819, 0.5531577844989876, 0.24584790422177225]
    np.testing.assert_allclose(Censoring.of(times).decided([0, 10, 25, 40, 60]), theirs, rtol=1e-12)


def test_concordance_is_that_of_lifelines_where_every_pair_weighs_the_same():
    times, risk = drawn()
    # concordance_index(days, -risk) and concordance_index(where(happened, days + .5, decided), -risk, happened)
    everybody = Times(times.days, np.full(60, 1e9))
    assert concordance(everybody, risk, until=EVER)[0] == pytest.approx(0.7545871559633027, rel=1e-12)
    assert concordance(times, risk, until=EVER, censoring=UNCENSORED)[0] == pytest.approx(0.7468652037617555, rel=1e-12)


def test_pairs_of_concordance_weigh_by_how_few_are_still_watched():
    times = Times(np.array([1.0, 5.0, np.inf, np.inf]), np.array([9.0, 9.0, 3.0, 9.0]))
    # Day 1: pairs with the three others, all right but the last; day 5 (2/3 are watched): one pair, wrong.
    risk = [0.8, 0.3, 0.1, 0.9]
    assert Censoring.of(times).decided([1, 5]).tolist() == [1.0, pytest.approx(2 / 3)]
    assert concordance(times, risk, until=EVER)[0] == pytest.approx(2 / (3 + 1 / (2 / 3) ** 2))
    assert concordance(times, risk, until=5)[0] == pytest.approx(2 / 3)
    twice = np.array([[2.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    found = concordance(times, risk, until=5, weights=twice)
    assert found[0] == pytest.approx(2 / 3) and np.isnan(found[1])


def test_uno_s_concordance_does_not_move_with_the_censoring_as_harrell_s_does():
    generator = np.random.default_rng(11)
    risk = generator.normal(0, 1, 6_000)
    early = generator.random(6_000) < 0.5  # the risk says much of the first days, nothing of later ones
    days = np.where(early, generator.exponential(10 * np.exp(-risk)), 20 + generator.exponential(20, 6_000)).round()
    whole = concordance(Times(days, np.full(6_000, 1e9)), risk, until=40)[0]
    cut = Times(days, generator.exponential(25, 6_000).round() + 1)
    assert concordance(cut, risk, until=40)[0] == pytest.approx(whole, abs=0.015)
    assert abs(concordance(cut, risk, until=40, censoring=UNCENSORED)[0] - whole) > 0.03


def test_the_brier_score_counts_whom_it_happened_to_who_went_without_and_nobody_who_was_censored_before():
    times = Times(np.array([2.0, np.inf, np.inf]), np.array([30.0, 5.0, 30.0]))
    within = np.array([[0.6, 0.7], [0.1, 0.2], [0.3, 0.4]])
    # Of the two still there on day 5 one is censored: later days are watched in half of the cases.
    found = brier_parts(times, within, (4, 10))
    np.testing.assert_allclose(found, [[0.16, 0.09], [0.01, 0.0], [0.09, 0.16 / 0.5]])
    score = integrated(found.mean(axis=0, keepdims=True), (4, 10))[0]
    first, second = 0.26 / 3, 0.41 / 3
    assert score == pytest.approx((4 * first / 2 + 6 * (first + second) / 2) / 10)


def test_censoring_alone_does_not_move_the_brier_score_or_the_calibration():
    generator = np.random.default_rng(2)
    chance = generator.uniform(0.05, 0.6, 8_000)
    days = np.where(generator.random(8_000) < chance, generator.uniform(0, 20, 8_000).round(), np.inf)
    curve = np.column_stack([chance / 2, chance])
    whole, cut = Times(days, np.full(8_000, 99.0)), Times(days, generator.uniform(3, 60, 8_000).round())
    persons = np.arange(8_000)
    given = {"days": (10, 21), "replicates": 2, "seed": 1}
    ours = measure_curves({"c": curve}, whole, persons, **given).values["c"]
    seen = measure_curves({"c": curve}, cut, persons, **given).values["c"]
    assert seen["integrated_brier"] == pytest.approx(ours["integrated_brier"], abs=0.006)
    assert seen["happened_21d"] == pytest.approx(ours["happened_21d"], abs=0.02)
    assert seen["calibration_21d"] == pytest.approx(0.0, abs=0.02)


def test_intervals_are_by_person_and_differences_paired():
    times, risk = drawn()
    curve = np.column_stack([np.full(60, 0.2), 1 / (1 + np.exp(-risk))])
    persons = np.array([f"p{number // 3}" for number in range(60)])
    found = measure_curves({"a": curve, "b": curve * 0.9}, times, persons, days=(7, 28), replicates=80, seed=3)
    area = found.interval("a", "concordance")
    assert area.low < area.value < area.high
    assert found.difference("a", "b", "concordance").value == 0.0  # the same order
    assert found.difference("a", "b", "integrated_brier").low < found.difference("a", "b", "integrated_brier").high
    assert set(found.values["a"]) == {"concordance", "integrated_brier"} | {
        f"{name}_{day}d" for name in ("brier", "said", "happened", "calibration") for day in (7, 28)
    }


def test_days_nobody_has_lived_through_are_not_measured():
    times = Times(np.array([3.0, np.inf]), np.array([40.0, 15.0]))
    assert measurable_days(times, (7, 14, 28)) == (7, 14)
    with pytest.raises(NotMeasurable, match="no row is known to have had its event"):
        measure_curves({}, Times(np.array([np.inf]), np.array([9.0])), ["a"], days=(7,), replicates=2, seed=1)
