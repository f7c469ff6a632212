"""When it happened to the units of a lake: contracts, gaps, and units nobody has heard of."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tenure.pipelines.examples.moments import Moments
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

PROJECT = """
[project]
name = "small"
clock = "data"
primary_outcome = "leaving"
[[source]]
name = "rows"
files = "rows.csv"
complete_until = 2024-07-01
select = "select customer_id, contract_id, occurred_at::timestamptz as occurred_at, kind, reason from source"
[outcome.leaving]
type = "cancellation"
unit = "contract"
horizon_days = 10
maturity_days = 1
exclude_reasons = ["death"]
[outcome.quiet]
type = "inactivity"
kinds = ["visit"]
horizon_days = 10
"""
ROWS = """customer_id,contract_id,occurred_at,kind,reason
a,a1,2024-01-01,signup,
a,a2,2024-01-01,signup,
a,a2,2024-06-04,cancellation,
b,b1,2024-01-01,signup,
b,,2024-06-09,cancellation,
c,c1,2024-01-01,signup,
c,c1,2024-06-06,cancellation,death
c,c1,2024-06-08,visit,
d,d1,2024-01-01,signup,
d,d1,2024-06-30,cancellation,
"""
JUNE = dt.date(2024, 6, 1)


@pytest.fixture
def study_of(tmp_path):
    def study_of(outcome: str, more: str = "") -> Study:
        (tmp_path / "rows.csv").write_text(ROWS)
        (tmp_path / "tenure.toml").write_text(PROJECT + more)
        project = load_project(tmp_path)
        now = dt.datetime(2024, 7, 2, tzinfo=dt.UTC)
        return Study.of(project, import_sources(project, now=now, store=open_store(project.data)), outcome)

    return study_of


def rows(*units: str, as_of: dt.date = JUNE) -> pd.DataFrame:
    return pd.DataFrame({"unit_id": units, "customer_id": [unit[0] for unit in units], "as_of": pd.Timestamp(as_of)})


def test_contracts_end_by_rows_of_their_own_and_of_their_person(study_of):
    times = Moments.of(study_of("leaving")).times(rows("a1", "a2", "b1", "c1", "d1", "never"))
    assert times.days.tolist() == [np.inf, 3, 8, np.inf, 29, np.inf]
    assert times.decided.tolist() == [29, 29, 29, 5, 29, 29]  # of 30 days the last waits for the delay
    assert times.happened.tolist() == [False, True, True, False, False, False]


def test_dates_are_told_apart_and_knowledge_counts(study_of):
    asked = pd.concat([rows("a2", "b1"), rows("a2", "b1", as_of=dt.date(2024, 5, 30))], ignore_index=True)
    times = Moments.of(study_of("leaving")).times(asked, known_by=dt.date(2024, 6, 7))
    assert times.days.tolist() == [3, np.inf, 5, np.inf]
    assert times.decided.tolist() == [5, 5, 7, 7]


def test_a_gap_ends_what_is_known(study_of):
    gap = '[[gap]]\nsource = "rows"\nfrom = 2024-06-20\nuntil = 2024-06-22\n'
    moments = Moments.of(study_of("quiet", gap))
    times = moments.times(rows("c", "d"))
    assert times.days.tolist() == [8, 0]  # c came on June 8th
    assert times.decided.tolist() == [10, 10]  # of a silence from June 11th on the gap would hide the last day


def test_the_next_row_is_found_for_every_unit(study_of):
    assert Moments.of(study_of("quiet")).next(rows("c", "d")).tolist() == [7, np.inf]
