"""Versions, retractions, repeats and ids made from content."""

from __future__ import annotations

from collections import Counter

HEAD = "interaction_id,customer_id,occurred_at,known_at,kind,amount"
FOREVER = "9999-12-31 00:00"


def test_a_later_version_supersedes_from_when_it_is_known(lake, rows):
    snapshot = lake.one(
        f"{HEAD}\n1,a,2024-01-01T00:00Z,2024-01-01T00:00Z,visit,5\n1,a,2024-01-01T00:00Z,2024-01-09T00:00Z,visit,7"
    )
    assert rows(snapshot, "amount", "known_at", "superseded_at") == [
        (5.0, "2024-01-01 00:00", "2024-01-09 00:00"),
        (7.0, "2024-01-09 00:00", FOREVER),
    ]


def test_a_retraction_ends_a_row_and_is_no_row_itself(lake, rows):
    snapshot = lake.one(
        """interaction_id,customer_id,occurred_at,known_at,kind,retracted
        1,a,2024-01-01T00:00Z,2024-01-01T00:00Z,visit,false
        1,a,2024-01-01T00:00Z,2024-01-05T00:00Z,visit,true
        2,a,2024-01-02T00:00Z,2024-01-02T00:00Z,visit,"""
    )
    assert rows(snapshot, "interaction_id", "superseded_at") == [("1", "2024-01-05 00:00"), ("2", FOREVER)]


def test_the_same_id_with_different_content_is_quarantined(lake, rows, reasons):
    snapshot = lake.one(f"{HEAD}\n1,a,2024-01-01,,visit,5\n1,a,2024-01-01,,visit,6\n2,a,2024-01-01,,visit,5")
    assert reasons(snapshot) == {"duplicate id with different content": 2}
    assert rows(snapshot, "interaction_id", "superseded_at") == [("2", FOREVER)]


def test_the_same_id_with_the_same_content_is_one_row(lake, rows):
    snapshot = lake.one(f"{HEAD}\n1,a,2024-01-01,,visit,5\n1,a,2024-01-01,,visit,5")
    assert rows(snapshot, "interaction_id") == ["1"]
    assert (snapshot.sources[0].read, snapshot.sources[0].rows, snapshot.sources[0].collapsed) == (2, 1, 1)


def test_without_an_id_repeats_are_kept_and_told_apart(lake, rows):
    snapshot = lake.one("customer_id,occurred_at,kind\na,2024-01-01,visit\na,2024-01-01,visit\na,2024-01-02,visit")
    ids = rows(snapshot, "interaction_id")
    assert len(set(ids)) == 3
    assert Counter(i[-2:] for i in ids) == {"-1": 2, "-2": 1}


def test_an_id_made_from_content_does_not_depend_on_the_order_of_rows_or_columns(lake, rows):
    first = lake.one("customer_id,occurred_at,kind\na,2024-01-01,visit\nb,2024-01-02,visit\na,2024-01-01,visit")
    before = rows(first, "interaction_id")
    again = lake.one("kind,customer_id,occurred_at\nvisit,a,2024-01-01\nvisit,a,2024-01-01\nvisit,b,2024-01-02")
    assert rows(again, "interaction_id") == before


def test_ids_belong_to_their_source(lake, rows):
    files = lake.write("rows.csv", f"{HEAD}\n1,a,2024-01-01,,visit,5")
    other = lake.write("other.csv", f"{HEAD}\n1,a,2024-01-01,,visit,6")
    snapshot = lake.load({"name": "rows", "files": files}, {"name": "other", "files": other})
    assert rows(snapshot, "source", "interaction_id", "amount") == [("other", "1", 6.0), ("rows", "1", 5.0)]
