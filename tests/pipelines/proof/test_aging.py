"""What age costs: paired on the same rows, nothing younger than its age, and a rule that asks for a retraining."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from command import tenure
from shop import LAST

from tenure.models.bootstrap import PROFIT, Bootstrap
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.aging import Aging, aging
from tenure.pipelines.proof.backtest import NothingToTest, backtest
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")

ORIGIN = LAST - dt.timedelta(days=28)


@pytest.fixture
def study(trained):
    project = load_project(trained)
    now = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    return Study.of(project, import_sources(project, now=now, store=open_store(project.data)))


def test_the_fresh_model_is_that_of_the_back_test_and_the_aged_that_of_an_earlier_one(study):
    found = aging(study, [ORIGIN], weeks=[4], processes=1)
    proof = backtest(study, [ORIGIN], processes=1)
    assert found.drawn.values["0"]["roc_auc"] == proof.summary.values["risk"]["roc_auc"]
    earlier = study.project.backtest.model_copy(update={"train_before": ORIGIN - dt.timedelta(weeks=4)})
    then = replace(study, project=study.project.model_copy(update={"backtest": earlier}))
    old = backtest(then, [ORIGIN], processes=1)
    assert found.drawn.values["4"]["roc_auc"] == old.summary.values["risk"]["roc_auc"]
    cost = found.cost(4, "roc_auc")
    assert cost.low <= cost.value <= cost.high
    assert cost.value == found.drawn.values["4"]["roc_auc"] - found.drawn.values["0"]["roc_auc"]


def test_ages_older_than_the_data_are_refused(study):
    with pytest.raises(NothingToTest, match="before no origin are there labels that are 300 weeks old"):
        aging(study, [ORIGIN], weeks=[300], processes=1)


def made(study, **costs: tuple[float, float]) -> Aging:
    """Ages of given costs in ROC AUC and noise; profit stays as it is."""
    noise = np.linspace(-1.0, 1.0, 41)
    values = {"0": {"roc_auc": 0.8, PROFIT: 100.0}}
    draws = {"0": {"roc_auc": np.full(41, 0.8), PROFIT: np.full(41, 100.0)}}
    for name, (cost, reach) in costs.items():
        age = name.removeprefix("w")
        values[age] = {"roc_auc": 0.8 - cost, PROFIT: 100.0}
        draws[age] = {"roc_auc": 0.8 - cost + reach * noise, PROFIT: np.full(41, 100.0)}
    weeks = tuple(int(name.removeprefix("w")) for name in costs)
    return Aging(study, (ORIGIN,), (), weeks, Bootstrap(values, draws))


def test_one_retrains_before_the_first_age_that_costs_too_much_beyond_noise(study):
    assert made(study, w1=(0.001, 0.0005), w4=(0.02, 0.01), w8=(0.03, 0.01)).retrain_after == 1
    assert made(study, w1=(0.001, 0.0005), w4=(0.004, 0.001)).retrain_after is None  # certain, but within the margin
    assert made(study, w1=(0.02, 0.05)).retrain_after is None  # much, but noise
    assert made(study, w1=(0.02, 0.01)).retrain_after == 0


def test_the_command_prints_every_age_and_an_advice(trained):
    ran = tenure("aging", trained, "--weeks", "1,4", "--origin", ORIGIN, "--out", trained / "aged")
    assert ran.code == 0, ran.err
    assert all(said in ran.out for said in ("weeks old", "against a fresh one", "recency", "etrain"))
    content = json.loads((trained / "aged" / "aging.json").read_text())
    assert [age["weeks"] for age in content["ages"]] == [1, 4]
    assert content["said"].split()[0] in ran.out
    assert (trained / "aged" / "aging.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("weeks", ["", "0", "two"])
def test_ages_are_whole_weeks(trained, weeks):
    ran = tenure("aging", trained, "--weeks", weeks)
    assert ran.code == 2 and "expected whole weeks" in ran.said
