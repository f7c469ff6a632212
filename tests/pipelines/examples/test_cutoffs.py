"""On which dates a model learns and is tested."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.examples.cutoffs import development_origins, report_origins, training_cutoffs
from tenure.pipelines.examples.study import HorizonPastWatermark, Study
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.settings.load import parse_project

BEGIN, END = dt.datetime(2023, 1, 1, tzinfo=dt.UTC), dt.date(2024, 7, 1)
LATEST = END - dt.timedelta(days=28)


def study(horizon: int = 28, lead: int = 0, maturity: int = 0, **backtest: Any) -> Study:
    lapse = {
        "type": "inactivity", "kinds": ["purchase"], "horizon_days": horizon, "lead_days": lead, "maturity_days": maturity
    }  # fmt: skip
    project = parse_project(
        {
            "project": {"name": "shop"},
            "source": [{"name": "till", "files": "till.csv"}],
            "outcome": {"lapse": lapse},
            "backtest": backtest,
        },
        root=Path(),
    )
    till = SourceSummary("till", "interactions", 1, {}, {"purchase": 1}, BEGIN, BEGIN, END, 1.0)
    return Study.of(project, Snapshot("000001", Path(), 1, 1, 1, (till,)))


@given(
    day=st.integers(0, 500), horizon=st.integers(1, 90), lead=st.integers(0, 9), maturity=st.integers(0, 9),
    step=st.integers(1, 30),
)  # fmt: skip
def test_no_cutoff_has_a_label_past_the_date_of_learning(
    day: int, horizon: int, lead: int, maturity: int, step: int
) -> None:
    asked = study(horizon, lead, maturity, train_every_days=step)
    until = BEGIN.date() + dt.timedelta(days=day)
    found = training_cutoffs(asked, until, until + dt.timedelta(days=day % 50))
    assert found == sorted(set(found))
    assert all(label_end(asked.outcome, cutoff) <= until for cutoff in found)
    assert all(cutoff >= asked.data_from + dt.timedelta(days=28) for cutoff in found)


def test_origins_a_whole_number_of_steps_apart_share_their_cutoffs() -> None:
    asked = study(train_every_days=7)
    early, late = (training_cutoffs(asked, day) for day in (dt.date(2024, 3, 4), dt.date(2024, 6, 3)))
    assert set(early) - set(late) <= set(early[:20])  # only the oldest fall out of the limit
    assert set(early[-30:]) <= set(late)


def test_a_limit_on_learning_keeps_the_grid_of_its_origin() -> None:
    asked = study(train_every_days=7)
    origin, until = dt.date(2024, 6, 3), dt.date(2024, 3, 1)
    found = training_cutoffs(asked, until, origin)
    assert label_end(asked.outcome, found[-1]) <= until
    assert {(origin - cutoff).days % 7 for cutoff in found} == {0}


def test_report_origins_are_the_last_that_can_be_tested_and_development_ones_come_before() -> None:
    asked = study()
    report, development = report_origins(asked), development_origins(asked)
    assert report[-1] == LATEST
    assert len(report) == 6
    assert len(development) == 4
    assert development[-1] < report[0]
    for origin in report:
        asked.require_mature(origin)


def test_declared_origins_are_taken_as_they_are() -> None:
    asked = study(origins=["2024-05-01", "2024-04-01"], development=["2024-01-01"])
    assert report_origins(asked) == [dt.date(2024, 4, 1), dt.date(2024, 5, 1)]
    assert development_origins(asked) == [dt.date(2024, 1, 1)]


def test_a_horizon_past_the_watermark_is_refused_with_the_last_possible_origin() -> None:
    with pytest.raises(
        HorizonPastWatermark, match="complete only until 2024-07-01; choose an origin no later than 2024-06-03"
    ):
        study().require_mature(LATEST + dt.timedelta(days=1))
