"""`tenure retrain`: what the gate lets through is served, what it keeps out is challenger, and both are on record."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command import tenure
from rival import add_challenger
from shop import project_text, sales, write_project

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.promotion.changing import served_now
from tenure.pipelines.promotion.due import Due, due
from tenure.pipelines.registry import CHALLENGER, Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.gate_decisions import GateDecision, decisions
from tenure.pipelines.store.monitor_runs import MonitorRun

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

WIDE = "[gate]\nauc_margin = 0.3\nprofit_margin = 0.9\nslice_margin = 0.45\nrate_margin = 0.9\n"
STRICT = "[gate]\nauc_margin = 0.0001\nprofit_margin = 0.0001\n[retrain]\nevery_days = 28\n"


@pytest.fixture(scope="module")
def aged_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose champion has learned from labels until September alone."""
    folder = Path(shutil.copytree(trained_once, tmp_path_factory.mktemp("aged") / "shop"))
    old = add_challenger(folder, train_before=dt.date(2024, 9, 8))
    Registry(folder / ".tenure").promote(old.name, old.version)
    return folder


@pytest.fixture
def aged(aged_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(aged_once, tmp_path / "shop"))


def with_sections(folder: Path, text: str) -> Path:
    with (folder / "tenure.toml").open("a") as file:
        file.write(text)
    return folder


def on_record(folder: Path) -> list[GateDecision]:
    store = project_store(load_project(folder))
    with reading(store) as connection:
        found = decisions(connection, "lapse")
    store.dispose()
    return found


def served(folder: Path) -> str:
    store = project_store(load_project(folder))
    found = served_now(store, "lapse")
    store.dispose()
    assert found is not None
    return found.model_version


def checks(told: Any) -> dict[str, Any]:
    return {one["check"]: one for one in told["checks"]}


def test_a_candidate_that_passes_is_served_and_the_same_once_more_is_not(aged: Path) -> None:
    with_sections(aged, WIDE)
    ran = tenure("retrain", aged, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["candidate"], told["before"], told["decision"], told["served"]) == (
        "shop-lapse/3", "shop-lapse/2", "promote", True,
    )  # fmt: skip
    assert [one["passed"] for one in told["checks"]] == [True] * 5
    assert checks(told)["ranking"]["figures"]["positives"] > 100
    assert any(group["by"] == "region" for group in checks(told)["groups"]["figures"]["groups"])
    assert served(aged) == "shop-lapse/3"
    registry = Registry(aged / ".tenure")
    assert registry.with_alias("shop-lapse").version == "3"
    assert registry.with_alias("shop-lapse").tags["gate"] == "promote"
    again = tenure("retrain", aged, "--json")
    assert again.code == 0
    assert json.loads(again.out)["sentence"] == ("Keep the champion: the candidate is the same model, byte for byte.")
    assert served(aged) == "shop-lapse/3"
    assert [(one.candidate, one.champion, one.decision) for one in on_record(aged)] == [
        ("shop-lapse/4", "shop-lapse/3", "keep"),
        ("shop-lapse/3", "shop-lapse/2", "promote"),
    ]


def test_a_candidate_that_does_not_pass_becomes_challenger(aged: Path) -> None:
    with_sections(aged, STRICT)
    ran = tenure("retrain", aged, "--if-due")
    assert ran.code == 1
    assert "Keep the champion" in ran.out
    assert "shop-lapse/3 is challenger" in ran.said
    registry = Registry(aged / ".tenure")
    assert registry.with_alias("shop-lapse").version == "2"
    assert registry.with_alias("shop-lapse", CHALLENGER).version == "3"
    (kept,) = on_record(aged)
    assert kept.figures["checks"][1]["check"] == "ranking"
    due = tenure("retrain", aged, "--if-due", "--json")  # the newest version has learned from all that is known
    assert due.code == 0
    assert json.loads(due.out)["due"] is False
    if kept.decision == "keep":
        refused = tenure("promote", "challenger", aged)
        assert refused.code == 1
        assert "the gate kept it out" in refused.said
        assert tenure("promote", "challenger", aged, "--reason", "we want the newest").code == 0
        assert registry.with_alias("shop-lapse").version == "3"


def test_training_by_hand_goes_through_the_gate_too(aged: Path) -> None:
    with_sections(aged, STRICT)
    kept = tenure("train", aged, "--json")
    assert kept.code == 1
    assert (json.loads(kept.out)["model"], json.loads(kept.out)["champion"]) == ("shop-lapse/3", False)
    assert checks(json.loads(kept.out)["gate"])["verdict"]["passed"] is True
    registry = Registry(aged / ".tenure")
    assert registry.with_alias("shop-lapse").version == "2"
    assert registry.with_alias("shop-lapse", CHALLENGER).version == "3"
    text = (aged / "tenure.toml").read_text()
    (aged / "tenure.toml").write_text(text.replace(STRICT, WIDE))
    ran = tenure("train", aged)
    assert ran.code == 0, ran.err
    assert "Promote: the candidate is no worse" in ran.out
    assert (registry.with_alias("shop-lapse").version, served(aged)) == ("4", "shop-lapse/4")
    assert next(one.decision for one in on_record(aged)) == "promote"


def test_in_the_place_of_a_champion_that_cannot_be_opened_a_candidate_needs_its_verdict_alone(trained: Path) -> None:
    artefact = Registry(trained / ".tenure").with_alias("shop-lapse").directory
    (artefact / "model.json").write_text("{}")
    ran = tenure("train", trained, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["model"], told["champion"]) == ("shop-lapse/2", True)
    assert "the champion shop-lapse/1 cannot be opened" in told["gate"]["sentence"]
    assert served(trained) == "shop-lapse/2"


def test_an_alarm_about_quality_makes_a_candidate_due_before_its_time(aged: Path) -> None:
    with_sections(aged, "[retrain]\nevery_days = 364\n")
    project = load_project(aged)
    store = project_store(project)
    study = Study.of(project, current_snapshot(project, store))
    store.dispose()

    def run(check: str, level: str, subject: str = "lapse") -> list[MonitorRun]:
        found = {"check": check, "subject": subject, "level": level, "sentence": "it ranks as a coin does"}
        return [MonitorRun(1, dt.datetime(2025, 1, 1), "2025-01-01", "s", level, [found], {})]

    assert due(study, run("ranking", "alarm")) == Due(
        True,
        "lapse: shop-lapse/2 learned from labels until 2024-09-08, by now they are known until 2024-12-29, and the "
        "monitor is alarmed: it ranks as a coin does",
    )
    for quiet in ([], run("ranking", "watch"), run("volume", "alarm"), run("ranking", "alarm", subject="slump")):
        assert due(study, quiet).sentence.endswith("112 of 364 days")


def test_data_too_short_for_any_origin_are_refused_with_what_to_do(tmp_path: Path) -> None:
    soon = sales(40)[:120]  # of a month
    folder = write_project(tmp_path / "young", soon, text=_without_origins())
    ran = tenure("retrain", folder)
    assert ran.code == 1 and "Traceback" not in ran.err
    assert "too short to place an origin" in ran.said


def _without_origins() -> str:
    dated = ("origins = ", "development = ", "complete_until = ")
    return "\n".join(line for line in project_text().splitlines() if not line.startswith(dated))


def test_without_later_labels_nobody_can_tell(trained: Path) -> None:
    text = (trained / "tenure.toml").read_text()
    (trained / "tenure.toml").write_text(text.replace("train_every_days = 28", "train_every_days = 14"))
    ran = tenure("retrain", trained, "--json")
    assert ran.code == 1
    told = json.loads(ran.out)
    assert told["decision"] == "cannot tell"
    assert "the first label of a later date is known when the data are complete until 2025-01-26" in told["sentence"]
    assert Registry(trained / ".tenure").with_alias("shop-lapse").version == "1"


def test_a_scheduled_run_retrains_where_it_is_due_and_serves_what_passes(aged: Path) -> None:
    with_sections(aged, WIDE + "[retrain]\nevery_days = 28\n")
    told = json.loads(tenure("run", aged, "--json").out)["outcomes"]
    assert told["slump"]["retrained"] is None  # nobody trained a model of it yet
    assert (told["lapse"]["retrained"]["decision"], told["lapse"]["retrained"]["served"]) == ("promote", True)
    assert served(aged) == "shop-lapse/3"
    assert json.loads(tenure("run", aged, "--json").out)["outcomes"]["lapse"]["retrained"] is None
