"""A declared gap: what happened inside it changes nothing, and it is not taken for a silence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
from histories import ALL_KINDS, DAY, OUTCOMES, World, instant, question, same_bits, told, usable, worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from tenure.pipelines.calendar import calendar_of

AS_OF = dt.date(2024, 6, 1)


def _torn(world: World, begin: dt.date, end: dt.date, *kinds: str) -> World:
    """The same world, with a gap in some kinds or in all."""
    calendar = calendar_of(world.question.zone)
    span = (calendar.midnight(begin), calendar.midnight(end))
    return replace(world, question=replace(world.question, gaps=dict.fromkeys(kinds or ALL_KINDS, (span,))))


def _told(text: str) -> World:
    return World(told(text), (), AS_OF, question(OUTCOMES["inactivity"]))


@settings(max_examples=120)
@given(world=worlds(), age=st.integers(1, 200), length=st.integers(1, 40))
def test_a_row_inside_a_gap_changes_no_feature_of_whoever_was_known_before(world: World, age: int, length: int) -> None:
    begin = world.as_of - age * DAY
    torn = _torn(world, begin, begin + length * DAY)
    ((start, end),) = torn.question.gaps["purchase"]
    outside = tuple(row for row in torn.rows if not instant(start) <= row["occurred_at"] < instant(end))
    key = f"{world.question.outcome.unit}_id"
    before = {
        str(r[key]) for r in outside if r["occurred_at"] < instant(start) and usable(r, world.midnight) and r[key]
    }
    full, empty = torn.features(), replace(torn, rows=outside).features()
    same_bits(empty.loc[empty.index.isin(before)], full.loc[full.index.isin(before)])


@given(world=worlds())
def test_a_gap_that_ended_before_the_first_row_and_every_window_changes_nothing(world: World) -> None:
    year = world.as_of.year - 5
    same_bits(_torn(world, dt.date(year, 1, 1), dt.date(year, 2, 1)).features(), world.features())


def test_a_gap_in_one_kind_leaves_the_others_alone() -> None:
    world = _told("a purchase 2024-03-01 amount=3\na purchase 2024-05-30 amount=2\na visit 2024-05-30")
    whole, torn = world.features(), _torn(world, dt.date(2024, 5, 10), dt.date(2024, 5, 12), "purchase").features()
    visits = [name for name in whole if name.startswith("visit_")]
    pd.testing.assert_frame_equal(torn[visits], whole[visits])


def test_after_an_outage_only_what_lies_behind_it_is_said() -> None:
    """Bought before and after it; the first week of the silence was observed by nobody."""
    world = _told(
        "a purchase 2024-03-01 amount=3\na purchase 2024-05-20 amount=2\nb purchase 2024-05-21\nb purchase 2024-05-28"
    )
    found = _torn(world, dt.date(2024, 4, 1), dt.date(2024, 4, 8)).features()
    said = found.loc["a"].filter(like="purchase_").dropna()
    assert set(said.index) == {
        "purchase_count_7d", "purchase_count_28d", "purchase_active_days_28d", "purchase_active_weeks_4w",
        "purchase_trend_7d_28d", "purchase_days_since_last", "purchase_days_since_first", "purchase_pace_silence_28d",
        "purchase_amount_7d", "purchase_amount_28d", "purchase_amount_mean_28d", "purchase_amount_largest_28d",
        "purchase_amount_last", "purchase_amount_trend_7d_28d",
    }  # fmt: skip
    assert found.loc["b", "purchase_gap_mean"] == 7  # first seen after the outage


def test_the_first_of_a_kind_may_have_come_in_the_gap_of_somebody_known_before_it() -> None:
    """Of `new`, whom nobody had seen before the gap, the first purchase on record is the first."""
    world = _told("old visit 2024-03-01\nold purchase 2024-05-20\nnew purchase 2024-05-20")
    found = _torn(world, dt.date(2024, 4, 1), dt.date(2024, 4, 8)).features()["purchase_days_since_first"]
    assert np.isnan(found["old"])
    assert found["new"] == 12
