"""What makes a row unusable."""

from __future__ import annotations

import json

import pyarrow.parquet as pq

HEAD = "customer_id,occurred_at,kind"


def test_a_row_without_customer_or_kind_is_quarantined(lake, reasons):
    snapshot = lake.one(f"{HEAD}\n,2024-01-01,visit\n  ,2024-01-01,visit\na,2024-01-01,\nb,2024-01-01,visit")
    assert reasons(snapshot) == {"no customer": 2, "no kind": 1}


def test_numbers_must_be_finite_and_possible(lake, reasons):
    snapshot = lake.one(
        f"""{HEAD},amount,wait_seconds,rating
        a,2024-01-01,visit,inf,,
        b,2024-01-01,visit,nan,,
        c,2024-01-01,visit,ten,,
        d,2024-01-01,visit,-5.5,,
        e,2024-01-01,visit,1,-3,
        f,2024-01-01,visit,1,3,5
        g,2024-01-01,visit,-1000000000001,3,
        h,2024-01-01,visit,1,2e12,"""
    )
    assert reasons(snapshot) == {
        "amount is not a finite number": 2,
        "amount is not a number": 1,
        "amount too large": 1,
        "rating is outside 0 to 1: map the scale": 1,
        "wait_seconds is negative": 1,
        "wait_seconds too large": 1,
    }
    assert snapshot.rows == 1


def test_an_unknown_channel_is_quarantined_with_the_nearest_known_one(lake, rows, reasons):
    snapshot = lake.one(
        f"""{HEAD},channel,direction
        a,2024-01-01,visit,e-mail,inbound
        b,2024-01-01,visit, Phone ,INBOUND
        c,2024-01-01,visit,,in"""
    )
    assert reasons(snapshot) == {
        "unknown channel 'e-mail'; did you mean 'email'?": 1,
        "unknown direction 'in'; did you mean 'inbound'?": 1,
    }
    assert rows(snapshot, "channel", "direction") == [("phone", "inbound")]


def test_an_unknown_kind_is_welcome(lake, rows):
    assert rows(lake.one(f"{HEAD}\na,2024-01-01,tasting"), "kind") == ["tasting"]


def test_quarantine_keeps_the_row_as_json(lake):
    snapshot = lake.one(f"{HEAD},amount,shop\na,2024-01-01,visit,nan,north")
    (row,) = pq.read_table(snapshot.quarantine).to_pylist()
    assert row["source"] == "rows"
    assert json.loads(row["row"]) == {
        "customer_id": "a", "occurred_at": "2024-01-01", "kind": "visit", "amount": "nan", "shop": "north"
    }  # fmt: skip


def test_strange_letters_are_only_letters(lake, rows):
    select = "select customer_id, occurred_at, kind, 'x' || chr(0) || 'y \U0001f600' as text from source"
    assert rows(lake.one(f"{HEAD}\na,2024-01-01,visit", select), "text") == ["x\0y \U0001f600"]


def test_an_id_with_a_nul_is_quarantined(lake, reasons):
    select = "select case who when 'a' then 'a' || chr(0) else who end as customer_id, day as occurred_at, 'visit' as kind from source"
    snapshot = lake.one("who,day\na,2024-01-01\nb,2024-01-01", select)
    assert reasons(snapshot) == {"an id holds a NUL, which no database keeps": 1}
    assert snapshot.rows == 1
