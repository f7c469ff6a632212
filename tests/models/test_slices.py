"""Figures of groups: values by hand, errors against redrawn persons, and what is called wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tenure.models.bootstrap import bootstrap
from tenure.models.slices import LEAST_CASES, measure_slices


def invented(people: int = 1500, *, dates: int = 3, seed: int = 3):
    """People at several dates, each with a risk of their own that hardly changes; what is predicted is true."""
    drawn = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), dates)
    own = drawn.normal(-1.2, 1.0, people)
    probability = 1 / (1 + np.exp(-(own[person] + drawn.normal(0, 0.1, people * dates))))
    label = (drawn.random(len(person)) < probability).astype(float)
    return person, label, probability


def one(labels, probabilities, persons=None, selected=None):
    groups = pd.DataFrame({"by": ["all"] * len(labels)})
    nobody = [False] * len(labels)
    persons = range(len(labels)) if persons is None else persons
    (found,) = measure_slices(groups, labels, probabilities, persons, nobody if selected is None else selected)
    return found


def test_the_figures_of_a_group_are_those_of_its_rows():
    labels = [1.0, 0.0, 1.0, 0.0] * LEAST_CASES
    found = one(labels, [0.8, 0.3, 0.3, 0.2] * LEAST_CASES, selected=[True, False, False, True] * LEAST_CASES)
    assert (found.units, found.positives, found.selected.value) == (4 * LEAST_CASES, 2 * LEAST_CASES, 0.5)
    assert found.found.value == 0.5
    assert found.roc_auc.value == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert found.gap.value == pytest.approx(0.4 - 0.5)


def test_too_few_cases_have_no_ranking():
    found = one([1.0] * (LEAST_CASES - 1) + [0.0] * 80, [0.5] * (LEAST_CASES + 79))
    assert found.roc_auc is None and found.found is None and not found.wrong and not found.blind


def test_the_intervals_are_those_of_redrawn_persons():
    person, label, probability = invented()
    found = one(label, probability, person)
    drawn = bootstrap({"risk": probability}, label, person, capacity=1, replicates=600, seed=5)
    for metric, ours in (("roc_auc", found.roc_auc), ("calibration_in_the_large", found.gap)):
        theirs = drawn.interval("risk", metric)
        assert ours.value == pytest.approx(theirs.value)
        assert (ours.high - ours.low) == pytest.approx(theirs.high - theirs.low, rel=0.15)


def test_a_share_of_nobody_is_not_known_to_be_nobody():
    found = one([1.0, 0.0] * 50, [0.5] * 100)
    assert (found.selected.value, found.selected.low) == (0.0, 0.0)
    assert found.selected.high == pytest.approx(0.0362, abs=1e-4)  # Clopper-Pearson of 0 in 100
    assert found.found.high == pytest.approx(0.0711, abs=1e-4)  # of 0 in 50


def test_a_person_counts_once_however_many_rows():
    person, label, probability = invented(dates=1)
    once = one(label, probability, person)
    thrice = one(np.tile(label, 3), np.tile(probability, 3), np.tile(person, 3))
    assert thrice.roc_auc.high - thrice.roc_auc.low == pytest.approx(once.roc_auc.high - once.roc_auc.low)


def test_a_group_is_called_wrong_only_beyond_the_chance_of_all_groups():
    person, label, probability = invented(6000, dates=1)
    groups = pd.DataFrame({"team": np.where(person % 2, "north", "south"), "none": None})
    right = measure_slices(groups, label, probability, person, label > 1)
    assert [(one.kind, one.name, one.wrong) for one in right] == [("team", "north", False), ("team", "south", False)]
    shifted = np.where(person % 2, np.clip(probability + 0.08, 0, 1), probability)
    wrong = measure_slices(groups, label, shifted, person, label > 1)
    assert [one.wrong for one in wrong] == [True, False]


def test_true_predictions_are_seldom_called_wrong():
    called = 0
    for seed in range(60):
        person, label, probability = invented(800, dates=1, seed=seed)
        groups = pd.DataFrame({"letter": pd.Series(person % 8).map(lambda place: "abcdefgh"[place])})
        called += any(one.wrong for one in measure_slices(groups, label, probability, person, label > 1))
    assert called <= 8


def test_a_group_ranked_by_lots_is_blind():
    person, label, probability = invented(4000, dates=1)
    lots = np.random.default_rng(1).permutation(probability)
    assert one(label, lots, person).blind and not one(label, probability, person).blind
