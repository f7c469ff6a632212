"""Ids, texts, numbers and times as tools write them."""

from __future__ import annotations

import datetime as dt

import pytest

from tenure.pipelines.importers.ours import Ours
from tenure.pipelines.importers.values import NotAMoment, identifier, moment, number, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2**53 + 1, "9007199254740993"),
        ("9007199254740993", "9007199254740993"),
        (2**80, str(2**80)),
        (True, None),
        ({}, None),
        ("", None),
        (0, "0"),
    ],
)
def test_an_id_is_text_to_its_last_digit(value, expected):
    assert identifier(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        0,
        "0",
        0.0,
        "Not set",
        "1970-01-01T00:00:00Z",
        "1970-01-01 00:00:00",
        "1970-01-01T01:00:00+01:00",
        "Thu Jan  1 00:00:00 1970",
    ],
)
def test_there_are_many_ways_to_say_never(value):
    assert moment(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-01T10:00:00Z",
        "2024-03-01T11:00:00+01:00",
        "2024-03-01 10:00:00",
        "2024-03-01 10:00:00 UTC",
        "2024-03-01T10:00:00.000Z",
        1709287200,
        "1709287200",
        1709287200.0,
        "Fri Mar  1 10:00:00 2024",
    ],
)
def test_an_instant_may_be_written_in_many_ways(value):
    assert moment(value) == dt.datetime(2024, 3, 1, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "value", ["yesterday", "2024-13-01", [], True, -5, float("inf"), 1e18, "Fri Foo  1 10:00:00 2024"]
)
def test_what_is_no_time_is_an_error(value):
    with pytest.raises(NotAMoment, match="expected"):
        moment(value)


def test_a_time_without_a_zone_needs_one():
    with pytest.raises(NotAMoment, match="names no time zone"):
        moment("2024-03-01 10:00:00", zone=None)
    assert moment("2024-03-01 10:00:00", zone="Europe/Warsaw") == dt.datetime(2024, 3, 1, 9, tzinfo=dt.UTC)


def test_numbers_may_be_texts_and_must_be_finite():
    assert [number(v) for v in ("15", 15, "1.5", "15 min", "nan", float("nan"), None)] == [
        15.0,
        15.0,
        1.5,
        None,
        None,
        None,
        None,
    ]


def test_text_loses_only_what_no_file_can_hold():
    assert text("a\ud800b\x00c\ud83d\ude00<br>") == "a�b�c😀<br>"


def test_ours_are_known_by_prefix_field_or_name():
    ours = Ours(("mine_",), frozenset({"77"}))
    assert [ours.holds(n) for n in ("mine_x", "MINE_x", "77", "tenure_high", "vip")] == [True, True, True, False, False]
    assert Ours().without(["vip", "tenure_high", "ChurnRisk"]) == ["vip"]
