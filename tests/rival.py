"""A second model of a trained shop: fitted on fewer cut-offs, so that it says something else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.registry import Registered
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.training import train

NOW = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def add_challenger(folder: Path, *, verdict: str = "use", now: dt.datetime = NOW, **backtest: Any) -> Registered:
    """Register another model, without a back-test, and make it the challenger; the champion stays what it is.

    `backtest` are keys of that section for this model alone; left out, it learns from two cut-offs.
    """
    project = load_project(folder)
    fewer = project.backtest.model_copy(update=backtest or {"train_cutoffs": 2})
    project = project.model_copy(update={"backtest": fewer})
    store = project_store(project)
    study = Study.of(project, import_sources(project, now=now, store=store))
    made = train(study, verdict=verdict, proof={}, as_challenger=True)
    store.dispose()
    return made.registered
