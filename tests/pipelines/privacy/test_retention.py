"""What is older than its period is gone, and a period that is too short for the model is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, insert, select

from tenure.pipelines.access.audit import Entry, Pseudonyms, append_entries, read_entries, verify_chain
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.keeping import Dropped
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.privacy.retention import forget_old, forget_old_feeds
from tenure.pipelines.privacy.suppression import Erased
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk_tables import past_scores
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2024, 7, 20, 3, tzinfo=dt.UTC)
SHORT = {"windows_days": [7]}


def project_in(folder: Path, **retention: int) -> Project:
    select = "select id as interaction_id, who as customer_id, moment as occurred_at, kind, body as text from source"
    return parse_project(
        {
            "project": {"name": "small"},
            "source": [
                {"name": "desk", "files": "desk.csv", "select": select, "timezone": "UTC", "max_quarantined": 1.0},
                {"name": "app", "live": True},
            ],
            "outcome": {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 7}},
            "features": SHORT,
            "backtest": {"train_cutoffs": 1},
            "retention": retention,
        },
        root=folder,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = ["old,ann,2024-02-29T23:59:00,purchase,first", "mid,ann,2024-03-01T00:00:00,purchase,second"]
    rows += ["new,bob,2024-06-02T00:00:00,purchase,third", "bad,bob,never,purchase,fourth"]
    (tmp_path / "desk.csv").write_text("id,who,moment,kind,body\n" + "\n".join(rows) + "\n")
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Engine:
    return open_store(folder / ".tenure")


def texts(project: Project, store: Engine, now: dt.datetime) -> dict[str, str | None]:
    snapshot = import_sources(project, now=now, store=store)
    rows = pq.read_table(snapshot.interactions(0)).to_pylist()
    return {row["interaction_id"]: row["text"] for row in rows}


def live_texts(folder: Path) -> dict[str, str | None]:
    files = (folder / ".tenure" / "feeds" / "app-live").glob("part-*.parquet")
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    return {row["interaction_id"]: row["text"] for row in rows}


def test_rows_and_texts_go_by_whole_months(folder: Path, store: Engine) -> None:
    row = {"customer_id": "cem", "kind": "purchase", "text": "said live"}
    for name, day in (("l1", "2024-02-01"), ("l2", "2024-06-03"), ("l3", "2024-03-20")):
        deliver(store, "app", [{**row, "interaction_id": name, "occurred_at": f"{day}T10:00:00+00:00"}], now=NOW)
    whole = project_in(folder)
    assert set(texts(whole, store, NOW)) == {"old", "mid", "new", "l1", "l2", "l3"}
    kept = project_in(folder, interactions_days=120, texts_days=60)  # from 22 March, so from the 1st; from May
    assert forget_old_feeds(kept, now=NOW) == 2  # a row, and the text of another
    assert live_texts(folder) == {"l2": "said live", "l3": None}
    assert forget_old_feeds(kept, now=NOW) == 0
    assert texts(kept, store, NOW) == {"mid": None, "new": "third", "l2": "said live", "l3": None}
    summary = import_sources(kept, now=NOW, store=store)
    assert [(one.name, one.expired) for one in summary.sources] == [("desk", 1), ("app", 0)]
    assert not any("first" in str(pq.read_table(file).to_pylist()) for file in summary.folder.glob("*.parquet"))
    assert set(texts(kept, store, NOW + dt.timedelta(days=1))) == {"mid", "new", "l2", "l3"}
    assert set(texts(kept, store, NOW + dt.timedelta(days=20))) == {"new", "l2"}  # from 11 April


def test_scores_and_logs_go_by_days_and_the_chain_holds(folder: Path, store: Engine) -> None:
    project = project_in(folder, scores_days=31, logs_days=10)
    moments = [dt.datetime(2024, 7, day) for day in (1, 5, 15, 19)]
    for moment in moments:
        append_entries(store, [Entry(moment, "me", "look")])
    past = {
        "outcome": "lapse",
        "unit_id": "u",
        "customer_id": "ann",
        "probability": 0.1,
        "band": "low",
        "model_version": "1",
    }
    with store.begin() as connection:
        connection.execute(insert(past_scores), [{**past, "as_of": day} for day in ("2024-06-18", "2024-06-19")])
    assert forget_old(project, store, now=NOW) == {"past scores": 1, "audit entries": 2}
    with reading(store) as connection:
        assert connection.scalars(select(past_scores.c.as_of)).all() == ["2024-06-19"]
    assert [entry.at for entry in read_entries(store)] == moments[2:]
    append_entries(store, [Entry(dt.datetime(2024, 7, 20), "me", "look")])
    assert verify_chain(store)[0] == 3
    assert forget_old(project, store, now=NOW + dt.timedelta(days=30)) == {"past scores": 1, "audit entries": 3}
    append_entries(store, [Entry(dt.datetime(2024, 8, 20), "me", "look")])
    assert verify_chain(store)[0] == 1
    assert forget_old(project_in(folder), store, now=NOW + dt.timedelta(days=999)) == {}


def test_a_period_that_is_too_short_is_refused_with_the_days_needed(folder: Path) -> None:
    said = "features and training look back 56 days"  # 5 origins a week apart, two labels of a week, a window of a week
    for name in ("interactions_days", "texts_days"):
        with pytest.raises(ValueError, match=f"retention.{name} = 55: {said}"):
            project_in(folder, **{name: 55})
        project_in(folder, **{name: 56})
    with pytest.raises(ValueError, match="retention.scores_days = 30: changes are told over 31 days"):
        project_in(folder, scores_days=30)


def test_where_time_stands_still_no_row_grows_old(folder: Path) -> None:
    project = project_in(folder, interactions_days=100)
    frozen = project.model_copy(update={"project": project.project.model_copy(update={"clock": "data"})})
    nobody = Erased(Pseudonyms(folder), frozenset())
    assert Dropped.at(project, nobody, NOW).instants == ["rows 2024-04-01T00:00:00+00:00"]
    assert Dropped.at(frozen, nobody, NOW).instants == []
