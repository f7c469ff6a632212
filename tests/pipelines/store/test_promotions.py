"""Promotions: the pointer and the record of the change, both or neither; and which sets are kept."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import Engine, insert, select

from tenure.pipelines.decisions.members import read_members
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.promotions import PROMOTE, ServedMeanwhile, change_served, history, settle, unsettled
from tenure.pipelines.store.score_sets import publish, published_number, score_set, set_of, write_score_set
from tenure.pipelines.store.tables import score_sets

NOW = dt.datetime(2024, 1, 2, 1, tzinfo=dt.UTC)
DAY = dt.date(2024, 1, 1)


def write(engine: Engine, model: str, *, day: dt.date = DAY, snapshot: str = "s1") -> int:
    rows = pd.DataFrame(
        [("ann", "ann", "scored", 0.4, "high", None)],
        columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"],
    )
    return write_score_set(
        engine, rows, outcome="lapse", as_of=day, model_version=model, snapshot_id=snapshot, created_at=NOW,
        definition="d", verdict="use",
    )  # fmt: skip


def kept(engine: Engine) -> set[int]:
    with reading(engine) as connection:
        return set(connection.scalars(select(score_sets.c.score_set_id)))


def test_the_pointer_and_the_record_change_together(engine: Engine) -> None:
    one, two = write(engine, "m/1"), write(engine, "m/2")
    publish(engine, "lapse", one)
    with reading(engine) as connection:
        found = score_set(connection, two)
    made = change_served(engine, found, seen=one, before="m/1", action=PROMOTE, now=NOW, reason="better")
    with reading(engine) as connection:
        assert published_number(connection, "lapse") == two
        assert unsettled(connection, "lapse") == made == history(connection, "lapse")[0]
    settle(engine, made)
    with reading(engine) as connection:
        assert unsettled(connection, "lapse") is None
        assert history(connection, "lapse") == [made._replace(settled=True)]


def test_a_set_that_was_published_meanwhile_is_not_replaced(engine: Engine) -> None:
    one, two, three = (write(engine, f"m/{n}") for n in (1, 2, 1))
    publish(engine, "lapse", one)
    with reading(engine) as connection:
        found = score_set(connection, two)
    publish(engine, "lapse", three)
    with pytest.raises(ServedMeanwhile, match=f"score set {one} of 'lapse' was served when this began and {three} is"):
        change_served(engine, found, seen=one, before="m/1", action=PROMOTE, now=NOW)
    with reading(engine) as connection:
        assert published_number(connection, "lapse") == three
        assert history(connection, "lapse") == []


def test_other_models_keep_their_newest_set_of_the_served_date(engine: Engine) -> None:
    before, other, newer, served = (write(engine, model) for model in ("m/1", "m/2", "m/2", "m/1"))
    for number in (before, served):
        publish(engine, "lapse", number)
    assert kept(engine) == {before, newer, served}
    assert other not in kept(engine)
    tomorrow = write(engine, "m/1", day=DAY + dt.timedelta(days=1))
    publish(engine, "lapse", tomorrow)
    assert kept(engine) == {served, tomorrow}


def test_the_set_of_a_model_is_found_by_date_and_data(engine: Engine) -> None:
    one, two = write(engine, "m/1"), write(engine, "m/1", snapshot="s2")
    with reading(engine) as connection:
        newest, of_data = set_of(connection, "lapse", "m/1"), set_of(connection, "lapse", "m/1", snapshot_id="s1")
        assert newest is not None and of_data is not None
        assert (newest.score_set_id, of_data.score_set_id) == (two, one)
        assert set_of(connection, "lapse", "m/1", as_of=DAY + dt.timedelta(days=1)) is None
        assert set_of(connection, "lapse", "m/9") is None


def test_lists_of_before_a_new_definition_are_of_another_series(engine: Engine) -> None:
    two = write(engine, "m/2")
    with engine.begin() as connection:
        for number, at in ((1, NOW - dt.timedelta(hours=1)), (2, NOW + dt.timedelta(hours=1))):
            row = {
                "list_id": number,
                "outcome": "lapse",
                "as_of": str(DAY),
                "score_set_id": two,
                "model_version": "m/2",
            }
            row |= {"created_at": at.replace(tzinfo=None), "created_by": "ann", "capacity": 1}
            connection.execute(insert(lists).values(**row))
            who = {"unit_id": "ann", "customer_id": "ann", "rank": 1, "probability": 0.4, "band": "high"}
            connection.execute(insert(list_members).values(list_id=number, held_out=False, **who))
    with reading(engine) as connection:
        assert set(read_members(connection, "lapse")["list"]) == {1, 2}
        found = score_set(connection, two)
    change_served(engine, found, seen=None, before=None, action=PROMOTE, now=NOW, reason="sooner", new_series=True)
    with reading(engine) as connection:
        assert set(read_members(connection, "lapse")["list"]) == {2}
        assert set(read_members(connection, "other")["list"]) == set()
