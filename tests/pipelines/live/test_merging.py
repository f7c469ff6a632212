"""Delivered rows beside those of the lake: each version once, each ended by the next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from tenure.pipelines.live.merging import NEVER, Event, with_events
from tenure.pipelines.scoring.live import INTERACTIONS

FIRST, SECOND = (dt.datetime(2024, 6, day, tzinfo=dt.UTC) for day in (1, 2))


def lake(*rows: tuple[str, str, dt.datetime]) -> pa.Table:
    found = [
        {
            "customer_id": c,
            "interaction_id": i,
            "occurred_at": FIRST,
            "known_at": k,
            "superseded_at": NEVER,
            "source": "till",
            "kind": "visit",
        }
        for c, i, k in rows
    ]
    return pa.Table.from_pylist(found, schema=INTERACTIONS.append(pa.field("source", pa.string())))


def event(number: int, name: str, known_at: dt.datetime, **more: Any) -> Event:
    row = {
        "customer_id": "ann",
        "interaction_id": name,
        "occurred_at": FIRST.isoformat(),
        "known_at": known_at.isoformat(),
        "kind": "visit",
    }
    return Event(number, "till", {**row, **more})


def told(table: pa.Table) -> list[tuple[str, str, int, int]]:
    rows = table.select(["customer_id", "interaction_id", "known_at", "superseded_at"]).to_pylist()
    return [(r["customer_id"], r["interaction_id"], r["known_at"].day, r["superseded_at"].year) for r in rows]


def test_two_rows_of_one_version_in_the_lake_cost_no_delivered_row() -> None:
    held = lake(("ann", "a", FIRST), ("bob", "a", FIRST))  # one row in two periods of who the customer was
    found = told(with_events(held, [event(1, "x", FIRST), event(2, "y", FIRST), event(3, "a", SECOND)]))
    assert [row[:3] for row in found] == [
        ("ann", "a", 1),
        ("ann", "a", 2),
        ("ann", "x", 1),
        ("ann", "y", 1),
        ("bob", "a", 1),
    ]
    assert [row[3] for row in found] == [2024, 9999, 9999, 9999, 2024]


def test_a_copy_of_what_the_lake_has_is_not_added_and_a_withdrawal_has_no_row() -> None:
    held = lake(("ann", "a", FIRST), ("ann", "b", FIRST))
    found = told(with_events(held, [event(1, "a", FIRST), event(2, "b", SECOND, retracted=True), event(3, "c", FIRST)]))
    assert found == [("ann", "a", 1, 9999), ("ann", "b", 1, 2024), ("ann", "c", 1, 9999)]


def test_a_customer_of_whom_the_lake_has_no_row_gets_the_delivered_ones() -> None:
    empty = pa.table([pa.chunked_array([], field.type) for field in lake().schema], schema=lake().schema)
    assert told(with_events(empty, [event(1, "a", FIRST)])) == [("ann", "a", 1, 9999)]
