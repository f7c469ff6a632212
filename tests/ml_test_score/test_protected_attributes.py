"""A protected attribute is no feature, unless somebody means it; every report watches it either way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from command import tenure
from shop import LAST, project_text, sales, write_project

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.backtest import backtest
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

PROTECTED = project_text().replace('role = "feature"', 'role = "protected"')


def study_of(folder: Path, text: str) -> Study:
    project = load_project(write_project(folder / "shop", sales(260), text=text))
    now = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    return Study.of(project, import_sources(project, now=now, store=open_store(project.data)))


def of_the_region(study: Study) -> list[str]:
    examples = build_examples(study, {LAST}, knowledge={LAST}, processes=1)
    return [feature.name for feature in examples.features(LAST) if "region" in feature.name]


def test_it_is_a_feature_only_where_it_is_allowed(tmp_path: Path) -> None:
    assert of_the_region(study_of(tmp_path / "kept out", PROTECTED)) == []
    allowed = of_the_region(study_of(tmp_path / "allowed", PROTECTED + '[fairness]\nallow = ["region"]\n'))
    assert allowed == ["profile_region_r0", "profile_region_r1", "profile_region_r2"]


def test_it_divides_the_customers_who_are_tested(tmp_path: Path) -> None:
    study = study_of(tmp_path, PROTECTED)
    found = backtest(study, [LAST - dt.timedelta(days=28)], slices=True, processes=1)
    (origin,) = found.origins
    assert origin.divided is not None and set(origin.divided["region"]) == {"r0", "r1", "r2"}


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")
def test_the_model_card_says_which_are_watched(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "shop", sales(260), text=PROTECTED)
    ran = tenure("train", folder)
    card = (folder / ".tenure" / "reports" / "lapse" / "model-card.md").read_text(encoding="utf-8")
    assert ran.code in (0, 1), ran.err  # half the customers may be too few for a champion
    assert "- **Protected attributes that are no feature**: region" in card
