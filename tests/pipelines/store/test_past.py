"""The score over time."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import Engine

from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.past import past_of, remember_scores, served_before
from tenure.pipelines.store.score_sets import write_score_set


def remember(engine: Engine, day: dt.date, probability: float, version: str = "1") -> None:
    rows = pd.DataFrame(
        [("ann", "ann", "scored", probability, "low", None), ("bob", "bob", "left", None, None, None)],
        columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"],
    )
    number = write_score_set(
        engine, rows, outcome="lapse", as_of=day, model_version=version, snapshot_id="s",
        created_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC), definition="d", verdict="use",
    )  # fmt: skip
    remember_scores(engine, number)


def test_what_was_served_is_remembered_by_day_and_a_second_set_of_a_day_replaces_the_first(engine: Engine) -> None:
    remember(engine, dt.date(2024, 1, 1), 0.1)
    remember(engine, dt.date(2024, 1, 8), 0.2)
    remember(engine, dt.date(2024, 1, 8), 0.3, version="2")
    with reading(engine) as connection:
        found = past_of(connection, "lapse", "ann")
        assert [(p.as_of, p.probability, p.model_version) for p in found] == [
            ("2024-01-01", 0.1, "1"), ("2024-01-08", 0.3, "2"),
        ]  # fmt: skip
        assert past_of(connection, "lapse", "bob") == []


def test_the_last_one_before_a_date_is_found(engine: Engine) -> None:
    remember(engine, dt.date(2024, 1, 1), 0.1)
    remember(engine, dt.date(2024, 1, 8), 0.2)
    with reading(engine) as connection:
        found = served_before(connection, "lapse", ["ann", "bob"], until=dt.date(2024, 1, 7))
        assert {unit: past.probability for unit, past in found.items()} == {"ann": 0.1}
        assert served_before(connection, "lapse", ["ann"], until=dt.date(2023, 12, 31)) == {}


def test_what_is_older_than_a_year_and_a_month_is_forgotten(engine: Engine) -> None:
    remember(engine, dt.date(2024, 1, 1), 0.1)
    remember(engine, dt.date(2025, 3, 1), 0.2)
    with reading(engine) as connection:
        assert [p.as_of for p in past_of(connection, "lapse", "ann")] == ["2025-03-01"]


def test_what_was_served_long_before_is_not_taken_for_the_week_before(engine: Engine) -> None:
    remember(engine, dt.date(2024, 1, 1), 0.1)
    with reading(engine) as connection:
        assert served_before(connection, "lapse", ["ann"], until=dt.date(2024, 6, 1), days=7) == {}
        assert "ann" in served_before(connection, "lapse", ["ann"], until=dt.date(2024, 1, 8), days=7)
