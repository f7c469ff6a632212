"""Paired differences: their errors are those that redrawn persons and redrawn worlds show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rivals import TERMS, Rivals

from tenure.models.bootstrap import bootstrap, mean_over
from tenure.models.comparison import (
    Difference,
    Pair,
    auc_difference,
    loss_difference,
    profit_difference,
    realised_difference,
)
from tenure.models.odds import log_odds, probability
from tenure.models.profit import Stakes


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Three dates with much the same persons, of whom one model knows a little more."""
    rivals, generator = Rivals.of(0.86, 0.81, rows=100_000), np.random.default_rng(3)
    return [rivals.pair(900, generator, capacity=40, day=day)[0] for day in range(3)]


def test_differences_and_errors_equal_those_of_redrawn_persons(pairs: list[Pair]) -> None:
    parts = [
        bootstrap(
            {"one": p.one, "other": p.other}, p.labels, p.persons, capacity=40, replicates=800, seed=5,
            universe=np.arange(900), stakes=p.stakes,
        )
        for p in pairs
    ]  # fmt: skip
    drawn = mean_over(parts)
    for found, metric in (
        (auc_difference(pairs), "roc_auc"),
        (loss_difference(pairs), "log_loss"),
        (loss_difference(pairs, squared=True), "brier"),
        (realised_difference(pairs), "profit_at_capacity"),
    ):
        gap = drawn.draws["one"][metric] - drawn.draws["other"][metric]
        expected = drawn.values["one"][metric] - drawn.values["other"][metric]
        assert found.value == pytest.approx(expected, abs=1e-9), metric
        assert found.error == pytest.approx(float(np.std(gap)), rel=0.2), metric


def test_a_person_who_comes_thrice_counts_once(pairs: list[Pair]) -> None:
    thrice = [pairs[0]] * 3
    assert auc_difference(thrice).error == pytest.approx(auc_difference(pairs[:1]).error)
    assert loss_difference(thrice).error == pytest.approx(loss_difference(pairs[:1]).error)
    assert profit_difference(thrice).error == pytest.approx(profit_difference(pairs[:1]).error, rel=0.02)


def test_expected_profit_is_the_true_one_with_less_than_half_the_noise() -> None:
    rivals, generator = Rivals.of(0.86, 0.81, rows=100_000), np.random.default_rng(9)
    worlds = [rivals.pair(3_000, generator, capacity=60) for _ in range(80)]
    truth = float(np.mean([gain for _, gain in worlds]))
    found = [profit_difference([pair]) for pair, _ in worlds]
    shares = np.array([one.value / one.other for one in found])
    realised = np.array(
        [realised_difference([pair]).value / one.other for one, (pair, _) in zip(found, worlds, strict=True)]
    )
    assert shares.mean() == pytest.approx(truth, abs=0.15 * truth)
    assert shares.std() == pytest.approx(np.mean([one.error / one.other for one in found]), rel=0.25)
    assert shares.std() < 0.5 * realised.std()


def test_how_a_level_follows_the_seasons_is_no_fault_of_the_order() -> None:
    rivals, generator = Rivals.of(0.9, 0.8, rows=100_000), np.random.default_rng(4)
    drawn = [rivals.pair(4_000, generator, capacity=150, day=day)[0] for day in range(3)]
    alike = [replace(p, stakes=Stakes(np.full(len(p.labels), 500.0), TERMS, 150)) for p in drawn]
    moved = [
        replace(p, one=probability(log_odds(p.one) + shift)) for p, shift in zip(alike, (-0.8, 0.0, 0.8), strict=True)
    ]
    found, expected = profit_difference(moved), profit_difference(alike)
    assert expected.value > 2.0 * expected.error
    assert found.value == pytest.approx(expected.value, abs=0.25 * expected.error)


def test_models_that_say_the_same_differ_by_nothing(pairs: list[Pair]) -> None:
    same = [Pair(p.as_of, p.persons, p.labels, p.one, p.one, p.stakes) for p in pairs]
    for found in (auc_difference(same), loss_difference(same), profit_difference(same), realised_difference(same)):
        assert (found.value, found.error) == (0.0, 0.0)


def test_a_list_ends_where_no_contact_is_worth_making() -> None:
    labels, said = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.02, 0.01])
    stakes = Stakes(np.full(4, 100.0), TERMS, capacity=3)
    pair = Pair("a", np.arange(4), labels, said, said, stakes)
    assert realised_difference([pair]).one == pytest.approx(0.1 * 100 - 2 * TERMS.contact_cost)


def test_what_cannot_be_measured_is_nan() -> None:
    nobody = Pair("a", np.arange(2), np.zeros(2), np.array([0.1, 0.2]), np.array([0.2, 0.1]))
    assert np.isnan(auc_difference([nobody]).value)
    assert np.isnan(profit_difference([nobody]).value)
    assert Difference(1.0, 0.5, 0.5, 0.1).interval.low == pytest.approx(0.304, abs=1e-3)
