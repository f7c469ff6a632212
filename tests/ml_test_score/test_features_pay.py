"""Every family of features earns its place: none makes predictions worse beyond noise, and none costs too much."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from world_project import lived, study_of

from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import describe_bucket
from tenure.pipelines.proof.backtest import backtest, example_dates
from tenure.pipelines.simulation.parameters import load_world

MOST_OF_THE_COST = 0.5
"""The share of the time of all families that one may take."""

SEEDS = (1, 2, 3, 4)
CHANCE = 0.05
"""The chance that any family is called harmful where all are useless (Bonferroni)."""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """An invented subscription in which service, price and waning use make people leave."""
    world = lived(load_world("plain"), customers=1_500, seed=5, days=560)
    found = study_of(world, tmp_path_factory.mktemp("world") / "project")
    quick = found.project.backtest.model_copy(update={"train_cutoffs": 5, "bootstraps": 100})
    return replace(found, project=found.project.model_copy(update={"backtest": quick}))


@pytest.mark.timeout(280)
def test_no_family_makes_predictions_worse(study: Study) -> None:
    origins = report_origins(study)[-1:]
    cutoffs, knowledge = example_dates(study, origins)
    examples = build_examples(study, cutoffs, knowledge=knowledge, processes=1)
    families = sorted({column.family for column in examples.columns})
    losses = {}
    for family in (None, *families):
        kept = replace(examples, columns=tuple(c for c in examples.columns if c.family != family))
        found = backtest(study, origins, examples=kept, processes=1).summary
        losses[family] = found.draws["risk"]["log_loss"]
    alike = [_loss(_with_seed(study, seed), origins, examples) for seed in SEEDS]
    luck = max(alike) - min(alike)  # what the draws of columns and rows alone change
    worse = {f: np.quantile(losses[None] - losses[f], CHANCE / (2 * len(families))) for f in families}
    assert len(families) >= 8
    assert {family: low for family, low in worse.items() if low > luck} == {}


def _with_seed(study: Study, seed: int) -> Study:
    backtest = study.project.backtest.model_copy(update={"seed": seed})
    return replace(study, project=study.project.model_copy(update={"backtest": backtest}))


def _loss(study: Study, origins: Sequence[dt.date], examples: Examples) -> float:
    return backtest(study, origins, examples=examples, processes=1).summary.values["risk"]["log_loss"]


def test_no_family_takes_most_of_the_time(study: Study) -> None:
    day = report_origins(study)[-1]
    fitted = study.fit({day})
    costs: dict[str, float] = {}
    for family in study.project.features.families:
        settings = study.project.features.model_copy(update={"families": (family,)})
        alone = replace(study, project=study.project.model_copy(update={"features": settings}))
        task = Task(alone.recipe(fitted[day]), alone.outcome, (day,), knowledge=(day,), mature_by=study.watermark)
        costs[family] = min(_seconds(task) for _ in range(2))
    nothing = min(costs.values())  # reading and sorting, which every family needs alike
    own = {family: seconds - nothing for family, seconds in costs.items()}
    assert max(own.values()) <= MOST_OF_THE_COST * sum(own.values()), own


def _seconds(task: Task) -> float:
    started = time.process_time()
    describe_bucket(task, 0)
    return time.process_time() - started
