"""What is unusual for a series, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from tenure.models.unusual import (
    expected_counts,
    unusual_level,
    unusual_share,
    unusual_shift,
    unusual_silence,
    unusual_volume,
)

DAYS = 200
OPEN = np.ones(DAYS, dtype=bool)
WEEKDAY = np.arange(DAYS) % 7


@pytest.fixture
def counts() -> np.ndarray:
    """About sixty rows a day, none on Sundays, a level that moves by a tenth."""
    generator = np.random.default_rng(3)
    level = 60.0 * np.exp(generator.normal(0, 0.1, DAYS))
    return np.where(WEEKDAY == 6, 0, generator.poisson(level)).astype(float)


def test_a_calm_series_is_never_unusual(counts: np.ndarray) -> None:
    expected = expected_counts(counts, OPEN, WEEKDAY)
    assert not unusual_silence(counts, expected).flag.any()
    for window in (1, 7):
        assert not unusual_volume(counts, expected, window=window, factor=1.7).flag.any()


def test_a_feed_that_stops_is_silent_on_the_first_day_it_should_have_come(counts: np.ndarray) -> None:
    counts[150:] = 0  # a Wednesday
    found = unusual_silence(counts, expected_counts(counts, OPEN, WEEKDAY))
    assert np.flatnonzero(found.flag)[0] == 150


def test_nothing_is_expected_of_a_closed_day(counts: np.ndarray) -> None:
    counts[150:153] = 0
    closed = OPEN.copy()
    closed[150:153] = False
    assert not unusual_silence(counts, expected_counts(counts, closed, WEEKDAY)).flag.any()


def test_rows_that_come_in_clusters_are_not_missed_for_a_while() -> None:
    generator = np.random.default_rng(5)
    counts = 5.0 * generator.poisson(0.6, DAYS)  # three a day on average, in fives
    expected = np.where(np.arange(DAYS) < 28, np.nan, 3.0)
    assert not unusual_silence(counts, expected).flag.any()


def test_three_times_the_rows_are_unusual_at_once(counts: np.ndarray) -> None:
    counts[150:] *= 3
    found = unusual_volume(counts, expected_counts(counts, OPEN, WEEKDAY, window=7), window=7, factor=1.7)
    assert 150 <= np.flatnonzero(found.flag)[0] <= 154


def test_the_past_is_judged_without_what_came_later(counts: np.ndarray) -> None:
    whole = unusual_volume(counts, expected_counts(counts, OPEN, WEEKDAY), window=1, factor=1.7)
    some = counts[:120]
    then = unusual_volume(some, expected_counts(some, OPEN[:120], WEEKDAY[:120]), window=1, factor=1.7)
    np.testing.assert_array_equal(whole.distance[:120], then.distance)
    np.testing.assert_array_equal(whole.limit[:120], then.limit)


def test_a_share_that_jumps_is_unusual_and_one_that_creeps_is_not() -> None:
    of = np.full(DAYS, 50.0)
    jumps, creeps = np.full(DAYS, 5.0), np.linspace(5.0, 25.0, DAYS).round()
    jumps[150:] = 30.0
    assert np.flatnonzero(unusual_share(jumps, of, window=1, effect=0.2).flag)[0] == 150
    assert not unusual_share(creeps, of, window=1, effect=0.2).flag.any()


def test_a_level_that_moves_is_unusual_from_that_day_on() -> None:
    level = 3.0 + np.random.default_rng(1).normal(0, 0.1, DAYS)
    level[150:] += 2.0
    found = unusual_level(level, np.full(DAYS, 40.0), np.full(DAYS, 0.1), window=1, effect=1.0)
    assert np.flatnonzero(found.flag)[0] == 150
    assert found.distance[150] == pytest.approx(2.0, abs=0.4)


def test_hours_that_move_tell_by_how_many() -> None:
    shares = np.zeros(24)
    shares[9:17] = 1 / 8
    profile = np.random.default_rng(2).multinomial(60, shares, size=DAYS).astype(float)
    profile[150:] = np.roll(profile[150:], -4, axis=1)
    found = unusual_shift(profile, window=1)
    assert np.flatnonzero(found.flag)[0] == 150 and found.expected[150] == -4
