"""`tenure score` and `tenure list`: which dates are honest, and what a broken or missing model changes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command import tenure
from shop import project_text

from tenure.pipelines.registry import CHAMPION, Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import open_store, project_store
from tenure.pipelines.store.frozen_lists import frozen_list
from tenure.pipelines.store.ledger import looks
from tenure.pipelines.store.past import past_of
from tenure.pipelines.store.score_sets import at_risk, published_set
from tenure.serving.words import change_in_words, change_of


def published(folder):
    with reading(open_store(folder / ".tenure")) as connection:
        return published_set(connection, "lapse")


def listed(folder):
    ran = tenure("list", folder, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture
def refused(trained):
    """Run a command that must refuse; the list before it must still be the list."""

    def refused(*words):
        before = listed(trained)
        ran = tenure(*words)
        assert (ran.code, ran.out) == (1, "")
        assert "Traceback" not in ran.err
        assert listed(trained) == before
        return ran.said

    return refused


def artefact(folder):
    return Registry(folder / ".tenure").with_alias("shop-lapse").directory


pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")


def test_a_date_the_champion_has_learned_from_is_refused(trained, refused):
    said = refused("score", trained, "--as-of", "2024-12-01")
    assert "as_of 2024-12-01: the champion learned from labels until 2024-12-29" in said
    assert "--back-test" in said


def test_a_back_test_writes_its_file_and_publishes_nothing(trained):
    before, out = published(trained), trained / "past.parquet"
    ran = tenure("score", trained, "--as-of", "2024-12-01", "--back-test", "--out", out)
    assert ran.code == 0, ran.err
    assert {row["as_of"] for row in pq.read_table(out).to_pylist()} == {"2024-12-01"}
    assert published(trained) == before


def test_a_date_past_the_watermark_is_refused_or_marked_stale(trained, refused):
    words = ("score", trained, "--as-of", "2025-01-05", "--out", trained / "late.parquet")
    said = refused(*words)
    assert "as_of 2025-01-05: the data are complete only until 2024-12-29" in said
    assert not (trained / "late.parquet").exists()
    assert tenure(*words, "--allow-stale").code == 0
    assert set(pq.read_table(trained / "late.parquet")["stale"].to_pylist()) == {True}
    assert published(trained).stale


def test_a_feed_that_stopped_refuses_the_score_of_today(trained, refused):
    (trained / "tenure.toml").write_text(project_text(clock='"system"'))
    said = refused("score", trained)
    assert "the data are complete only until 2024-12-29, the silence after it would look like customers" in said
    assert "bring the feed up to date, or use --allow-stale" in said


@pytest.mark.parametrize("name", ["scores.xlsx", "scores", "."])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_published(trained, refused, name):
    number = published(trained).score_set_id
    assert "--out" in refused("score", trained, "--out", trained / name)
    assert published(trained).score_set_id == number


def test_a_truncated_model_is_refused_with_the_remedy(trained, refused):
    booster = artefact(trained) / "boosted-0.txt"
    booster.write_bytes(booster.read_bytes()[:4_000])
    said = refused("score", trained)
    assert "boosted-0.txt is not what was saved" in said
    assert "restore the directory from a backup, download it from the registry again, or train again" in said


def test_a_model_with_one_byte_changed_is_refused(trained, refused):
    file = artefact(trained) / "model.json"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    assert "model.json is not what was saved" in refused("score", trained)


def test_a_model_that_is_gone_is_refused(trained, refused):
    artefact(trained).rename(trained / "elsewhere")
    assert "no artefact in" in refused("score", trained)


def test_a_missing_champion_is_named_with_the_remedy(trained, refused):
    Registry(trained / ".tenure")._client.delete_registered_model_alias("shop-lapse", CHAMPION)
    assert "no version of model 'shop-lapse' is 'champion'; `tenure train` fits" in refused("score", trained)


def test_a_champion_of_another_definition_is_refused(trained, refused):
    (trained / "tenure.toml").write_text(project_text(horizon_days="21"))
    said = refused("score", trained)
    assert "no purchase in the 28 days" in said
    assert "no purchase in the 21 days" in said
    assert "run `tenure train` again" in said


def test_every_look_at_report_origins_is_in_the_ledger_and_no_other(trained):
    def looked():
        return [look.origins for look in looks(open_store(trained / ".tenure"), "slump")]

    def backtest(*words):
        ran = tenure("backtest", trained, "--outcome", "slump", "--out", trained / "out", *words)
        assert ran.code == 0, ran.err

    backtest("--origin", "2024-12-01")
    backtest("--development")
    backtest("--origin", "2024-11-10")
    backtest("--origin", "2024-12-01")
    assert looked() == [["2024-12-01"], ["2024-12-01"]]


def test_training_is_one_look(trained):
    assert len(looks(open_store(trained / ".tenure"), "lapse")) == 1


def test_the_next_days_set_knows_what_was_said_the_day_before(trained: Path) -> None:
    ran = tenure("score", trained, "--as-of", "2024-12-30", "--allow-stale")
    assert ran.code == 0, ran.err
    store = project_store(load_project(trained))
    with reading(store) as connection:
        found = published_set(connection, "lapse")
        assert found is not None
        first = at_risk(connection, found.score_set_id, limit=1)[0]
        past = past_of(connection, "lapse", first.customer_id)
    store.dispose()
    assert [one.as_of for one in past] == ["2024-12-29", "2024-12-30"]
    assert first.facts is not None
    assert first.facts["before"] == ["2024-12-29", past[0].probability, False]
    changed = change_of(first)
    assert changed is not None and first.probability is not None
    assert change_in_words(first.probability, changed).split(" since ")[1] == "2024-12-29"


def test_a_list_is_published_with_a_number(trained: Path) -> None:
    first, second = (tenure("list", trained, "--capacity", 3, "--publish", "--format", "csv") for _ in range(2))
    assert [ran.said.split(" ")[:3] for ran in (first, second)] == [["published", "list", n] for n in ("1", "2")]
    store = project_store(load_project(trained))
    with reading(store) as connection:
        held = frozen_list(connection, 2)
    store.dispose()
    assert held is not None
    head, members = held
    assert (head.capacity, [one.rank for one in members]) == (3, list(range(1, len(members) + 1)))
    contacts = [one.customer_id for one in members if not one.held_out]
    assert len(contacts) == 3 and contacts == [line.split(",")[1] for line in second.out.splitlines()[1:]]


def test_causes_are_counted_and_the_list_holds_whom_a_contact_is_worth_making_with(trained: Path) -> None:
    file = trained / "tenure.toml"
    rules = "[exclusions]\nstaff = \"region = 'r2'\"\n[contact.allowed]\nconsent = \"region = 'r0'\"\n"
    file.write_text(file.read_text() + rules)
    told = json.loads(tenure("score", trained, "--json").out)
    assert told["excluded"] == {"staff": told["counts"]["excluded"]} == {"staff": 173}
    assert told["not_contacted"]["consent"] > 50
    rows = listed(trained)
    assert rows and all(int(row["customer_id"][1:]) % 3 == 0 for row in rows)
    gains = [row["expected_profit"] for row in rows]
    assert gains == sorted(gains, reverse=True) and gains[-1] > 0
    by_risk = json.loads(tenure("list", trained, "--sort", "risk", "--format", "json").out)
    assert {int(row["customer_id"][1:]) % 3 for row in by_risk} == {0, 1}
    table = tenure("list", trained).out
    assert "173 excluded (staff)" in table and "Assumed: a contact keeps 10 of 100 who would leave" in table


def test_an_expression_that_cannot_be_meant_is_refused_before_the_work(trained: Path, refused) -> None:
    file = trained / "tenure.toml"
    file.write_text(file.read_text() + "[exclusions]\nstaff = \"regio = 'r2'\"\n")
    said = refused("score", trained)
    assert "[exclusions] staff" in said and "did you mean 'region'?" in said
