"""The day on which an outcome begins: by hand, against the label, and in the knowledge of a date."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from histories import DAY, FOREVER, World, instant, question, told, usable, worlds
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.outcomes.moment import NoMoment, decided_days, moments, next_day
from tenure.pipelines.settings.outcome import AnyOutcome, Inactivity

AS_OF = dt.date(2024, 6, 1)
EVER = math.inf


def outcome(**settings: Any) -> AnyOutcome:
    return TypeAdapter(AnyOutcome).validate_python({"horizon_days": 10, **settings})


def found(world: World, known_by: dt.date | None = None) -> dict[str, tuple[float, float]]:
    history = world.history()
    days, away = moments(world.question.outcome, history, world.as_of, np.arange(len(history)), known_by)
    return dict(zip(history.unit_ids.astype(str), zip(days, away, strict=True), strict=True))


def days(text: str, known_by: dt.date | None = None, **settings: Any) -> dict[str, float]:
    world = World(told(text), (), AS_OF, question(outcome(**settings)))
    return {unit: found_days for unit, (found_days, _) in found(world, known_by).items()}


QUIET = {"type": "inactivity", "kinds": ["purchase"]}


def test_a_silence_begins_on_the_first_day_with_which_as_many_quiet_days_begin() -> None:
    assert days(
        """
        already  purchase 2024-05-31T23:59:59
        already  purchase 2024-06-11
        nine     purchase 2024-06-10T23:59:59
        once     purchase 2024-06-01
        once     purchase 2024-06-12
        nearly   purchase 2024-06-01
        nearly   purchase 2024-06-11
        twice    purchase 2024-06-03
        twice    purchase 2024-06-13
        twice    purchase 2024-06-30
        other    visit    2024-06-03
        """,
        **QUIET,
    ) == {"already": 0, "nine": 10, "once": 1, "nearly": 11, "twice": 13, "other": 0}  # fmt: skip


def test_a_silence_is_decided_once_its_days_and_the_usual_delay_are_over() -> None:
    lapse = outcome(**QUIET, maturity_days=2)
    assert decided_days(lapse, AS_OF, AS_OF + 12 * DAY) == 1
    assert decided_days(lapse, AS_OF, AS_OF + 11 * DAY) == 0
    leaving = outcome(type="cancellation")
    assert decided_days(leaving, AS_OF, AS_OF + 12 * DAY) == 12
    gap = ((AS_OF + 5 * DAY, AS_OF + 6 * DAY),)
    assert decided_days(leaving, AS_OF, AS_OF + 12 * DAY, gap) == 5
    assert decided_days(leaving, AS_OF + 6 * DAY, AS_OF + 12 * DAY, gap) == 6
    assert decided_days(lapse, AS_OF, AS_OF + 40 * DAY, gap) < 0  # no silence can be told from a gap


def test_leaving_is_the_first_end_that_counts_and_an_excluded_one_ends_the_watch() -> None:
    text = """
        a/1 cancellation 2024-06-05T12:00
        a/1 cancellation 2024-06-09
        b/1 cancellation 2024-06-03 reason=death
        b/1 cancellation 2024-06-08
        c/1 cancellation 2024-05-31
        c/1 visit        2024-06-02
        d/1 cancellation 2024-06-07 reason=payment
    """
    leaving = {"type": "cancellation", "unit": "contract", "exclude_reasons": ["death"]}
    world = World(told(text), (), AS_OF, question(outcome(**leaving)))
    assert found(world) == {"a/1": (4, EVER), "b/1": (7, 2), "c/1": (EVER, EVER), "d/1": (6, EVER)}
    voluntary = world.asking(outcome(**leaving, cause="voluntary"))
    assert found(voluntary)["d/1"] == (EVER, EVER)


def test_what_was_not_known_by_a_date_did_not_happen_by_it() -> None:
    text = "a purchase 2024-06-04\nb purchase 2024-06-04 known=2024-06-20\nc purchase 2024-06-15"
    assert days(text, AS_OF + 13 * DAY, **QUIET) == {"a": 4, "b": 0, "c": 0}
    assert days(text, AS_OF + 19 * DAY, **QUIET) == {"a": 4, "b": 4, "c": 0}
    assert days(text, **QUIET) == {"a": 4, "b": 4, "c": 0}


def test_the_next_row_is_the_first_from_the_date_on() -> None:
    world = World(
        told("a purchase 2024-05-31\na purchase 2024-06-04\nb visit 2024-06-04"), (), AS_OF, question(outcome(**QUIET))
    )
    history = world.history()
    assert next_day(history, ("purchase",), AS_OF, np.arange(2)).tolist() == [3.0, EVER]
    assert next_day(history, ("purchase",), AS_OF, np.arange(2), AS_OF + 3 * DAY).tolist() == [EVER, EVER]


def test_an_outcome_without_a_day_is_refused() -> None:
    with pytest.raises(NoMoment, match="of cancellation and inactivity, found one of type decline"):
        days("a purchase 2024-06-04", type="decline", kinds=["purchase"])


@given(world=worlds(("inactivity", "cancellation")))
def test_the_day_agrees_with_the_label(world: World) -> None:
    asked = world.question.outcome
    world = world.asking(asked.model_copy(update={"lead_days": 0}))
    label, horizon = world.labels(), asked.horizon_days
    for unit, (when, away) in found(world).items():
        if isinstance(asked, Inactivity):
            assert (when == 0) == (label[unit] == 1)
        elif math.isnan(label[unit]):
            assert away < horizon <= when
        else:
            assert (when < horizon) == (label[unit] == 1)


@given(world=worlds(("inactivity", "cancellation")), ahead=st.integers(0, 45))
def test_nothing_that_was_known_later_moves_what_was_decided(world: World, ahead: int) -> None:
    """Rows after a date, or known after it, change no time of training; and what was decided stays so later."""
    until = world.as_of + ahead * DAY
    then = instant(calendar_of(world.question.zone).midnight(until))
    past = world.only(lambda row: usable(row, then))
    past = replace(past, rows=tuple(row | {"superseded_at": FOREVER} for row in past.rows))
    whole, known = found(world, until), found(past)
    nothing = 0 if isinstance(world.question.outcome, Inactivity) else EVER
    assert whole == {unit: known.get(unit, (nothing, EVER)) for unit in whole}
    in_time = replace(world, rows=tuple(row for row in world.rows if row.get("superseded_at", FOREVER) == FOREVER))
    in_time = replace(in_time, rows=tuple(row | {"known_at": row["occurred_at"]} for row in in_time.rows))
    decided, later = decided_days(world.question.outcome, world.as_of, until), found(in_time)
    for unit, (when, _) in found(in_time, until).items():
        assert (when if when < decided else EVER) == (later[unit][0] if later[unit][0] < decided else EVER)
