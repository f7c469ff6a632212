"""What the store keeps for the monitor."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy import Engine

from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.kept_scores import keep_quality, keep_set, kept_scores_of, kept_sets_of
from tenure.pipelines.store.monitor_runs import keep_run, newest_runs
from tenure.pipelines.store.noted_events import EventRefused, all_events, note_event

NOW = dt.datetime(2024, 6, 1, 3, tzinfo=dt.UTC)
DAY = dt.date(2024, 6, 1)


def put(engine: Engine, day: dt.date, *names: str) -> bool:
    rows = pd.DataFrame(
        [(name, f"{name}-unit", 0.25, 0.125) for name in names],
        columns=["customer_id", "unit_id", "probability", "silence"],
    )
    return keep_set(
        engine, outcome="lapse", as_of=day, model_version="m/1", now=NOW, figures={"units": len(names)}, rows=rows,
        every_days=7, share=1.0,
    )  # fmt: skip


def kept(engine: Engine) -> dict[str, list[str]]:
    """The customers whose scores are kept, by the date of their set."""
    with reading(engine) as connection:
        sets = kept_sets_of(connection, "lapse", until=dt.date(2030, 1, 1))
        return {one.as_of: kept_scores_of(connection, one)["customer_id"].tolist() for one in sets}


def test_every_set_is_kept_and_scores_once_a_week(engine: Engine) -> None:
    assert [put(engine, DAY + dt.timedelta(days=days), "ann", "bob") for days in (0, 1, 7)] == [True, False, True]
    assert kept(engine) == {"2024-06-01": ["ann", "bob"], "2024-06-02": [], "2024-06-08": ["ann", "bob"]}


def test_a_set_of_the_same_day_takes_the_place_of_the_first(engine: Engine) -> None:
    put(engine, DAY, "ann")
    put(engine, DAY, "bob")
    assert kept(engine) == {"2024-06-01": ["bob"]}


def test_scores_are_forgotten_when_they_are_judged(engine: Engine) -> None:
    put(engine, DAY, "ann")
    with reading(engine) as connection:
        (one,) = kept_sets_of(connection, "lapse", until=DAY)
    keep_quality(engine, one, {"said": "too few"})
    with reading(engine) as connection:
        (found,) = kept_sets_of(connection, "lapse", until=DAY)
    assert found.quality == {"said": "too few"} and kept(engine) == {"2024-06-01": []}


def test_sets_of_over_a_year_ago_are_forgotten(engine: Engine) -> None:
    put(engine, DAY, "ann")
    put(engine, DAY + dt.timedelta(days=401), "ann")
    assert list(kept(engine)) == ["2025-07-07"]


def test_runs_are_read_newest_first(engine: Engine) -> None:
    for level in ("ok", "alarm"):
        about = {"as_of": DAY, "snapshot_id": "s", "findings": [], "shape": {}}
        keep_run(engine, at=NOW, level=level, **about)
    with reading(engine) as connection:
        found = newest_runs(connection, limit=5)
    assert [run.level for run in found] == ["alarm", "ok"] and found[0].at == dt.datetime(2024, 6, 1, 3)
    back = DAY - dt.timedelta(days=30)
    keep_run(engine, at=NOW, as_of=back, snapshot_id="s", level="watch", findings=[], shape={})
    with reading(engine) as connection:
        assert [run.level for run in newest_runs(connection, limit=5)] == ["alarm", "ok", "watch"]
        assert [run.level for run in newest_runs(connection, limit=1, before=DAY)] == ["watch"]


def test_events_come_in_the_order_of_their_days(engine: Engine) -> None:
    note_event(engine, "prices", day=DAY, until=DAY, now=NOW)
    note_event(engine, " strike ", day=dt.date(2024, 5, 1), until=dt.date(2024, 5, 3), now=NOW)
    with reading(engine) as connection:
        assert [(e.name, e.until) for e in all_events(connection)] == [("strike", dt.date(2024, 5, 3)), ("prices", DAY)]


@pytest.mark.parametrize(("name", "until", "words"), [
    ("", DAY, "expected 1 to 200 letters, found 0"),
    ("sale", dt.date(2024, 5, 31), "--until 2024-05-31 is before --on 2024-06-01"),
])  # fmt: skip
def test_an_event_that_cannot_be_meant_is_refused(engine: Engine, name: str, until: dt.date, words: str) -> None:
    with pytest.raises(EventRefused, match=words):
        note_event(engine, name, day=DAY, until=until, now=NOW)
