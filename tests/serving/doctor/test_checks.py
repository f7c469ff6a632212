"""The single checks: at which point each begins to warn, and to fail."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from scored import NOON
from sqlalchemy import Engine

from tenure.pipelines.access.keys import create_key
from tenure.pipelines.access.roles import Role
from tenure.pipelines.access.secret import kept_secret
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.live.delivery import deliver
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.service import Service
from tenure.serving.doctor.callers import keys_last
from tenure.serving.doctor.data import watermarks
from tenure.serving.doctor.finding import Finding, Patient
from tenure.serving.doctor.models import models_whole
from tenure.serving.doctor.scores import fresh, refresher, served_sets
from tenure.serving.doctor.stored import clock
from tenure.serving.doctor.surroundings import keys_private, names_fit, room, secrets_named

ROW = {"interaction_id": "r1", "customer_id": "ann", "kind": "purchase", "occurred_at": "2017-12-04T11:00:00+00:00"}


def at(project: Project, engine: Engine, moment: dt.datetime = NOON) -> Patient:
    return Patient(project, engine, moment)


def only(found: Any) -> Finding:
    (one,) = found
    assert isinstance(one, Finding)
    return one


@pytest.mark.parametrize(("hours", "state"), [(0, "ok"), (10, "ok"), (12, "warn"), (58, "warn"), (60, "fail")])
def test_scores_are_due_at_every_midnight_of_the_project(
    project: Project, engine: Engine, put: Callable[..., int], hours: int, state: str
) -> None:
    put()
    patient = at(project, engine, NOON + dt.timedelta(hours=hours))
    lapse, churn = fresh(patient, served_sets(patient))
    assert (lapse.name, lapse.state, churn.state) == ("scores of lapse", state, "warn")


def test_scores_of_a_clock_that_stands_still_are_fresh(
    project: Project, engine: Engine, put: Callable[..., int]
) -> None:
    put()
    frozen = project.model_copy(update={"project": project.project.model_copy(update={"clock": "data"})})
    patient = at(frozen, engine, NOON + dt.timedelta(days=900))
    assert next(iter(fresh(patient, served_sets(patient)))).state == "ok"


def test_the_refresher_is_behind_when_something_waits_for_a_minute(
    project: Project, engine: Engine, put: Callable[..., int]
) -> None:
    put()
    deliver(engine, "app", [ROW], now=NOON)
    soon, later = (at(project, engine, NOON + dt.timedelta(seconds=s)) for s in (30, 600))
    assert only(refresher(soon, served_sets(soon))).state == "ok"
    found = only(refresher(later, served_sets(later)))
    assert (found.state, found.said) == ("fail", "1 interactions wait for lapse, the first for 10 minutes")
    assert "tenure refresh" in str(found.remedy)


@pytest.mark.parametrize(("days", "state"), [(None, "ok"), (15, "ok"), (13.5, "warn")])
def test_a_key_that_ends_within_two_weeks_is_named(
    project: Project, engine: Engine, days: float | None, state: str
) -> None:
    made, _ = create_key(engine, "zendesk", Role.agent, now=NOON, days=days)
    create_key(engine, "old", Role.agent, now=NOON - dt.timedelta(days=9), days=1)  # ended, and so no concern
    found = only(keys_last(at(project, engine)))
    assert found.state == state
    if state == "warn":
        assert found.said == f"zendesk/{made.key_id} ends in 13 days, on 2017-12-18"
        assert f"tenure key rotate {made.key_id}" in str(found.remedy)


def test_names_for_others_without_anybody_let_in_are_noticed(project: Project, engine: Engine) -> None:
    named = project.model_copy(update={"service": Service(hosts=("tenure.test",))})
    assert "nobody has a key" in only(keys_last(at(named, engine))).said


@pytest.mark.parametrize(
    ("behind", "state"), [(dt.timedelta(minutes=1), "ok"), (dt.timedelta(minutes=9), "warn"), (dt.timedelta(1), "fail")]
)
def test_a_clock_behind_the_newest_entry_is_named(
    project: Project, engine: Engine, put: Callable[..., int], behind: dt.timedelta, state: str
) -> None:
    put()
    found = only(clock(at(project, engine, NOON - behind)))
    if engine.dialect.name == "sqlite" or state != "ok":  # the database's own clock says what year it is
        assert found.state == state, found
    if behind.days:
        assert "the clock is 24.0 hours behind" in found.said


@pytest.mark.parametrize("store_section", ["postgresql"], indirect=True)
@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_differs_from_the_databases_is_named(project: Project, engine: Engine, days: int) -> None:
    found = only(clock(at(project, engine, dt.datetime.now(dt.UTC) + dt.timedelta(days=days))))
    assert found.state == "fail"
    assert f"24.0 hours {'behind' if days < 0 else 'ahead of'} that of the database" in found.said


@pytest.mark.parametrize(("until", "state"), [("2017-12-04", "ok"), ("2017-12-05", "ok"), ("2017-12-02", "warn")])
def test_data_that_end_before_today_are_noticed(
    project: Project, engine: Engine, tmp_path: Path, until: str, state: str
) -> None:
    source = SourceSummary(
        "till", "interactions", 1, {}, {"purchase": 1}, None, None, dt.date.fromisoformat(until), 1.0
    )
    signed = SourceSummary("crm", "interactions", 1, {}, {"signup": 1}, None, None, dt.date(2017, 12, 4), 1.0)
    snapshot = Snapshot("s1", tmp_path, 1, 2, 1, (source, signed))
    found = next(f for f in watermarks(at(project, engine), snapshot) if f.name == "watermark of lapse")
    assert found.state == state
    if state == "warn":
        assert "complete until 2017-12-02, 2 days ago" in found.said


def test_nothing_trained_is_told_without_making_a_registry(project: Project) -> None:
    assert only(models_whole(project, {})).remedy == "run `tenure train`"
    assert not (project.data / "registry").exists()


def test_secrets_are_private_and_made_so(tmp_path: Path) -> None:
    assert only(keys_private(tmp_path)).state == "ok"
    kept_secret(tmp_path, "sessions")
    assert only(keys_private(tmp_path)).state == "ok"
    (tmp_path / "keys" / "sessions.key").chmod(0o644)
    found = only(keys_private(tmp_path))
    assert (found.state, found.remedy) == ("fail", f"chmod 600 {tmp_path / 'keys' / 'sessions.key'}")


def test_room_is_compared_with_what_an_import_takes(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    states = [only(room(tmp_path / "none", snapshot_bytes=size)).state for size in (0, free // 2, 2 * free)]
    assert states[1:] == ["warn", "fail"]


def test_a_secret_that_is_named_must_be_there(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    source = project.source[0].model_copy(update={"postgres": "SHOP_DATABASE", "files": {}})
    named = project.model_copy(
        update={"source": (source,), "store": project.store.model_copy(update={"postgres": None})}
    )
    monkeypatch.delenv("SHOP_DATABASE", raising=False)
    found = only(secrets_named(named))
    assert (found.state, found.said) == (
        "fail",
        "[[source]] till: postgres names SHOP_DATABASE, which is not set here",
    )
    monkeypatch.setenv("SHOP_DATABASE", "postgresql://")
    assert only(secrets_named(named)).state == "ok"


class Case(NamedTuple):
    """A section of the project file, and what is wrong with it."""

    service: dict[str, Any]
    state: str
    said: str


@pytest.mark.parametrize(
    "case",
    [
        Case({}, "ok", "this machine only"),
        Case({"hosts": "tenure.test"}, "ok", "called tenure.test"),
        Case({"public_url": "https://shop.test/t/", "trusted_proxies": "127.0.0.1"}, "ok", "called shop.test"),
        Case({"hosts": "https://tenure.test"}, "fail", "which no request will ever match"),
        Case({"hosts": "tenure.test:443"}, "fail", "which no request will ever match"),
        Case({"public_url": "http://shop.test"}, "warn", "is not encrypted"),
        Case({"public_url": "https://shop.test/t"}, "warn", "no proxy is trusted"),
        Case({"trusted_proxies": "127.0.0.1"}, "fail", "no name under which they may ask"),
    ],
)
def test_names_that_cannot_work_together_are_named(project: Project, case: Case) -> None:
    found = only(names_fit(project.model_copy(update={"service": Service(**case.service)})))
    assert (found.state, case.said in found.said) == (case.state, True), found
