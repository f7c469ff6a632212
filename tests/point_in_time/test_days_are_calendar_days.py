"""Windows and horizons where the clocks change, and west and east of Greenwich."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from histories import DAY, LIMIT, Row, World, question
from hypothesis import given
from hypothesis import strategies as st

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.settings.outcome import Inactivity

CHANGES = [
    ("Europe/Warsaw", dt.date(2024, 3, 31), 23),
    ("Europe/Warsaw", dt.date(2024, 10, 27), 25),
    ("America/New_York", dt.date(2024, 3, 10), 23),
    ("America/New_York", dt.date(2024, 11, 3), 25),
    ("Etc/GMT+5", dt.date(2024, 3, 31), 24),
    ("Asia/Kolkata", dt.date(2024, 3, 31), 24),
]
WEEK = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=7)


def _local(zone: str, day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def _purchase(moment: dt.datetime) -> Row:
    return {"customer_id": "a", "kind": "purchase", "occurred_at": moment}


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_day_begins_and_ends_at_local_midnight(zone: str, day: dt.date, hours: int) -> None:
    calendar = calendar_of(zone)
    begin, end = calendar.midnight(day), calendar.midnight(day + DAY)
    assert begin == _local(zone, day).timestamp() * 1000
    assert (end - begin) / 3_600_000 == hours


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_window_of_seven_days_begins_seven_midnights_before(zone: str, day: dt.date, hours: int) -> None:
    as_of = day + 3 * DAY
    border = _local(zone, as_of - 7 * DAY)
    world = World((_purchase(border), _purchase(border - LIMIT)), (), as_of, question(WEEK, zone=zone))
    found = world.features().loc["a"]
    assert (found["purchase_count_7d"], found["purchase_days_since_last"], found["purchase_gap_mean"]) == (1, 7, 1)


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_a_horizon_of_seven_days_ends_seven_midnights_after(zone: str, day: dt.date, hours: int) -> None:
    as_of = day - 3 * DAY
    end = _local(zone, as_of + 7 * DAY)
    label = [
        World((_purchase(at),), (), as_of, question(WEEK, zone=zone)).labels().iloc[0] for at in (end - LIMIT, end)
    ]
    assert label == [0.0, 1.0]


@given(
    zone=st.sampled_from(["UTC", "Europe/Warsaw", "America/New_York", "Asia/Kolkata", "Etc/GMT+5", "Pacific/Auckland"]),
    moment=st.datetimes(dt.datetime(1999, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)),
)
def test_the_calendar_knows_the_local_date_of_every_instant(zone: str, moment: dt.datetime) -> None:
    milliseconds = int(moment.timestamp()) * 1000
    assert calendar_of(zone).date_of(milliseconds) == moment.replace(microsecond=0).astimezone(ZoneInfo(zone)).date()


def test_a_day_without_midnight_begins_when_its_clock_starts() -> None:
    begin = calendar_of("America/Sao_Paulo").midnight(dt.date(2018, 11, 4))  # 00:00 became 01:00
    assert begin == dt.datetime(2018, 11, 4, 3, tzinfo=dt.UTC).timestamp() * 1000


def test_a_midnight_that_comes_twice_begins_the_day_the_first_time() -> None:
    begin = calendar_of("America/Havana").midnight(dt.date(2024, 11, 3))  # 01:00 became 00:00
    assert begin == dt.datetime(2024, 11, 3, 4, tzinfo=dt.UTC).timestamp() * 1000
