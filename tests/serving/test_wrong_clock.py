"""A clock that is a day off, and then put right: nothing acknowledged is lost, and nobody waits for the wrong time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from scored import NOON
from small import LIVE
from sqlalchemy import Engine

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.leases import take_lease
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

DAY = dt.timedelta(days=1)
Served = Callable[[dt.timedelta], TestClient]


@pytest.fixture
def project(tmp_path: Path, store_section: str) -> Project:
    """A project to which interactions are delivered."""
    (tmp_path / "tenure.toml").write_text(LIVE + store_section)
    return load_project(tmp_path)


@pytest.fixture
def served(project: Project, engine: Engine, scorers: Scorers) -> Served:
    """The service by a clock that is off by so much at noon."""

    def served(off: dt.timedelta) -> TestClient:
        app = create_app(ServiceSettings(project=project), engine=engine, scorers=scorers, now=lambda: NOON + off)
        return TestClient(app, base_url="http://127.0.0.1")

    return served


def row(number: int, moment: dt.datetime) -> dict[str, Any]:
    return {
        "interaction_id": f"r{number}",
        "customer_id": "ann",
        "kind": "purchase",
        "occurred_at": moment.isoformat(),
    }


def delivered(client: TestClient, *rows: dict[str, Any]) -> int:
    answer = client.post("/v1/interactions", json={"interactions": list(rows)})
    client.app.state.auditor.close()  # type: ignore[attr-defined]
    return answer.status_code


def held(snapshot: Snapshot) -> set[str]:
    files = [snapshot.interactions(bucket) for bucket in range(snapshot.buckets)]
    return {name for file in files for name in pq.read_table(file)["interaction_id"].to_pylist()}


def test_what_was_taken_by_a_clock_ahead_is_used_when_its_time_comes(project: Project, served: Served) -> None:
    rows = [row(n, NOON - dt.timedelta(days=9 - n)) for n in range(9)]
    assert delivered(served(DAY), *rows, row(9, NOON + dt.timedelta(hours=20))) == 202
    store = project_store(project)
    assert held(import_sources(project, now=NOON, store=store)) == {f"r{n}" for n in range(9)}
    assert delivered(served(dt.timedelta()), row(10, NOON - dt.timedelta(minutes=1))) == 202
    assert held(import_sources(project, now=NOON + DAY, store=store)) == {f"r{n}" for n in range(11)}
    store.dispose()


def test_what_a_clock_behind_takes_for_the_future_is_refused_and_can_be_sent_again(
    project: Project, served: Served
) -> None:
    happened = row(1, NOON - dt.timedelta(hours=1))
    assert delivered(served(-DAY), happened) == 422
    assert delivered(served(-DAY), row(2, NOON - dt.timedelta(days=3))) == 202
    assert delivered(served(dt.timedelta()), happened) == 202
    store = project_store(project)
    assert held(import_sources(project, now=NOON, store=store)) == {"r1", "r2"}
    store.dispose()


def test_a_day_imported_by_a_clock_ahead_is_imported_again_by_the_right_one(project: Project, served: Served) -> None:
    store = project_store(project)
    assert delivered(served(DAY), row(1, NOON - dt.timedelta(days=2))) == 202
    early = import_sources(project, now=NOON + DAY, store=store)
    assert delivered(served(dt.timedelta()), row(2, NOON - dt.timedelta(hours=2))) == 202
    again = import_sources(project, now=NOON, store=store)
    assert (early.watermark(), again.watermark()) == ((NOON + DAY).date(), NOON.date())
    assert held(again) == {"r1", "r2"}
    store.dispose()


def test_nobody_waits_for_a_lease_that_a_clock_ahead_has_taken(engine: Engine) -> None:
    assert take_lease(engine, "run", "dead", now=NOON + DAY, seconds=30) is None
    assert take_lease(engine, "run", "ours", now=NOON, seconds=30) is None
    assert take_lease(engine, "run", "other", now=NOON + dt.timedelta(minutes=-40), seconds=30) == "ours"
