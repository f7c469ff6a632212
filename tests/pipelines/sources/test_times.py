"""Instants, local times and bare dates."""

from __future__ import annotations

import pytest

from tenure.pipelines.sources.times import NaiveTimestamps, NotATime

ROW = "select 'a' as customer_id, 'visit' as kind, {} as occurred_at from source"


def at(moment: str, kind: str = "timestamp") -> str:
    return ROW.format(f"{kind} '{moment}'")


def test_offsets_may_be_mixed_in_a_column(lake, rows):
    snapshot = lake.one(
        """customer_id,occurred_at,kind
        a,2024-01-01T12:00:00+02:00,visit
        b,2024-01-01 12:00:00Z,visit
        c,2024-01-01T12:00:00.5-0530,visit"""
    )
    assert rows(snapshot, "customer_id", "occurred_at") == [
        ("a", "2024-01-01 10:00"),
        ("b", "2024-01-01 12:00"),
        ("c", "2024-01-01 17:30"),
    ]


def test_a_bare_date_starts_at_local_midnight_and_is_known_the_next_day(lake, rows):
    snapshot = lake.one("customer_id,occurred_at,kind\na,2024-03-31,visit", timezone="Europe/Warsaw")
    assert rows(snapshot, "occurred_at", "known_at") == [("2024-03-30 23:00", "2024-03-31 22:00")]


def test_a_bare_date_takes_the_zone_of_the_project(lake, rows):
    snapshot = lake.one("x\n1", at("2024-01-15", "date"), zone="Asia/Kolkata")
    assert rows(snapshot, "occurred_at", "known_at") == [("2024-01-14 18:30", "2024-01-15 18:30")]


def test_a_local_time_needs_the_zone_of_its_source(lake, rows):
    snapshot = lake.one("x\n1", at("2024-01-15 12:00"), timezone="America/New_York")
    assert rows(snapshot, "occurred_at") == ["2024-01-15 17:00"]
    with pytest.raises(NaiveTimestamps, match=r'source \'rows\': occurred_at .* `timezone = "UTC"`'):
        lake.one("x\n1", at("2024-01-15 12:00"))


def test_local_times_in_text_without_a_zone_are_quarantined(lake, reasons):
    snapshot = lake.one("customer_id,occurred_at,kind\na,2024-01-01 10:00,visit\nb,2024-01-01,visit")
    assert snapshot.rows == 1
    assert reasons(snapshot) == {"occurred_at has no time zone: set timezone on the source": 1}


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Warsaw", "2024-03-31 02:30", "2024-03-31 01:30"),  # skipped: an hour later
        ("Europe/Warsaw", "2023-10-29 02:30", "2023-10-29 00:30"),  # twice: the first
        ("America/Havana", "2021-11-07 00:00", "2021-11-07 04:00"),  # a midnight that comes twice
        ("America/Havana", "2021-03-14 00:00", "2021-03-14 05:00"),  # a midnight that never was
    ],
)
def test_the_days_on_which_clocks_change_are_deterministic(lake, rows, zone, local, utc):
    snapshot = lake.one("x\n1", at(local), timezone=zone)
    assert rows(snapshot, "occurred_at") == [utc]


def test_what_cannot_be_read_as_a_time_is_quarantined(lake, reasons):
    snapshot = lake.one(
        """customer_id,occurred_at,kind
        a,2024-02-30,visit
        b,yesterday,visit
        c,31.01.2024,visit
        d,,visit
        e,2024-01-31,visit"""
    )
    assert snapshot.rows == 1
    assert reasons(snapshot) == {"occurred_at is not a time in ISO-8601": 3, "occurred_at is missing": 1}


def test_a_number_is_not_a_time(lake):
    with pytest.raises(NotATime, match="occurred_at must be a time or a date, found BIGINT"):
        lake.one("customer_id,occurred_at,kind\na,1704067200,visit")


def test_the_future_is_refused_but_due_at_may_lie_in_it(lake, rows, reasons):
    snapshot = lake.one(
        """customer_id,occurred_at,due_at,kind
        a,2030-01-01,,renewal_due
        b,2024-01-01,2030-01-01,renewal_due"""
    )
    assert reasons(snapshot) == {"in the future: use due_at": 1}
    assert rows(snapshot, "customer_id", "due_at") == [("b", "2030-01-01 00:00")]


def test_nothing_can_be_known_before_it_happened(lake, reasons):
    snapshot = lake.one(
        "customer_id,occurred_at,known_at,kind\na,2024-01-02T00:00Z,2024-01-01T00:00Z,visit\nb,2024-01-02T00:00Z,,visit"
    )
    assert reasons(snapshot) == {"in the future: use due_at": 1}
