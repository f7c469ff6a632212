"""The list by worth, in each database: its order, its cut, and what a set says of its contacts."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import Engine

from tenure.pipelines.store.caring import take_care
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import EVERYBODY, Filter, count_listed, listed
from tenure.pipelines.store.frozen_lists import freeze, frozen_list
from tenure.pipelines.store.orders import first_units
from tenure.pipelines.store.reach import EVERYONE
from tenure.pipelines.store.score_sets import ScoreSet, publish, published_set, write_score_set
from tenure.pipelines.store.worth import Worth, cut_at, worth_of

DAY = dt.date(2017, 12, 4)
NOW = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
COLUMNS = ["unit_id", "status", "probability", "band", "value", "gain", "place", "barred", "never_held_out", "segment"]
ROWS = [
    ("ann", "scored", 0.8, "critical", 100.0, 2.0, 3, None, False, "north"),
    ("bob", "scored", 0.4, "high", 900.0, 30.0, 1, None, True, "south"),
    ("cid", "scored", 0.3, "high", 500.0, 9.0, 2, None, False, "north"),
    ("dee", "scored", 0.2, "medium", 5000.0, 94.0, None, "consent", False, None),
    ("eve", "scored", 0.01, "low", 100.0, -5.9, None, None, False, None),
    ("fay", "excluded", None, None, None, None, None, "staff", None, None),
    ("gus", "scored", 0.005, "low", None, None, None, None, False, None),
]  # fmt: skip


@pytest.fixture
def found(engine: Engine) -> ScoreSet:
    rows = pd.DataFrame(ROWS, columns=COLUMNS).assign(reasons=None, effect=None)
    rows["customer_id"] = rows["unit_id"]
    number = write_score_set(
        engine, rows, outcome="lapse", as_of=DAY, model_version="7", snapshot_id="s1", created_at=NOW,
        definition="no purchase", verdict="use", assumed={"save_rate": 0.1},
    )  # fmt: skip
    publish(engine, "lapse", number)
    with reading(engine) as connection:
        served = published_set(connection, "lapse")
    assert served is not None
    return served


def names(engine: Engine, found: ScoreSet, wanted: Filter = EVERYBODY, *, limit: int = 9, offset: int = 0) -> list[str]:
    with reading(engine) as connection:
        rows = listed(connection, found, wanted, limit=limit, offset=offset, today=DAY, by="gain")
        count = count_listed(connection, found, wanted, today=DAY, by="gain")
    if limit == 9 and not offset:
        assert count == len(rows)
    return [row.score.unit_id for row in rows]


def test_contacts_come_in_the_order_of_what_they_bring_and_end_where_profit_does(
    engine: Engine, found: ScoreSet
) -> None:
    assert names(engine, found) == ["bob", "cid", "ann"]
    assert names(engine, found, limit=1) == ["bob"]
    assert names(engine, found, limit=1, offset=2) == ["ann"]
    assert names(engine, found, Filter(band="high", status=None)) == ["bob", "cid"]
    assert names(engine, found, Filter(segment="north", status=None)) == ["cid", "ann"]


def test_whoever_is_cared_for_leaves_the_open_list_and_is_found_by_owner(engine: Engine, found: ScoreSet) -> None:
    about = {"who": "zoe", "now": NOW}
    take_care(engine, "lapse", ["cid"], owner=None, status="addressed", **about)
    take_care(engine, "lapse", ["ann", "bob", "dee"], owner="zoe", **about)
    assert names(engine, found, Filter()) == ["bob", "ann"]
    assert names(engine, found, Filter(), limit=1, offset=1) == ["ann"]
    assert names(engine, found, Filter(owner="zoe")) == ["bob", "ann"]


def test_the_cut_sums_up_gains_and_expected_hits(engine: Engine, found: ScoreSet) -> None:
    with reading(engine) as connection:
        two, all_of_them = (
            cut_at(connection, first_units(connection, found, room, reach=EVERYONE, by="gain")) for room in (2, 50)
        )
    assert (two.contacts, two.hits, two.profit, two.least) == pytest.approx((2, 0.7, 39.0, 9.0))
    assert (all_of_them.contacts, all_of_them.profit, all_of_them.least) == pytest.approx((3, 41.0, 2.0))


def test_a_set_says_how_many_are_barred_by_cause_and_what_was_assumed(found: ScoreSet) -> None:
    assert found.worth == {
        "placed": 3,
        "bands": {"high": 2, "critical": 1},
        "barred": {"consent": 1},
        "excluded": {"staff": 1},
        "unvalued": 1,
        "assumed": {"save_rate": 0.1},
    }


def test_the_worth_of_a_unit_says_whether_it_may_be_contacted(engine: Engine, found: ScoreSet) -> None:
    with reading(engine) as connection:
        worth = worth_of(connection, found.score_set_id, ["bob", "dee", "fay", "gus"])
    assert worth["bob"] == Worth(900.0, None, 30.0, 1, None, True)
    assert [worth[name].contact for name in ("bob", "dee", "fay", "gus")] == ["allowed", "consent", "staff", None]


def test_a_frozen_list_by_worth_keeps_value_and_gain(engine: Engine, found: ScoreSet) -> None:
    number = freeze(engine, found, Filter(), capacity=2, who="zoe", now=NOW, today=DAY, by="gain")
    with reading(engine) as connection:
        kept = frozen_list(connection, number)
    assert kept is not None
    assert (kept[0].sort, [(m.unit_id, m.value, m.gain) for m in kept[1]]) == (
        "gain",
        [("bob", 900.0, 30.0), ("cid", 500.0, 9.0)],
    )
