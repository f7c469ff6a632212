"""The verbs in which features are written, each on a history one can count by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from histories import World, question, told

from tenure.pipelines.history.past import Past
from tenure.pipelines.settings.outcome import Inactivity

LAPSE = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28)
AS_OF = dt.date(2024, 6, 1)
TEXT = """
    a purchase 2024-05-10T09:00 amount=10
    a purchase 2024-05-20T09:00 amount=30
    a purchase 2024-05-20T18:00
    a purchase 2024-05-30T09:00 amount=-5
    a purchase 2024-06-01 amount=1000
    b purchase 2024-01-01 amount=7
    c visit    2024-05-30
"""


def purchases(text: str = TEXT, gaps: dict | None = None) -> Past:
    return World(told(text), (), AS_OF, question(LAPSE, gaps=gaps)).history().as_of(AS_OF).kind("purchase")


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (lambda past: past.count(), [4, 1, 0]),
        (lambda past: past.count(12), [3, 0, 0]),
        (lambda past: past.total("amount", 28), [35, 0, 0]),
        (lambda past: past.mean("amount", 28), [35 / 3, np.nan, np.nan]),
        (lambda past: past.largest("amount", 28), [30, np.nan, np.nan]),
        (lambda past: past.last("amount"), [-5, 7, np.nan]),
        (lambda past: past.days_since(), [2, 152, np.nan]),
        (lambda past: past.days_since(4), [22, np.nan, np.nan]),
        (lambda past: past.days_since_first(), [22, 152, np.nan]),
        (lambda past: past.active_days(28), [3, 0, 0]),
        (lambda past: past.daily.gap_total(), [20, 0, 0]),
        (lambda past: past.daily.gap_total(2), [200, 0, 0]),
        (lambda past: past.daily.gap_count(), [2, 0, 0]),
        (lambda past: past.gap_count(), [3, 0, 0]),
        (lambda past: past.daily.gap_largest(), [10, np.nan, np.nan]),
        (lambda past: past.daily.gap_before_last(2), [10, np.nan, np.nan]),
        (lambda past: past.daily.gap_before_last(3), [np.nan, np.nan, np.nan]),
        (lambda past: past.daily.gaps_of_at_least(10), [2, 0, 0]),
        (lambda past: past.daily.gaps_longer_than(np.array([9.0, 1.0, np.nan])), [2, 0, 0]),
        (lambda past: past.active_weeks(4), [3, 0, 0]),
        (lambda past: past.weekday_count(0), [2, 1, 0]),
        (lambda past: past.daily.decayed(2), [0.5 + 0.5**6 + 0.5**11, 0, 0]),
        (lambda past: past.decayed(2, "amount"), [-2.5 + 30 * 0.5**6 + 10 * 0.5**11, 0, 0]),
    ],
)
def test_a_verb_says_what_one_counts_by_hand(verb, expected: list[float]) -> None:
    assert verb(purchases()) == pytest.approx(expected, nan_ok=True)


def test_money_is_added_exactly() -> None:
    text = "\n".join(f"a purchase 2024-05-{day:02d} amount=0.1" for day in range(1, 31))
    assert purchases(text).total("amount").tolist() == [3.0]


def test_nothing_is_said_of_nobody() -> None:
    past = purchases("a visit 2024-05-01")
    assert past.count().tolist() == [0]
    assert np.isnan([past.days_since(), past.last("amount"), past.largest("amount"), past.gap_largest()]).all()
    assert past.last_code("kind").tolist() == [-1]


def test_a_window_that_touches_a_gap_is_missing_and_one_that_does_not_is_not() -> None:
    begin, end = (int(dt.datetime(2024, 5, day, tzinfo=dt.UTC).timestamp()) * 1000 for day in (18, 20))
    past = purchases(gaps={"purchase": ((begin, end),)})
    assert np.isnan(past.count(28)).all()
    assert past.count(12).tolist() == [3, 0, 0]
    assert past.days_since() == pytest.approx([2, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (lambda past: past.count(), [np.nan, np.nan, 0]),
        (lambda past: past.total("amount"), [np.nan, np.nan, 0]),
        (lambda past: past.days_since(3), [12, np.nan, np.nan]),
        (lambda past: past.days_since_first(), [22, 152, np.nan]),
        (lambda past: past.last("amount"), [-5, np.nan, np.nan]),
        (lambda past: past.daily.gap_total(), [np.nan, np.nan, 0]),
        (lambda past: past.daily.gap_before_last(), [10, np.nan, np.nan]),
        (lambda past: past.daily.gap_before_last(2), [np.nan, np.nan, np.nan]),
        (lambda past: past.daily.gap_largest(), [np.nan, np.nan, np.nan]),
        (lambda past: past.daily.gaps_of_at_least(10), [np.nan, np.nan, 0]),
        (lambda past: past.daily.gaps_longer_than(np.array([9.0, 1.0, np.nan])), [np.nan, np.nan, 0]),
        (lambda past: past.active_weeks(1), [1, 0, 0]),
        (lambda past: past.active_weeks(4), [np.nan, np.nan, np.nan]),
        (lambda past: past.decayed(28), [np.nan, np.nan, 0]),
        (lambda past: past.recorded.count(), [4, 1, 0]),
        (lambda past: past.recorded.daily.gap_total(), [20, 0, 0]),
    ],
)
def test_a_verb_says_nothing_where_the_answer_may_lie_in_a_gap(verb, expected: list[float]) -> None:
    """Of `c`, whose first row of any kind came after the gap, it is known that there was no purchase."""
    begin, end = (int(dt.datetime(2024, 5, day, tzinfo=dt.UTC).timestamp()) * 1000 for day in (18, 20))
    assert verb(purchases(gaps={"purchase": ((begin, end),)})) == pytest.approx(expected, nan_ok=True)


def test_a_decayed_sum_does_not_hang_on_a_gap_longer_ago_than_its_weights_reach() -> None:
    gap = tuple(int(dt.datetime(2024, 1, day, tzinfo=dt.UTC).timestamp()) * 1000 for day in (2, 5))
    past = purchases(gaps={"purchase": (gap,)})
    assert np.isnan(past.decayed(8)).tolist() == [False, True, False]
    assert np.isnan(past.decayed(7)).tolist() == [False, False, False]


def test_only_some_units_may_be_asked_about() -> None:
    history = World(told(TEXT), (), AS_OF, question(LAPSE)).history()
    assert history.as_of(AS_OF, np.array([1])).kind("purchase").count().tolist() == [1]
    assert history.as_of(AS_OF, np.array([], dtype=np.int64)).any.count().tolist() == []
