"""`tenure monitor` and `tenure event` on a trained shop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Ran, tenure
from shop import LAST, TRAINED, project_text, sales, write_project

from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.kept_scores import kept_scores_of, kept_sets_of
from tenure.pipelines.store.monitor_runs import newest_runs


def told(ran: Ran) -> dict[str, dict[str, str]]:
    """The findings by check."""
    return {one["check"]: one for one in json.loads(ran.out)["findings"]}


def test_a_shop_as_it_should_be_is_looked_at_from_inputs_to_scores(trained: Path, tmp_path: Path) -> None:
    ran = tenure("monitor", trained, "--out", tmp_path / "report", "--json")
    assert ran.code == 0, ran.out + ran.err
    found = told(ran)
    assert {"silence", "volume", "levels", "hours", "repeats", "features", "scores"} <= set(found)
    assert found["silence"]["subject"] == "sales" and found["scores"]["subject"] == "lapse"
    page = (tmp_path / "report" / "monitor.html").read_text()
    assert "What came in: sales" in page and "What was said: lapse" in page
    assert json.loads((tmp_path / "report" / "monitor.json").read_text()) == json.loads(ran.out)


def test_a_run_is_kept_and_logged(trained: Path) -> None:
    assert tenure("monitor", trained).code == 0
    project = load_project(trained)
    with reading(project_store(project)) as connection:
        (run,) = newest_runs(connection, limit=5)
    assert (run.level in ("ok", "watch"), run.as_of) == (True, str(LAST))
    client = Registry(project.data)._client
    runs = client.search_runs([one.experiment_id for one in client.search_experiments()])
    (logged,) = [one for one in runs if one.info.run_name == "shop monitor"]
    assert logged.data.tags["level"] == run.level and logged.data.metrics["findings.alarm"] == 0


def test_what_the_scoring_kept_is_what_was_served(trained: Path) -> None:
    with reading(project_store(load_project(trained))) as connection:
        (kept,) = kept_sets_of(connection, "lapse", until=LAST)
        rows = kept_scores_of(connection, kept)
    assert (kept.model_version, kept.share) == (TRAINED, 1.0)
    assert len(rows) == kept.figures["scored"] == sum(kept.figures["histogram"])
    assert sum(kept.figures["features"]["purchase_days_since_last"]) == len(rows)
    assert rows[["probability", "silence"]].stack().between(0, 1).all()


def test_a_feed_that_stopped_is_an_alarm_and_ends_with_1(trained: Path) -> None:
    file = trained / "tenure.toml"
    file.write_text(file.read_text().replace("complete_until = 2024-12-29", "complete_until = 2025-01-05"))
    ran = tenure("monitor", trained)
    assert ran.code == 1
    assert "no rows for" in ran.out and "has the feed stopped?" in ran.out


def test_an_event_is_drawn_and_named(trained: Path, tmp_path: Path) -> None:
    assert tenure("event", "add", "price list changed", trained, "--on", "2024-12-27").code == 0
    assert tenure("event", "add", "strike", trained, "--on", "2024-11-01", "--until", "2024-11-03").code == 0
    listed = json.loads(tenure("event", "list", trained, "--json").out)
    assert [(one["name"], one["until"]) for one in listed] == [
        ("strike", "2024-11-03"),
        ("price list changed", "2024-12-27"),
    ]
    assert "price list changed" in tenure("event", "list", trained).out
    file = trained / "tenure.toml"
    file.write_text(file.read_text().replace("complete_until = 2024-12-29", "complete_until = 2025-01-02"))
    ran = tenure("monitor", trained, "--out", tmp_path / "report", "--json")
    assert told(ran)["silence"]["cause"].startswith("noted: price list changed (2024-12-27)")
    assert "price list changed" in (tmp_path / "report" / "plots" / "rows-sales.svg").read_text()


@pytest.mark.parametrize("words", [("--on", "soon"), ()])
def test_an_event_without_a_day_is_wrong_use(trained: Path, words: tuple[str, ...]) -> None:
    assert tenure("event", "add", "sale", trained, *words).code == 2


def test_the_night_looks_too(trained: Path) -> None:
    ran = tenure("run", trained, "--json")
    assert json.loads(ran.out)["monitor"]["level"] in ("ok", "watch")


def test_scores_are_judged_when_their_horizon_has_passed(tmp_path: Path) -> None:
    text = project_text().replace("train_every_days", "train_before = 2024-11-03\ntrain_every_days")
    text = text.replace(
        "origins = [2024-08-25, 2024-09-22, 2024-10-27, 2024-12-01]", "origins = [2024-08-25, 2024-09-22]"
    )
    folder = write_project(tmp_path / "early", sales(), text=text)
    tenure("train", folder, "--outcome", "lapse")  # two origins are not enough for a champion
    Registry(folder / ".tenure").promote("shop-lapse", "1")
    for day in ("2024-11-10", "2024-11-17", "2024-12-22"):
        ran = tenure("score", folder, "--outcome", "lapse", "--as-of", day)
        assert ran.code == 0, ran.err
    found = told(tenure("monitor", folder, "--json"))
    assert "ROC AUC" in found["ranking"]["sentence"] and "as of 2024-11-17" in found["ranking"]["sentence"]
    assert len(found["ranking"]["trend"]) == 2
    with reading(project_store(load_project(folder))) as connection:
        kept = kept_sets_of(connection, "lapse", until=LAST)
        left = [len(kept_scores_of(connection, one)) for one in kept]
    assert [one.quality is not None for one in kept] == [True, True, False]
    assert left[:2] == [0, 0] and left[2] > 100
