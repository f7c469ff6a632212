"""What the families learn: observed in every bucket as of a date of knowledge, learnt once for each fold of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from tenure.pipelines.cache.store import Place
from tenure.pipelines.examples.kept import people_digest, remembered_rows
from tenure.pipelines.examples.keys import digest, others_key
from tenure.pipelines.examples.reading import views
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.workers import Progress, Workers
from tenure.pipelines.features.column import Context, Fitted, State
from tenure.pipelines.features.family import Family, applying, families
from tenure.pipelines.features.folds import FOLDS, folds
from tenure.pipelines.history.history import View

Observed = Mapping[tuple[str, dt.date], pd.DataFrame]
"""Rows to learn from, by family and date of knowledge; column `fold` is the fold of the row's person."""


def learn_families(
    task: Task, fitted: Mapping[dt.date, Fitted], buckets: int, *, workers: Workers, progress: Progress | None = None
) -> dict[dt.date, Fitted]:
    """Add to what is fitted at each date what the families learn from the past of that date.

    `task.cutoffs` are not used: one learns at the dates of `fitted`.
    """
    recipe = task.recipe
    every = {name: f for name, f in families(recipe.settings, recipe.root).items() if f.learn is not None}
    chosen = applying(every, recipe.context, recipe.fitted)
    if not chosen:
        return dict(fitted)
    asked = replace(task, learnt=dict(fitted))
    parts = dict(workers.map(observe_bucket, asked, buckets, progress))
    found = dict(fitted)
    for day, known in fitted.items():
        learnt = {
            name: _learn(family, [parts[b][name, day] for b in sorted(parts)], recipe.context)
            for name, family in chosen.items()
        }
        held = {name: states for name, states in learnt.items() if any(state is not None for state in states)}
        found[day] = Fitted(known.keys | {f"learnt:{name}" for name in held}, held)
    return found


def observe_bucket(task: Task, bucket: int) -> Observed:
    """What the families observe in one bucket at every date of knowledge, of everybody seen by then."""
    recipe = task.recipe
    view_of = views(task, bucket, sorted(task.learnt))
    chosen = applying(families(recipe.settings, recipe.root), recipe.context, recipe.fitted)
    found: dict[tuple[str, dt.date], pd.DataFrame] = {}
    state = people_digest(task.recipe.folder, bucket) if task.cache else ""
    for day, fitted in sorted(task.learnt.items()):
        for name, family in chosen.items():
            if family.observe is not None:
                key = digest(others_key(task, f"observe {name}", family.code, day, fitted), state)
                place = Place("observed", key, task.buckets, bucket)
                found[name, day] = remembered_rows(
                    task.cache, place, partial(_observe, family, view_of, day, task.recipe.context, fitted)
                )
    return found


def _observe(
    family: Family, view_of: Callable[[dt.date], View], day: dt.date, context: Context, fitted: Fitted
) -> pd.DataFrame:
    assert family.observe is not None
    view = view_of(day)
    rows = pd.DataFrame(dict(family.observe(view, context, fitted)))
    return rows.assign(fold=folds(view)[rows.pop("unit").to_numpy(dtype="int64")])


def _learn(family: Family, parts: list[pd.DataFrame], context: Context) -> tuple[State | None, ...]:
    assert family.learn is not None
    rows = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return tuple(
        family.learn(rows.loc[rows["fold"] != fold].drop(columns="fold").reset_index(drop=True), context)
        for fold in range(FOLDS)
    )
