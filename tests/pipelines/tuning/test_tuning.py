"""Tuning: yours is the first tried, a later run goes on, runs lie below one, and luck is called luck."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command import tenure
from mlflow import MlflowClient

from tenure.models.bootstrap import Bootstrap
from tenure.pipelines.registry import tracking_uri
from tenure.pipelines.settings.model import Model
from tenure.pipelines.tuning.search import Brought, lines
from tenure.pipelines.tuning.space import SPACE, drawn_of, model_of

pytestmark = pytest.mark.filterwarnings(
    "ignore:The ``noload`` loader strategy", "ignore::optuna.exceptions.ExperimentalWarning"
)


def tuned(folder, *words):
    ran = tenure("tune", folder, "--json", *words)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_a_search_begins_with_yours_and_goes_on_where_it_was(trained):
    first = tuned(trained, "--trials", "2")
    assert (first["trials"], first["tried_now"]) == (2, 2)
    assert first["folds"]["log_loss_best"] <= first["folds"]["log_loss_before"]
    again = tuned(trained, "--trials", "3")
    assert (again["trials"], again["tried_now"]) == (3, 1)
    assert again["folds"]["log_loss_before"] == first["folds"]["log_loss_before"]
    assert tuned(trained, "--trials", "3")["tried_now"] == 0


def test_trials_are_runs_below_one_in_the_registry(trained):
    tuned(trained, "--trials", "2")
    client = MlflowClient(tracking_uri(trained / ".tenure"))
    runs = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
    (parent,) = [run for run in runs if run.data.tags.get("kind") == "tuning"]
    below = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert sorted(run.info.run_name for run in below) == ["trial 0", "trial 1"]
    assert {float(run.data.params["learning_rate"]) for run in below} > {Model().learning_rate}
    assert all("log_loss" in run.data.metrics for run in below)
    assert parent.data.metrics["trials"] == 2 and parent.info.status == "FINISHED"


def test_a_search_of_no_time_is_refused(trained):
    ran = tenure("tune", trained, "--minutes", "0")
    assert ran.code == 1 and "give it longer" in ran.said


def test_settings_are_values_of_the_space_and_back():
    odd = Model(trees=(50, 100), leaves=9, half_life_days=100.0, column_share=1.0)
    assert model_of(drawn_of(odd)) == odd.model_copy(update={"half_life_days": 91.0})
    assert set(drawn_of(odd)) == set(SPACE)
    assert lines(odd, Model()) == ["trees = [50, 100]", "leaves = 9", "column_share = 1.0", "half_life_days = 100.0"]


@pytest.mark.parametrize(("better", "worth_it"), [(0.002, True), (0.0002, False)])
def test_only_what_is_beyond_noise_is_worth_it(better, worth_it):
    noise = 0.001 * np.linspace(-1, 1, 41)

    class Result:
        def __init__(self, loss):
            self.summary = Bootstrap({"risk": {"log_loss": loss}}, {"risk": {"log_loss": loss + noise * (loss < 0.3)}})

    assert Brought((), Result(0.3), Result(0.3 - better)).worth_it is worth_it  # type: ignore[arg-type]
