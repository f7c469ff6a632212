"""Training: the same data give the same artefact, wherever they lie, and the verdict decides its role."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from shop import LAST

from tenure.models.artefact import load
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.registry import CHALLENGER, NoChampion, Registry
from tenure.pipelines.scoring.golden import FILE
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.training import train, training_date

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def study_of(folder):
    project = load_project(folder)
    return Study.of(project, import_sources(project, now=NOW, store=open_store(project.data)))


def test_the_same_data_and_seed_give_the_same_artefact_elsewhere(trained):
    champion = Registry(trained / ".tenure").with_alias("shop-lapse")
    (trained / "sales.csv").touch()
    again = train(study_of(trained), verdict="use", proof={})
    assert again.digest == champion.tags["digest"] == load(champion.directory).digest
    assert (again.registered.version, again.promoted) == ("2", True)


def test_a_candidate_without_a_good_verdict_removes_no_champion(trained):
    before = Registry(trained / ".tenure").with_alias("shop-lapse")
    made = train(study_of(trained), verdict="no signal", proof={})
    registry = Registry(trained / ".tenure")
    assert not made.promoted
    assert registry.with_alias("shop-lapse") == before
    assert registry.with_alias("shop-lapse", CHALLENGER) == made.registered
    assert load(made.registered.directory).extra["verdict"] == "no signal"


def test_no_label_ends_after_the_training_date(trained):
    project = load_project(trained)
    limited = project.model_copy(
        update={"backtest": project.backtest.model_copy(update={"train_before": dt.date(2024, 10, 1)})}
    )
    study = study_of(trained)
    assert training_date(study) == LAST
    study = Study.of(limited, study.snapshot)
    until = training_date(study)
    assert until == dt.date(2024, 10, 1)
    examples = build_examples(study, set(training_cutoffs(study, until)), knowledge={until}, processes=1)
    assert examples.training(until)["label_end"].max().date() <= until


def test_what_is_needed_for_scoring_travels_in_the_artefact(trained):
    champion = Registry(trained / ".tenure").with_alias("shop-lapse")
    held = load(champion.directory)
    assert held.extra["learned_until"] == "2024-12-29"
    assert held.extra["question"]["outcome"]["horizon_days"] == 28
    assert FILE in held.attachments
    assert not [p for p in champion.directory.rglob("*") if p.suffix in (".pkl", ".joblib", ".pickle")]
    shutil.rmtree(trained / ".tenure" / "registry" / "artifacts")
    with pytest.raises(FileNotFoundError, match="train or register a model"):
        load(champion.directory)
    with pytest.raises(NoChampion):
        Registry(trained / ".tenure").with_alias("shop-slump")
