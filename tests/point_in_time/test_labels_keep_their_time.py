"""What a label may know: its own horizon, its own unit, and for training only what was known by then."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from histories import DAY, FOREVER, HOUR, OUTCOMES, World, instant, question, same_bits, worlds
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.examples.frames import known_label
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.outcomes.label import label_end

AFTER = st.integers(0, 3)


def _midnight(world: World, day: dt.date) -> dt.datetime:
    return instant(calendar_of(world.question.zone).midnight(day))


def _same(found: pd.Series, expected: pd.Series) -> None:
    same_bits(found.to_frame(), expected.to_frame())


@given(world=worlds(), seed=st.integers(0, 9))
def test_the_order_of_rows_changes_no_label(world: World, seed: int) -> None:
    rows = list(world.rows)
    random.Random(seed).shuffle(rows)
    _same(replace(world, rows=tuple(rows)).labels(), world.labels())


@given(world=worlds())
def test_other_customers_change_no_label(world: World) -> None:
    batch = world.labels()
    for customer in {row["customer_id"] for row in world.rows}:
        _same(world.only(lambda row, who=customer: row["customer_id"] == who).labels(), batch)


@given(world=worlds())
def test_rows_after_the_horizon_change_no_label(world: World) -> None:
    end = _midnight(world, label_end(world.question.outcome, world.as_of))
    _same(world.only(lambda row: row["occurred_at"] < end).labels(), world.labels())


@given(world=worlds(), days=AFTER)
def test_a_training_label_is_that_of_the_rows_known_by_then(world: World, days: int) -> None:
    learned = label_end(world.question.outcome, world.as_of) + days * DAY
    then = _midnight(world, learned)
    known = world.only(lambda row: row["known_at"] <= then < row.get("superseded_at", FOREVER))
    simple = replace(known, rows=tuple(row | {"superseded_at": None} for row in known.rows))
    _same(simple.labels(), world.labels(known_by=learned))


@given(world=worlds(), days=AFTER)
def test_no_label_exists_before_its_horizon_has_passed(world: World, days: int) -> None:
    end = label_end(world.question.outcome, world.as_of)
    dates = (end - (days + 1) * DAY, end + days * DAY)
    task = replace(world.question.task(world.as_of, lake=Path(), modules=Path()), knowledge=dates, mature_by=end - DAY)
    early = describe_history(task, world.history()).frame
    assert early[["label", *map(known_label, dates)]].isna().all(axis=None)
    ripe = describe_history(replace(task, mature_by=end), world.history()).frame
    assert ripe[known_label(dates[0])].isna().all()


def test_a_row_that_arrives_later_changes_the_test_label_and_not_the_earlier_training_label() -> None:
    as_of, learned = dt.date(2024, 6, 1), dt.date(2024, 7, 1)
    noon = dt.datetime(2024, 6, 10, 12, tzinfo=dt.UTC)
    before = {"customer_id": "a", "kind": "purchase", "occurred_at": noon - 20 * DAY}
    late = {"customer_id": "a", "kind": "purchase", "occurred_at": noon, "known_at": noon + 30 * DAY}
    world = World((before, late), (), as_of, question(OUTCOMES["inactivity"]))
    assert world.labels(known_by=learned).tolist() == [1.0]
    assert world.labels(known_by=learned + 60 * DAY).tolist() == [0.0]
    assert world.labels().tolist() == [0.0]


def test_a_row_known_exactly_at_the_date_counts_and_a_moment_later_does_not() -> None:
    as_of, learned = dt.date(2024, 6, 1), dt.date(2024, 7, 1)
    known = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
    row = {"customer_id": "a", "kind": "purchase", "occurred_at": known - 10 * DAY - HOUR, "known_at": known}
    asked = question(OUTCOMES["inactivity"])
    moment = row | {"known_at": known + dt.timedelta(microseconds=1)}
    found = [World((r,), (), as_of, asked).labels(known_by=learned).iloc[0] for r in (row, moment)]
    assert found == [0.0, 1.0]


def test_a_label_is_not_flipped_by_a_row_of_another_kind() -> None:
    row = {"customer_id": "a", "kind": "visit", "occurred_at": dt.datetime(2024, 6, 10, tzinfo=dt.UTC)}
    world = World((row,), (), dt.date(2024, 6, 1), question(OUTCOMES["inactivity"]))
    assert np.array_equal(world.labels(), [1.0])
