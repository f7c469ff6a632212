"""How far distributions moved, and the reference they are held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tenure.models.drift import chance, corrected, counts_in, edges_of, stability_index, usual_index


def test_bins_have_about_equal_mass_and_hold_every_value() -> None:
    values = np.random.default_rng(1).gamma(2.0, size=1000)
    counts = counts_in(values, edges_of(values))
    assert len(counts) == 11 and counts.sum() == 1000 and counts[-1] == 0
    assert counts[:-1].min() >= 95


def test_few_values_get_a_bin_each() -> None:
    assert counts_in([0, 0, 1, np.nan, 5], edges_of([0, 1, 1, np.nan])).tolist() == [2, 2, 1]


def test_a_column_that_is_always_missing_is_counted_too() -> None:
    assert counts_in([np.nan, np.nan], edges_of([np.nan])).tolist() == [0, 2]


def test_the_index_grows_with_the_distance_and_does_not_see_the_size() -> None:
    then = [100, 100, 100]
    assert stability_index([1000, 1000, 1000], then) == pytest.approx(0.0, abs=1e-4)
    assert 0.01 < stability_index([80, 100, 120], then) < stability_index([10, 100, 190], then)


def test_a_small_difference_of_many_rows_is_significant_and_a_large_of_few_is_not() -> None:
    assert chance([51_000, 49_000], [500_000, 500_000]) < 1e-6
    assert chance([3, 1], [50, 50]) > 0.1


def test_corrected_chances_are_never_smaller() -> None:
    given = {"a": 0.001, "b": 0.02, "c": 0.5}
    assert corrected(given) == {"a": 0.003, "b": 0.04, "c": 0.5}


def test_what_is_usual_is_the_cut_off_that_was_furthest_from_all() -> None:
    groups = pd.Series(np.repeat([1, 2, 3], 100))
    values = np.concatenate([np.zeros(100), np.tile([0.0, 1.0], 50), np.ones(100)])
    assert usual_index(groups, values, edges_of(values)) > 1.0
    assert usual_index(pd.Series(np.arange(300) // 2 % 2), values, edges_of(values)) < 0.01
