"""`tenure promote` and `tenure rollback` on a trained shop: what is served, and what an interruption leaves."""

from __future__ import annotations

import contextlib
import getpass
import json
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import Ran, start, tenure
from rival import NOW, add_challenger
from sqlalchemy import Engine, select

from tenure.pipelines.promotion.changing import served_now
from tenure.pipelines.registry import CHALLENGER, PREVIOUS, NoChampion, Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.alert_tables import alerts
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.past import last_served, past_of
from tenure.pipelines.store.promotions import PROMOTE, change_served, history
from tenure.pipelines.store.score_sets import ScoreSet, at_risk, set_of

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

NAME, ONE, TWO = "shop-lapse", "shop-lapse/1", "shop-lapse/2"


@pytest.fixture(scope="module")
def rivals_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a champion that is served and a challenger; only to be copied."""
    folder = Path(shutil.copytree(trained_once, tmp_path_factory.mktemp("rivals") / "shop"))
    assert tenure("score", folder).code == 0  # of the data that the challenger will know
    add_challenger(folder)
    return folder


@pytest.fixture
def rivals(rivals_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rivals_once, tmp_path / "shop"))


def store_of(folder: Path) -> Engine:
    return project_store(load_project(folder))


def served(folder: Path) -> ScoreSet:
    engine = store_of(folder)
    found = served_now(engine, "lapse")
    engine.dispose()
    assert found is not None
    return found


def roles(folder: Path) -> dict[str, str | None]:
    registry, found = Registry(folder / ".tenure"), {}
    for alias in ("champion", CHALLENGER, PREVIOUS):
        try:
            found[alias] = registry.with_alias(NAME, alias).version
        except NoChampion:
            found[alias] = None
    return found


def answer(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_the_challenger_is_served_and_the_model_of_before_again(rivals: Path) -> None:
    before = served(rivals)
    told = answer(tenure("promote", "challenger", rivals, "--reason", "it ranks better", "--json"))
    assert (told["champion"], told["before"], told["scored"]) == (TWO, ONE, True)
    assert served(rivals).model_version == TWO
    assert served(rivals).as_of == before.as_of
    assert roles(rivals) == {"champion": "2", "challenger": None, "previous": "1"}
    back = answer(tenure("rollback", rivals, "--json"))
    assert (back["champion"], back["before"], back["scored"]) == (ONE, TWO, False)
    assert served(rivals) == before  # the very set of before
    assert roles(rivals) == {"champion": "1", "challenger": None, "previous": "2"}
    again = answer(tenure("promote", "2", rivals, "--json"))
    assert (again["champion"], again["scored"]) == (TWO, False)
    engine = store_of(rivals)
    with reading(engine) as connection:
        kept = [(one.action, one.champion, one.reason, one.settled) for one in history(connection, "lapse")]
    engine.dispose()
    assert kept == [
        ("promote", TWO, None, True),
        ("rollback", ONE, None, True),
        ("promote", TWO, "it ranks better", True),
    ]
    log = json.loads(tenure("audit", rivals, "--json").out)
    done = [(one["what"], one["who"], one["detail"]["champion"]) for one in log if one["what"].startswith("model.")]
    me = f"command line ({getpass.getuser()})"
    assert sorted(done) == [("model.promote", me, TWO), ("model.promote", me, TWO), ("model.rollback", me, ONE)]


def test_what_changed_names_the_other_model(rivals: Path) -> None:
    engine = store_of(rivals)
    day_before = "2024-12-28"
    with engine.begin() as connection:  # as if the champion had scored the midnight before too
        connection.exec_driver_sql(
            "insert into past_scores select outcome, unit_id, ?, customer_id, probability, band, model_version "
            "from past_scores",
            (day_before,),
        )
    engine.dispose()
    assert tenure("promote", "challenger", rivals).code == 0
    with sqlite3.connect(rivals / ".tenure" / "store.sqlite") as store:
        rows = store.execute(
            "select facts from scores where score_set_id = ? and rank <= 5", (served(rivals).score_set_id,)
        ).fetchall()
    assert [json.loads(facts)["before"][2] for (facts,) in rows] == [True] * 5


def test_a_change_that_was_killed_half_way_is_finished_by_the_next_command(rivals: Path) -> None:
    assert tenure("promote", "challenger", rivals).code == 0
    assert tenure("rollback", rivals).code == 0
    engine = store_of(rivals)
    now, old = served(rivals), roles(rivals)
    with reading(engine) as connection:
        other = set_of(connection, "lapse", TWO)
    assert other is not None
    change_served(engine, other, seen=now.score_set_id, before=ONE, action=PROMOTE, now=NOW)  # and then it died
    engine.dispose()
    assert (served(rivals).model_version, roles(rivals)) == (TWO, old)
    ran = tenure("score", rivals)
    assert ran.code == 0, ran.err
    assert (served(rivals).model_version, roles(rivals)["champion"], roles(rivals)["previous"]) == (TWO, "2", "1")


def test_refusals_change_nothing_and_say_what_to_do(rivals: Path) -> None:
    before, old = served(rivals), roles(rivals)
    for words, said in (
        (("promote", "1", rivals), "shop-lapse/1 is the champion of 'lapse' already"),
        (("promote", "7", rivals), "model 'shop-lapse' has no version 7; it has 1, 2"),
        (("rollback", rivals), "no version of model 'shop-lapse' is 'previous'"),
    ):
        ran = tenure(*words)
        assert (ran.code, said in ran.said) == (1, True), ran.err
    text = (rivals / "tenure.toml").read_text()
    (rivals / "tenure.toml").write_text(text.replace("horizon_days = 28", "horizon_days = 14", 1))
    ran = tenure("promote", "challenger", rivals)
    assert ran.code == 1
    assert 'was trained for "lapse: no purchase in the 28 days' in ran.said
    (rivals / "tenure.toml").write_text(text)
    add_challenger(rivals, verdict="no signal")
    ran = tenure("promote", "challenger", rivals)
    assert ran.code == 1
    assert "its verdict is 'no signal', so it may not be served" in ran.said
    assert (served(rivals), roles(rivals)["champion"]) == (before, old["champion"])


def test_another_definition_begins_a_new_series_and_only_where_that_is_meant(rivals: Path) -> None:
    text = (rivals / "tenure.toml").read_text()
    (rivals / "tenure.toml").write_text(text.replace("horizon_days = 28", "horizon_days = 14", 1) + "[alerts]\n")
    made = add_challenger(rivals)
    old = served(rivals)
    ran = tenure("promote", "challenger", rivals, "--reason", "sooner")
    assert ran.code == 1
    assert f"{made.label} answers another question than the champion (horizon_days 28 -> 14)" in ran.said
    assert tenure("promote", "challenger", rivals, "--new-definition").code == 2
    assert served(rivals) == old
    told = answer(tenure("promote", "challenger", rivals, "--new-definition", "--reason", "sooner", "--json"))
    assert (told["champion"], told["before"]) == (made.label, ONE)
    found = served(rivals)
    assert "in the 14 days" in found.definition
    engine = store_of(rivals)
    with reading(engine) as connection:
        assert history(connection, "lapse", limit=1)[0].new_series
        assert list(connection.execute(select(alerts))) == []
        name = at_risk(connection, found.score_set_id, limit=1)[0].customer_id
        assert {past.model_version for past in past_of(connection, "lapse", name)} == {made.label}
        assert last_served(connection, "lapse", before=found.as_of) == {}
    engine.dispose()
    refused = tenure("promote", "challenger", rivals, "--new-definition", "--reason", "again")
    assert refused.code == 1
    add_challenger(rivals)
    same = tenure("promote", "challenger", rivals, "--new-definition", "--reason", "again")
    assert "answers the same question as the champion" in same.said


def test_training_by_another_definition_leaves_the_champion_in_its_place(rivals: Path) -> None:
    text = (rivals / "tenure.toml").read_text()
    (rivals / "tenure.toml").write_text(text.replace("horizon_days = 28", "horizon_days = 14", 1))
    ran = tenure("train", rivals)
    assert ran.code == 1
    assert "the champion answers another question" in ran.said
    assert roles(rivals)["champion"] == "1"
    (rivals / "tenure.toml").write_text(text)
    ran = tenure("train", rivals, "--challenger", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["champion"] is False
    assert roles(rivals)["challenger"] == "4"


def test_a_rollback_away_from_a_broken_champion_works(rivals: Path) -> None:
    assert tenure("promote", "challenger", rivals).code == 0
    broken = Registry(rivals / ".tenure").with_alias(NAME).directory / "model.json"
    broken.write_text("{}")
    assert answer(tenure("rollback", rivals, "--json"))["champion"] == ONE
    ran = tenure("promote", "2", rivals)
    assert ran.code == 1
    assert served(rivals).model_version == ONE


@pytest.mark.parametrize("seconds", [1.5, 2.5, 3.5])
def test_a_promotion_killed_at_any_moment_leaves_one_model_wholly_served(rivals: Path, seconds: float) -> None:
    process = start("promote", "challenger", rivals)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.communicate()
    found = served(rivals)
    assert found.model_version in (ONE, TWO)
    engine = store_of(rivals)
    with reading(engine) as connection:
        assert len(at_risk(connection, found.score_set_id, limit=1_000)) == found.counts["scored"]
    engine.dispose()
    assert tenure("score", rivals).code == 0
    assert (served(rivals).model_version, roles(rivals)["champion"]) == (found.model_version, found.model_version[-1])
