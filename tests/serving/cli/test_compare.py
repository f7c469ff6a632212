"""`tenure compare`, the challenger in shadow, and `tenure push` to another project."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import tenure
from rival import add_challenger
from sqlalchemy import Engine, select

from tenure.pipelines.promotion.changing import served_now
from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.comparisons import comparisons_of
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.score_sets import set_of
from tenure.pipelines.store.tables import scores

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

UNTIL = dt.date(2024, 9, 8)


@pytest.fixture(scope="module")
def shop_once(trained_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with two models that have learned from labels until September, one served and one waiting."""
    folder = Path(shutil.copytree(trained_once, tmp_path_factory.mktemp("compare") / "shop"))
    old = add_challenger(folder, train_before=UNTIL)
    Registry(folder / ".tenure").promote(old.name, old.version)
    add_challenger(folder, train_before=UNTIL, train_cutoffs=2)
    assert tenure("score", folder).code == 0
    return folder


@pytest.fixture
def shop(shop_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shop_once, tmp_path / "shop"))


@pytest.fixture
def store(shop: Path) -> Any:
    engine = project_store(load_project(shop))
    yield engine
    engine.dispose()


def told(*words: object) -> Any:
    ran = tenure(*words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_both_are_compared_on_the_same_later_rows(shop: Path) -> None:
    found = told("compare", "challenger", "champion", shop)
    assert (found["one"]["model"], found["other"]["model"]) == ("shop-lapse/3", "shop-lapse/2")
    assert found["dates"] == ["2024-09-08", "2024-10-06", "2024-11-03", "2024-12-01"]
    assert found["positives"] > 100
    for name, one in found["differences"].items():
        assert one["difference"] == pytest.approx(one["one"] - one["other"], abs=2e-6), name
        assert one["low"] <= one["difference"] <= one["high"]
    assert 0 < found["overlap_at_capacity"] <= 1
    mirrored = told("compare", "2", "3", shop)
    for name, one in mirrored["differences"].items():
        assert one["difference"] == pytest.approx(-found["differences"][name]["difference"], abs=2e-6)
    same = told("compare", "2", "champion", shop)
    assert {one["difference"] for one in same["differences"].values()} == {0.0}
    assert same["overlap_at_capacity"] == 1.0
    ran = tenure("compare", "3", "2", shop)
    assert "ROC AUC" in ran.out
    assert "are on both lists" in " ".join(ran.out.split())


def test_without_later_labels_it_says_when_there_will_be_some(shop: Path) -> None:
    found = told("compare", "1", "champion", shop)
    assert "the first label of a later date is known when the data are complete until 2025-01-26" in found["fresh"]
    assert found["dates"] == []


def test_the_challenger_is_scored_in_shadow_and_compared_with_what_is_served(shop: Path, store: Engine) -> None:
    served = served_now(store, "lapse")
    assert served is not None
    assert served.model_version == "shop-lapse/2"
    with reading(store) as connection:
        shadow = set_of(connection, "lapse", "shop-lapse/3", as_of=served.as_of, snapshot_id=served.snapshot_id)
        assert shadow is not None
        columns = (scores.c.customer_id, scores.c.probability, scores.c.band)
        both = [
            {
                row.customer_id: row
                for row in connection.execute(select(*columns).where(scores.c.score_set_id == number))
            }
            for number in (served.score_set_id, shadow.score_set_id)
        ]
        (kept,) = comparisons_of(connection, "lapse", "shop-lapse/2", "shop-lapse/3")
    scored = [name for name, row in both[0].items() if row.probability is not None]
    other = np.mean([both[0][name].band != both[1][name].band for name in scored])
    assert kept.figures["units"] == len(scored)
    assert kept.figures["band_changed"] == pytest.approx(other, abs=1e-6)
    assert kept.as_of == str(served.as_of)
    assert told("compare", "challenger", "champion", shop)["scores"]["band_changed"] == kept.figures["band_changed"]


def test_a_shadow_is_there_when_it_is_promoted_and_the_next_night_replaces_it(shop: Path, store: Engine) -> None:
    assert told("promote", "challenger", shop)["scored"] is False
    back = told("rollback", shop)
    assert back["scored"] is False
    assert tenure("score", shop).code == 0
    served = served_now(store, "lapse")
    assert served is not None
    with reading(store) as connection:
        assert set_of(connection, "lapse", "shop-lapse/3", as_of=served.as_of) is not None


def test_a_challenger_that_is_broken_keeps_nobody_waiting(shop: Path) -> None:
    (Registry(shop / ".tenure").with_alias("shop-lapse", "challenger").directory / "model.json").write_text("{}")
    (shop / "sales.csv").write_text((shop / "sales.csv").read_text() + "c001,2024-12-28T10:00:00Z,5.0,web\n")
    ran = tenure("score", shop)
    assert ran.code == 0, ran.err
    assert tenure("score", shop, "--json").code == 0
    assert "shop-lapse/3 is not scored in shadow" in ran.said


def test_two_definitions_are_compared_on_both_labels(shop: Path) -> None:
    text = (shop / "tenure.toml").read_text()
    (shop / "tenure.toml").write_text(text.replace("horizon_days = 28", "horizon_days = 14", 1))
    add_challenger(shop, train_before=UNTIL)
    found = told("compare", "challenger", "champion", shop)
    assert found["same_definition"] is False
    assert "in the 14 days" in found["one"]["definition"]
    assert "in the 28 days" in found["other"]["definition"]
    assert found["positives"]["one"] > found["positives"]["other"] == found["both_positive"]  # 28 days hold 14
    for model in ("one", "other"):
        assert found["on_labels"][model]["one"]["hits"] >= found["on_labels"][model]["other"]["hits"]
        assert 0.5 < found["on_labels"][model]["other"]["roc_auc"] < 1
    assert 0 < found["overlap_at_capacity"] <= 1
    ran = tenure("compare", "challenger", "champion", shop)
    assert "money at the cut, label of shop-lapse/2" in ran.out


def test_a_pushed_model_passes_the_gate_of_the_other_project_on_its_data(shop: Path, tmp_path: Path) -> None:
    prod = Path(shutil.copytree(shop, tmp_path / "prod"))
    with (shop / "tenure.toml").open("a") as file:
        file.write('[target.prod]\nproject = "../prod"\n')
    assert tenure("push", "3", shop, "--target", "live").code == 2
    wide = "[gate]\nauc_margin = 0.3\nprofit_margin = 0.9\nslice_margin = 0.45\nrate_margin = 0.9\n"
    with (prod / "tenure.toml").open("a") as file:
        file.write(wide)
    found = told("push", "3", shop, "--target", "prod")
    assert (found["became"], found["decision"], found["served"]) == ("shop-lapse/4", "promote", True)
    assert next(one for one in found["checks"] if one["check"] == "groups")["figures"]["groups"]
    here, there = (Registry(folder / ".tenure") for folder in (shop, prod))
    assert there.with_alias("shop-lapse").tags["digest"] == here.version("shop-lapse", "3").tags["digest"]
    assert there.with_alias("shop-lapse").tags["pushed_from"] == "shop-lapse/3"
    store = project_store(load_project(prod))
    served = served_now(store, "lapse")
    store.dispose()
    assert served is not None
    assert served.model_version == "shop-lapse/4"
    late = tenure("push", "1", shop, "--target", "prod", "--json")  # it has learned from all that is known there
    assert late.code == 1
    assert json.loads(late.out)["decision"] == "cannot tell"
