"""How things stand in the store, as `/metrics` tells it."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from scored import NOON
from sqlalchemy import Engine, create_engine

from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.monitor.finding import Finding
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.monitor_runs import keep_run
from tenure.serving.gauges import Standing
from tenure.serving.metrics import processes_gone

ROW = {"customer_id": "ann", "kind": "purchase", "occurred_at": "2017-12-04T11:00:00+00:00"}


@pytest.fixture(autouse=True)
def counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts looks, when it is imported, for the folder that a service would have."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))


def told(project: Project, engine: Engine, *, later: dt.timedelta) -> dict[str, dict[str, float]]:
    """The gauges at a moment after noon: by name, then by outcome."""
    found = Standing(project, engine, lambda: NOON + later).collect()
    return {g.name: {s.labels.get("outcome", ""): s.value for s in g.samples} for g in found}


def test_age_and_what_waits_are_told_for_each_outcome(
    project: Project, engine: Engine, put: Callable[..., int]
) -> None:
    put("lapse")
    put("churn", as_of=dt.date(2017, 12, 3))
    deliver(engine, "app", [{**ROW, "interaction_id": f"r{n}"} for n in range(3)], now=NOON)
    deliver(engine, "elsewhere", [{**ROW, "interaction_id": "x"}], now=NOON)
    found = told(project, engine, later=dt.timedelta(hours=2))
    assert found["tenure_score_set_age_seconds"] == {"lapse": 7200.0, "churn": 7200.0}
    days = found["tenure_score_set_as_of_seconds"]
    assert days["lapse"] - days["churn"] == 86_400
    assert found["tenure_events_waiting"] == {"lapse": 3.0, "churn": 3.0}
    assert found["tenure_store_answers"] == {"": 1.0}


def test_an_untrained_project_has_no_ages(project: Project, engine: Engine) -> None:
    found = told(project, engine, later=dt.timedelta())
    assert (found["tenure_score_set_age_seconds"], found["tenure_build_info"]) == ({}, {"": 1.0})


def test_what_the_monitor_found_last_is_told(project: Project, engine: Engine) -> None:
    assert not [name for name in told(project, engine, later=dt.timedelta()) if "monitor" in name]
    finding = Finding("silence", "till", "alarm", 60.0, 15.0, "no rows for 1 day")
    about = {"as_of": NOON.date(), "snapshot_id": "s", "shape": {}}
    keep_run(engine, at=NOON, level="ok", findings=[], **about)
    keep_run(engine, at=NOON, level="alarm", findings=[finding.to_json()], **about)
    found = {g.name: g.samples for g in Standing(project, engine, lambda: NOON).collect()}
    (level,), (value,) = found["tenure_monitor_level"], found["tenure_monitor_value"]
    assert (level.labels, level.value, value.value) == ({"check": "silence", "of": "till"}, 2.0, 60.0)
    assert {s.labels["level"]: s.value for s in found["tenure_monitor_findings"]} == {"ok": 0, "watch": 0, "alarm": 1}
    assert [s.value for s in found["tenure_monitor_run_seconds"]] == [NOON.timestamp()]


def test_a_store_that_does_not_answer_is_told_as_such(project: Project) -> None:
    found = told(project, create_engine("sqlite:///:memory:"), later=dt.timedelta())  # a store without any table
    assert set(found) == {"tenure_build_info", "tenure_store_answers"}
    assert found["tenure_store_answers"] == {"": 0.0}


def test_a_worker_that_left_gauges_behind_is_noticed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for process in (ended.pid, os.getpid()):
        (tmp_path / f"gauge_livesum_{process}.db").touch()
    (tmp_path / f"histogram_{ended.pid}.db").touch()
    assert processes_gone(tmp_path) == {ended.pid}
