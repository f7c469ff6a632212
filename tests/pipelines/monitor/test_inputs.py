"""Faults in a feed are found the night after, and nothing is found where there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from feeds import AS_OF, BROKEN, FIRST, LENGTH, broken, feed, first_night, imported, watched

from tenure.pipelines.monitor.counting import count_inputs
from tenure.pipelines.monitor.inputs import input_findings


def doubled(rows: pd.DataFrame) -> pd.DataFrame:
    again = rows[broken(rows)]
    return pd.concat([rows, again.assign(interaction_id=again["interaction_id"] + "-again")])


def moved(hours: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows.assign(
        occurred_at=rows["occurred_at"].mask(broken(rows), rows["occurred_at"] + pd.Timedelta(hours=hours))
    )


def swapped(one: str, other: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda rows: rows.assign(
        **{one: rows[one].mask(broken(rows), rows[other]), other: rows[other].mask(broken(rows), rows[one])}
    )


FAULTS = {
    "stopped": (lambda rows: rows[~broken(rows)], "silence", "has the feed stopped?"),
    "doubled": (doubled, "repeats", "was the feed delivered twice, under new ids?"),
    "renamed kind": (
        lambda rows: rows.assign(kind=rows["kind"].mask(broken(rows) & (rows["kind"] == "purchase"), "sale")),
        "vanished", "was kind purchase renamed to sale?",
    ),
    "another unit": (
        lambda rows: rows.assign(amount=rows["amount"].mask(broken(rows), rows["amount"] * 100)),
        "levels", "a change of unit, such as cents for whole money?",
    ),
    "clock": (moved(5), "hours", "has the clock or the time zone of the source been shifted by 5 hours ahead?"),
    "swapped numbers": (swapped("amount", "items"), "levels", "were the columns amount and attribute items swapped?"),
    "swapped ids": (swapped("interaction_id", "customer_id"), "strangers", "have the ids of customers changed"),
    "segment gone": (
        lambda rows: rows[~(broken(rows) & (rows["region"] == "n"))], "vanished", "did a part of the feed stop",
    ),
    "column empty": (
        lambda rows: rows.assign(amount=rows["amount"].mask(broken(rows))), "missing", "was the column renamed",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return feed()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_the_night_after_with_its_cause(name: str, rows: pd.DataFrame, tmp_path: Path) -> None:
    do, check, cause = FAULTS[name]
    found = first_night(watched(tmp_path, do(rows)))
    assert check in found, found
    assert cause in str(found[check].cause)


def test_nothing_is_found_on_any_night_of_an_untouched_feed(rows: pd.DataFrame, tmp_path: Path) -> None:
    found = watched(tmp_path, rows)
    nights = [one for at in range(LENGTH) for one in input_findings(found, at)]
    assert [one.sentence for one in nights if one.level == "alarm"] == []
    assert len(nights) > LENGTH * 5


def test_a_declared_gap_or_closed_day_is_no_silence(rows: pd.DataFrame, tmp_path: Path) -> None:
    still = rows[~broken(rows)]
    days = [BROKEN + dt.timedelta(days=n) for n in range(3)]
    gap = [{"source": "till", "from": BROKEN, "until": AS_OF}]
    assert first_night(watched(tmp_path / "gap", still, gap=gap)) == {}
    assert first_night(watched(tmp_path / "closed", still, monitor={"closed": days})) == {}


def test_a_night_looked_at_later_says_what_it_said_then(rows: pd.DataFrame, tmp_path: Path) -> None:
    project, snapshot = imported(tmp_path, rows)
    day = FIRST + dt.timedelta(days=100)
    then = count_inputs(project, snapshot, as_of=day, days=100)
    later = count_inputs(project, snapshot, as_of=AS_OF, days=LENGTH)
    known = later[later["day"] < (day - dt.date(1970, 1, 1)).days]
    pd.testing.assert_frame_equal(then, known.reset_index(drop=True))


def test_what_is_known_at_midnight_belongs_to_the_day_before(tmp_path: Path) -> None:
    at = pd.to_datetime(["2024-05-01 10:00", "2024-05-01 11:00"], utc=True)
    known = pd.to_datetime(["2024-05-02 00:00", "2024-05-02 00:01"], utc=True)
    rows = pd.DataFrame(
        {"interaction_id": ["a", "b"], "customer_id": "ann", "occurred_at": at, "known_at": known, "kind": "visit"}
    )
    project, snapshot = imported(tmp_path, rows)
    counted = count_inputs(project, snapshot, as_of=dt.date(2024, 5, 3), days=30)
    days = counted[counted["figure"] == "rows"]["day"].tolist()
    assert [str(dt.date(1970, 1, 1) + dt.timedelta(days=day)) for day in days] == ["2024-05-01", "2024-05-02"]
    late = counted[counted["figure"] == "delay"]["value"].tolist()
    assert late == ["216", "215"]  # 15 hours, 14 hours and a minute: four steps a doubling
