"""What the families learn: observed in every bucket as of a date of knowledge, learnt once for each fold of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from tenure.pipelines.cache.store import Place
from tenure.pipelines.examples.kept import people_digest, remembered_rows
from tenure.pipelines.examples.keys import digest, others_key
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Context, Fitted, State
from tenure.pipelines.features.family import Family, applying, families
from tenure.pipelines.features.folds import FOLDS, folds
from tenure.pipelines.history.history import View

Observed = Mapping[tuple[str, dt.date], pd.DataFrame]
"""Rows to learn from, by family and date of knowledge; column `fold` is the fold of the row's person."""


def learners(task: Task) -> dict[str, Family]:
    """The families that learn and have anything to say here."""
    recipe = task.recipe
    every = {name: f for name, f in families(recipe.settings, recipe.root).items() if f.learn is not None}
    return applying(every, recipe.context, recipe.fitted)


def observe_bucket(task: Task, bucket: int, view_of: Callable[[dt.date], View]) -> Observed:
    """What the families observe in one bucket at every date of `task.learnt`, of everybody seen by then.

    Of the task's objectors nothing is observed.
    """
    found: dict[tuple[str, dt.date], pd.DataFrame] = {}
    state = people_digest(task.recipe.folder, bucket) if task.cache else ""
    objectors = [sorted(task.objectors)] if task.objectors else []
    for day, fitted in sorted(task.learnt.items()):
        for name, family in learners(task).items():
            key = digest(others_key(task, f"observe {name}", family.code, day, fitted), state, *objectors)
            place = Place("observed", key, task.buckets, bucket)
            found[name, day] = remembered_rows(task.cache, place, partial(_observe, family, view_of, day, task, fitted))
    return found


def with_learnt(task: Task, observed: Sequence[Observed]) -> Task:
    """The task with, beside what is fitted at each of its dates, what the families learn from all that was observed."""
    found: dict[dt.date, Fitted] = {}
    for day, known in task.learnt.items():
        learnt = {
            name: _learn(family, [part[name, day] for part in observed], task.recipe.context)
            for name, family in learners(task).items()
        }
        held = {name: states for name, states in learnt.items() if any(state is not None for state in states)}
        found[day] = Fitted(known.keys | {f"learnt:{name}" for name in held}, held)
    return replace(task, learnt=found)


def _observe(
    family: Family, view_of: Callable[[dt.date], View], day: dt.date, task: Task, fitted: Fitted
) -> pd.DataFrame:
    assert family.observe is not None
    view = view_of(day)
    rows = pd.DataFrame(dict(family.observe(view, task.recipe.context, fitted)))
    if task.objectors:
        names = view.history.customer_ids[view.units][rows["unit"].to_numpy(dtype="int64")]
        rows = rows.loc[~pd.Series(names, index=rows.index).isin(task.objectors)].reset_index(drop=True)
    return rows.assign(fold=folds(view)[rows.pop("unit").to_numpy(dtype="int64")])


def _learn(family: Family, parts: list[pd.DataFrame], context: Context) -> tuple[State | None, ...]:
    assert family.learn is not None
    rows = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return tuple(
        family.learn(rows.loc[rows["fold"] != fold].drop(columns="fold").reset_index(drop=True), context)
        for fold in range(FOLDS)
    )
