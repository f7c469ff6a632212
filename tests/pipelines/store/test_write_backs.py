"""What a support tool should say, and what is still to be written there."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import Engine, insert

from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.pipelines.store.tables import overlays
from tenure.pipelines.store.write_backs import Due, due, failed, want_everybody, want_some, wrote

NOON = dt.datetime(2024, 1, 2, 12, tzinfo=dt.UTC)


def publish_bands(engine: Engine, **bands: str | None) -> int:
    chances = {"low": 0.01, "medium": 0.2, "high": 0.4, "critical": 0.8}
    rows = pd.DataFrame(
        [
            (name, name.partition("_")[0], "scored" if band else "left", chances.get(band or ""), band, None)
            for name, band in bands.items()
        ],
        columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"],
    )
    number = write_score_set(
        engine, rows, outcome="lapse", as_of=dt.date(2024, 1, 2), model_version="1", snapshot_id="s",
        created_at=NOON, definition="d", verdict="use",
    )  # fmt: skip
    publish(engine, "lapse", number)
    return number


@pytest.fixture
def named(engine: Engine) -> Engine:
    """A store that knows ann, bob, cid and dee by Zendesk's ids."""
    rows = [
        {"source": source, "external_id": f"{place}", "customer_id": name}
        for place, name in enumerate(("ann", "bob", "cid", "dee"), start=1)
        for source in ("zendesk", "zendesk_profiles")
    ]
    with engine.begin() as connection:
        connection.execute(insert(external_ids), rows)
    return engine


def want(engine: Engine, number: int, now: dt.datetime = NOON) -> int:
    return want_everybody(engine, "zendesk", "zendesk", outcome="lapse", score_set_id=number, now=now)


def waiting(engine: Engine, now: dt.datetime = NOON) -> dict[str, str]:
    return {one.external_id: one.wanted for one in due(engine, "zendesk", now=now, limit=100)}


def test_whoever_is_at_risk_is_to_be_written_and_a_low_risk_only_in_the_place_of_another(named: Engine) -> None:
    assert want(named, publish_bands(named, ann="high", bob="low", cid=None, dee="critical", eve="high")) == 2
    assert waiting(named) == {"1": "high", "4": "critical"}
    for one in due(named, "zendesk", now=NOON, limit=100):
        wrote(named, "zendesk", one, now=NOON)
    assert waiting(named) == {}
    assert want(named, publish_bands(named, ann="low", bob="low", dee=None)) == 2
    assert waiting(named) == {"1": "low", "4": "none"}


def test_of_several_contracts_the_riskiest_counts(named: Engine) -> None:
    want(named, publish_bands(named, ann_1="medium", ann_2="critical", ann_3="low"))
    assert waiting(named) == {"1": "critical"}


def test_only_the_last_of_many_changes_is_written(named: Engine) -> None:
    want(named, publish_bands(named, ann="high"))
    want(named, publish_bands(named, ann="medium"))
    assert waiting(named) == {"1": "medium"}
    assert want(named, publish_bands(named, ann="medium")) == 0


def test_a_change_while_another_was_on_its_way_is_written_after_it(named: Engine) -> None:
    want(named, publish_bands(named, ann="high"))
    [one] = due(named, "zendesk", now=NOON, limit=1)
    want(named, publish_bands(named, ann="critical"))
    wrote(named, "zendesk", one, now=NOON)
    assert waiting(named) == {"1": "critical"}


def test_what_fails_is_tried_ever_later_and_what_cannot_be_is_given_up(named: Engine) -> None:
    want(named, publish_bands(named, ann="high", bob="high"))
    first, second = due(named, "zendesk", now=NOON, limit=2)
    failed(named, "zendesk", first, why="answered 500", now=NOON, for_good=False)
    failed(named, "zendesk", second, why="answered 404", now=NOON, for_good=True)
    assert waiting(named, NOON + dt.timedelta(seconds=9)) == {}
    [again] = due(named, "zendesk", now=NOON + dt.timedelta(seconds=10), limit=2)
    assert again == Due("ann", "1", "high", 1)
    failed(named, "zendesk", again, why="answered 500", now=NOON, for_good=False)
    assert waiting(named, NOON + dt.timedelta(seconds=19)) == {}
    assert waiting(named, NOON + dt.timedelta(seconds=20)) == {"1": "high"}
    want(named, publish_bands(named, ann="high", bob="critical"))  # another band is worth another try
    assert waiting(named) == {"2": "critical"}


def test_some_are_looked_at_again_alone(named: Engine) -> None:
    publish_bands(named, ann="high", bob="high")
    assert want_some(named, "zendesk", "zendesk", ["bob", "eve"], outcome="lapse", now=NOON) == 1
    assert waiting(named) == {"2": "high"}


def scored_now(engine: Engine, number: int, band: str, probability: float) -> None:
    row = {"outcome": "lapse", "unit_id": "ann", "customer_id": "ann", "score_set_id": number, "event_id": 1}
    with engine.begin() as connection:
        connection.execute(
            insert(overlays).values(
                **row, as_of="2024-01-03", scored_at=NOON.replace(tzinfo=None), status="scored", band=band,
                probability=probability,
            )
        )  # fmt: skip


def test_who_was_scored_again_is_written_as_they_are_now_by_a_writer_that_begins_anew(named: Engine) -> None:
    number = publish_bands(named, ann="high")
    scored_now(named, number, "medium", 0.15)
    want(named, number)
    assert waiting(named) == {"1": "medium"}


def test_giving_a_band_up_is_no_word_about_another_that_is_wanted_by_now(named: Engine) -> None:
    want(named, publish_bands(named, ann="high"))
    [one] = due(named, "zendesk", now=NOON, limit=1)
    want(named, publish_bands(named, ann="critical"))
    failed(named, "zendesk", one, why="answered 404", now=NOON, for_good=True)
    assert waiting(named) == {"1": "critical"}
