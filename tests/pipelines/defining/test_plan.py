"""Which definitions are compared, at which dates, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.defining.plan import Definition, DefinitionRefused, make_plan
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.settings.load import parse_project

BEGIN, END = dt.date(2023, 1, 1), dt.date(2024, 1, 1)


def study(*, end: dt.date = END, **settings: Any) -> Study:
    usual = {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28, "eligible": {"active_days": 28}}
    content = {
        "project": {"name": "shop"},
        "source": [{"name": "till", "files": "till.csv"}],
        "outcome": {"asked": usual | settings},
    }
    first = dt.datetime.combine(BEGIN, dt.time(), dt.UTC)
    till = SourceSummary("till", "interactions", 1, {}, {"purchase": 1}, first, first, end, 1.0)
    return Study.of(parse_project(content, root=Path()), Snapshot("000001", Path(), 1, 1, 1, (till,)))


def test_of_a_year_people_are_followed_for_half_of_it_and_the_longest_horizon_for_as_long_again() -> None:
    found = make_plan(study())
    assert (found.followed_days, found.horizons, found.windows) == (182, (14, 28, 42, 56, 91), (28, 56, 91))
    assert (found.judged[0], found.judged[-1]) == (dt.date(2023, 4, 3), dt.date(2023, 7, 3))
    assert found.declared == Definition(28, 28)
    assert found.notes == ()


def test_the_declared_definition_takes_the_place_of_a_usual_one_close_to_it() -> None:
    found = make_plan(study(horizon_days=90, eligible={"active_days": 60}))
    assert (found.horizons, found.windows) == ((14, 28, 42, 56, 90), (28, 60, 91))


def test_a_declared_horizon_that_is_too_long_to_be_judged_is_left_out_and_named() -> None:
    found = make_plan(study(horizon_days=120))
    assert 120 not in found.horizons
    assert "declared horizon of 120 days is not compared" in found.notes[0]


def test_without_a_declared_window_everybody_is_compared_too() -> None:
    assert make_plan(study(eligible={"ever": True})).windows == (None, 28, 56, 91)


def test_named_days_are_the_ones_compared_and_long_ones_lengthen_the_follow_up() -> None:
    found = make_plan(study(), horizons=[100, 7, 7], windows=[14])
    assert (found.horizons, found.windows, found.followed_days) == ((7, 100), (14,), 200)


@pytest.mark.parametrize(
    "settings",
    [
        {"type": "cancellation", "kinds": ["cancellation"]},
        {"type": "dissatisfaction", "kinds": ["complaint"]},
        {"type": "expression", "where": "count(*) = 0"},
    ],
)
def test_other_outcomes_are_refused_with_the_remedy(settings: dict[str, Any]) -> None:
    with pytest.raises(DefinitionRefused, match=rf"type {settings['type']}.*inactivity or decline.*--outcome"):
        make_plan(study(**settings))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"horizons": [0, 28]}, "horizons: expected days, at least 1; found 0"),
        ({"windows": [-7]}, "windows: expected days, at least 1; found -7"),
        ({"followed_days": 0}, "followed days: expected days, at least 1; found 0"),
        ({"horizons": [400]}, "horizon of 400 days.* 365 days, so the longest .* is 168 days"),
        ({"horizons": [60], "followed_days": 100}, "the longest .* is 50 days"),
        ({"followed_days": 350}, "to follow people for 350 days .* the data are too short"),
    ],
)
def test_days_that_cannot_be_are_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionRefused, match=said):
        make_plan(study(), **words)


@pytest.mark.parametrize("days", [0, 1, 13, 30])
def test_data_that_are_too_short_are_refused(days: int) -> None:
    with pytest.raises(DefinitionRefused, match="the data are too short"):
        make_plan(study(end=BEGIN + dt.timedelta(days)))


@given(
    days=st.integers(56, 1_500), horizon=st.integers(1, 400), window=st.integers(1, 400), lead=st.integers(0, 9),
    maturity=st.integers(0, 9), kind=st.sampled_from(["inactivity", "decline"]),
)  # fmt: skip
def test_every_judged_date_has_full_follow_up_and_every_lesson_was_known(
    days: int, horizon: int, window: int, lead: int, maturity: int, kind: str
) -> None:
    settings = {"lead_days": lead, "maturity_days": maturity, "eligible": {"active_days": window}, "type": kind}
    asked = study(end=BEGIN + dt.timedelta(days), horizon_days=horizon, **settings)
    try:
        found = make_plan(asked)
    except DefinitionRefused:
        assert days < 28 + days // 14 * 7 + lead + maturity  # nothing else may be refused here
        return
    span = dt.timedelta(lead + found.followed_days + maturity)
    assert all(asked.data_from + dt.timedelta(28) <= day <= asked.watermark - span for day in found.judged)
    assert max(found.horizons) <= max(found.followed_days // 2, 1)
    assert set(found.judged) <= set(found.asked)
    assert all(found.known_at(h, day) <= test for (h, test), learnt in found.learnt.items() for day in learnt)
    assert all(found.known_at(h, test) <= found.watermark for h in found.horizons for test in found.tests)
