"""`tenure doctor` on a whole project, and on one that was harmed in a single place."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from command import tenure
from sqlalchemy import insert, text, update

from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store, project_store
from tenure.pipelines.store.tables import audit, score_sets, version

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


def examined(folder: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """How the command ended, and its worst finding of each name."""
    ran = tenure("doctor", folder, "--json")
    worst: dict[str, dict[str, Any]] = {}
    for one in json.loads(ran.out)["findings"]:
        before = worst.get(one["name"])
        if before is None or ("ok", "warn", "fail").index(one["state"]) > ("ok", "warn", "fail").index(before["state"]):
            worst[one["name"]] = one
    return ran.code, worst


def test_a_whole_project_is_well_and_is_left_as_it_was(trained: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (trained / ".tenure" / "lake").rglob("*")}
    code, found = examined(trained)
    assert code == 0, found
    states = {name: one["state"] for name, one in found.items()}
    others = {states.pop("model of slump"), states.pop("scores of slump")}  # only the primary outcome was trained
    assert (others, set(states.values())) == ({"warn"}, {"ok"}), found
    assert set(states) == {
        "project file", "secrets", "names", "keys folder", "store", "snapshot", "disk", "watermark of lapse",
        "watermark of slump", "model of lapse", "scores of lapse", "audit log", "keys", "clock",
    }  # fmt: skip
    assert "golden cases agree" in found["model of lapse"]["said"]
    assert {p: p.stat().st_mtime_ns for p in (trained / ".tenure" / "lake").rglob("*")} == before


def test_each_harm_is_named_with_what_to_do(trained: Path) -> None:
    """Several harms at once: each has a line of its own, and none hides another."""
    data, store = trained / ".tenure", open_store(trained / ".tenure")
    booster = Registry(data).with_alias("shop-lapse").directory / "boosted-0.txt"
    booster.write_bytes(booster.read_bytes()[:4_000])
    cut = next(iter((data / "lake").rglob("interactions-*.parquet")))
    cut.write_bytes(cut.read_bytes()[:100])
    (data / "keys").mkdir(mode=0o755, exist_ok=True)
    (data / "keys").chmod(0o755)
    ahead = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(days=1)
    with store.begin() as connection:
        connection.execute(insert(audit), {"at": ahead, "who": "x", "what": "list", "digest": "0" * 64})
        connection.execute(update(score_sets).values(stale=True))
    store.dispose()
    code, found = examined(trained)
    assert code == 1
    expected = {
        "model of lapse": ("fail", "boosted-0.txt is not what was saved", "tenure train"),
        "snapshot": ("fail", "1 files of snapshot", "import again"),
        "keys folder": ("fail", "has mode 755", "chmod 700"),
        "audit log": ("fail", "does not follow from those before it", "backup"),
        "clock": ("fail", "the clock is 24.0 hours behind", "timedatectl"),
        "scores of lapse": ("warn", "past the watermark", "newer data"),
    }
    for name, (state, said, remedy) in expected.items():
        assert (found[name]["state"], said in found[name]["said"], remedy in found[name]["remedy"]) == (
            state,
            True,
            True,
        ), found[name]


def test_a_line_is_printed_for_each_with_what_to_do_below(tmp_path: Path) -> None:
    (tmp_path / "tenure.toml").write_text("[project]\nname = 'shop'\nwrong = 1\n")
    ran = tenure("doctor", tmp_path)
    assert ran.code == 1
    assert ran.out.startswith("fail  project file: ")
    assert "wrong: is not a known key" in ran.out
    assert "\n      -> correct it" in ran.out


@pytest.fixture
def project_folder(tmp_path: Path, project_text: str, store_section: str) -> Path:
    """A project that was never opened."""
    (tmp_path / "tenure.toml").write_text(project_text + store_section)
    return tmp_path


def test_an_untouched_project_is_told_where_to_begin_and_stays_untouched(project_folder: Path) -> None:
    code, found = examined(project_folder)
    assert code == 1
    assert found["store"]["state"] == "fail"
    assert "run `tenure train`" in found["store"]["remedy"]
    assert not (project_folder / ".tenure").exists()


def test_a_project_without_data_is_told_so(project_folder: Path) -> None:
    project_store(load_project(project_folder)).dispose()
    code, found = examined(project_folder)
    assert (code, found["snapshot"]["state"], found["model"]["state"]) == (1, "fail", "fail")
    assert found["store"]["state"] == found["keys"]["state"] == found["audit log"]["state"] == "ok"
    assert found["scores of lapse"]["state"] == "fail"
    assert found["clock"]["state"] == "ok"


@pytest.mark.parametrize(("held", "remedy"), [("0001", "tenure upgrade"), ("9999", "install the release")])
def test_tables_of_another_release_are_named(project_folder: Path, held: str, remedy: str) -> None:
    store = project_store(load_project(project_folder))
    with store.begin() as connection:
        connection.execute(update(version).values(version_num=held))
    code, found = examined(project_folder)
    assert (code, found["store"]["state"]) == (1, "fail")
    assert remedy in found["store"]["remedy"]
    with store.connect() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == held  # only looked at
    store.dispose()


def test_a_store_that_is_none_is_named(tmp_path: Path, project_text: str) -> None:
    (tmp_path / "tenure.toml").write_text(project_text)
    (tmp_path / ".tenure").mkdir()
    (tmp_path / ".tenure" / "store.sqlite").write_bytes(b"not a database at all" * 100)
    code, found = examined(tmp_path)
    assert (code, found["store"]["state"]) == (1, "fail")
    assert "not a database" in found["store"]["said"]


def test_a_database_that_is_away_is_named(tmp_path: Path, project_text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENURE_STORE", "postgresql://nobody:hush@127.0.0.1:9/none")
    (tmp_path / "tenure.toml").write_text(f'{project_text}\n[store]\npostgres = "TENURE_STORE"\n')
    code, found = examined(tmp_path)
    assert (code, found["store"]["state"]) == (1, "fail")
    assert "no connection to" in found["store"]["said"] and "hush" not in json.dumps(found)
