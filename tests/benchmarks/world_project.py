"""A world with known truth as the product sees it: written as a project, or as examples of what records tell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from tenure.models.feature import Feature
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK
from tenure.pipelines.simulation.world import World
from tenure.pipelines.store.engine import open_store

HORIZON = dt.timedelta(days=28)


def lived(parameters: Parameters, *, customers: int, seed: int, days: int) -> World:
    """A world that stands at the end of its days."""
    world = World(parameters, customers=customers, seed=seed, days=days)
    return world.advance(FIRST_DAY + dt.timedelta(days=days // WEEK * WEEK))


def study_of(world: World, folder: Path) -> Study:
    """Write a world as a project into a new folder, import it, and ask its primary question."""
    project = load_project(world.write(folder))
    store = open_store(project.data)
    now = dt.datetime.combine(world.today, dt.time(), dt.UTC) + dt.timedelta(days=1)
    snapshot = import_sources(project, now=now, store=store)
    store.dispose()
    return Study.of(project, snapshot)


def labelled(seen: pd.DataFrame, gone: pd.Series, day: dt.date) -> pd.DataFrame:
    """Examples of a day, from what was seen then (`World.observed`): who left in the four weeks from it."""
    days, as_of = seen["customer_id"].map(gone), pd.Timestamp(day)
    label = ((days >= as_of) & (days < as_of + HORIZON)).astype(float)
    return seen.assign(unit_id=seen["customer_id"], as_of=as_of, label=label, label_end=as_of + HORIZON)


def features_of(seen: pd.DataFrame) -> tuple[Feature, ...]:
    """Everything that was seen of a customer, as features."""
    return tuple(Feature(str(name)) for name in seen.columns if name != "customer_id")
