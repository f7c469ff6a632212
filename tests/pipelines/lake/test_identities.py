"""Outside ids, merges as of when they are known, and the customers of cases."""

from __future__ import annotations

import pytest

from tenure.pipelines.lake.identities import IdentitiesRunInACircle
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.external_ids import called_by_others, customer_called

FOREVER = "9999-12-31 00:00"


def load(lake, interactions, identities, **settings):
    shop = {"name": "shop", "files": lake.write("shop.csv", interactions), "max_quarantined": 1, **settings}
    people = {"name": "people", "into": "identities", "files": lake.write("people.csv", identities)}
    return lake.load(shop, people)


def test_an_outside_id_becomes_its_customer(lake, rows):
    snapshot = load(
        lake, "external_id,occurred_at,kind\nx1,2024-01-01,visit", "source,external_id,customer_id\nshop,x1,anna"
    )
    assert rows(snapshot, "customer_id", "known_at") == [("anna", "2024-01-02 00:00")]


def test_rows_of_an_outside_id_are_known_once_the_id_is(lake, rows):
    snapshot = load(
        lake,
        "external_id,occurred_at,kind\nx1,2024-01-01,visit",
        "source,external_id,customer_id,known_at\nshop,x1,anna,2024-03-01T00:00Z",
    )
    assert rows(snapshot, "customer_id", "occurred_at", "known_at") == [
        ("anna", "2024-01-01 00:00", "2024-03-01 00:00")
    ]


def test_a_merge_moves_the_rows_from_when_it_is_known(lake, rows):
    snapshot = load(
        lake,
        "customer_id,occurred_at,kind\nold,2024-01-01T08:00Z,visit\nnew,2024-04-01T08:00Z,visit",
        "external_id,customer_id,known_at\nold,new,2024-03-01T00:00Z",
    )
    assert rows(snapshot, "customer_id", "known_at", "superseded_at") == [
        ("new", "2024-03-01 00:00", FOREVER),
        ("new", "2024-04-01 08:00", FOREVER),
        ("old", "2024-01-01 08:00", "2024-03-01 00:00"),
    ]
    assert len(set(rows(snapshot, "interaction_id"))) == 2


def test_merges_may_follow_each_other(lake, rows):
    snapshot = load(
        lake,
        "customer_id,occurred_at,kind\na,2024-01-01T08:00Z,visit",
        "external_id,customer_id,known_at\na,b,2024-02-01T00:00Z\nb,c,2024-03-01T00:00Z",
    )
    assert rows(snapshot, "customer_id", "known_at", "superseded_at") == [
        ("a", "2024-01-01 08:00", "2024-02-01 00:00"),
        ("b", "2024-02-01 00:00", "2024-03-01 00:00"),
        ("c", "2024-03-01 00:00", FOREVER),
    ]


def test_merges_in_a_circle_are_an_error(lake):
    with pytest.raises(IdentitiesRunInACircle, match="circle"):
        load(lake, "customer_id,occurred_at,kind\na,2024-01-01,visit", "external_id,customer_id\na,b\nb,a")


def test_the_matched_share_counts_outside_ids_nobody_knows(lake):
    snapshot = load(
        lake,
        "external_id,occurred_at,kind\nx1,2024-01-01,visit\nx2,2024-01-01,visit",
        "source,external_id,customer_id\nshop,x1,anna\nother,x2,bert",
    )
    assert snapshot.sources[0].matched_share == 0.5
    assert snapshot.sources[0].quarantined == {"external_id belongs to no known customer": 1}


def test_profiles_follow_their_customer(lake, facts):
    shop = {"name": "shop", "files": lake.write("s.csv", "customer_id,occurred_at,kind\nold,2024-01-01,visit")}
    merge = lake.write("m.csv", "external_id,customer_id,known_at\nold,new,2024-03-01T00:00Z")
    plan = lake.write("p.csv", "customer_id,name,value,occurred_at\nold,plan,gold,2024-01-01T00:00Z")
    snapshot = lake.load(
        shop, {"name": "m", "into": "identities", "files": merge}, {"name": "p", "into": "profiles", "files": plan}
    )
    assert facts(snapshot, "customer_id", "known_at") == [("new", "2024-03-01 00:00"), ("old", "2024-01-01 00:00")]


def test_a_row_with_a_case_takes_the_customer_the_case_had_by_then(lake, rows):
    snapshot = lake.one(
        """case_id,customer_id,occurred_at,kind
        7,,2024-01-01T08:00Z,assigned
        7,anna,2024-01-01T09:00Z,contact_opened
        7,,2024-01-01T10:00Z,message_out
        7,bert,2024-01-01T11:00Z,message_in
        7,,2024-01-01T12:00Z,resolved
        8,,2024-01-01T12:00Z,resolved"""
    )
    assert rows(snapshot, "customer_id", "kind") == [
        ("anna", "contact_opened"), ("anna", "message_out"), ("bert", "message_in"), ("bert", "resolved"),
    ]  # fmt: skip
    assert snapshot.sources[0].quarantined == {"no customer": 2}
    assert snapshot.sources[0].matched_share == pytest.approx(4 / 6)


def test_for_whom_outside_ids_stand_today_is_kept_in_the_store_too(lake):
    load(
        lake,
        "customer_id,occurred_at,kind\nanna,2024-01-01T08:00Z,visit",
        "source,external_id,customer_id,known_at\nshop,x1,old,2024-01-01T00:00Z\nshop,x1,anna,2024-02-01T00:00Z\n,x2,anna,",
    )
    with reading(open_store(lake.root / ".tenure")) as connection:
        assert customer_called(connection, "shop", "x1") == "anna"
        assert customer_called(connection, "other", "x2") == "anna"
        assert customer_called(connection, "other", "x1") is None
        assert called_by_others(connection, ["anna", "bob"]) == {"anna": {"shop": "x1", "": "x2"}}
