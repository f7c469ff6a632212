"""What the families learn: observed in every bucket as of a date of knowledge, learnt once for each fold of people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from tenure.pipelines.examples.work import Task
from tenure.pipelines.examples.workers import Progress, Workers
from tenure.pipelines.features.column import Context, Fitted, State
from tenure.pipelines.features.family import Family, applying, families
from tenure.pipelines.features.folds import FOLDS, folds

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
    history = recipe.read(bucket).expecting(sorted(task.learnt))
    chosen = applying(families(recipe.settings, recipe.root), recipe.context, recipe.fitted)
    found: dict[tuple[str, dt.date], pd.DataFrame] = {}
    for day, fitted in sorted(task.learnt.items()):
        view = history.as_of(day)
        dealt = folds(view)
        for name, family in chosen.items():
            if family.observe is not None:
                rows = pd.DataFrame(dict(family.observe(view, recipe.context, fitted)))
                found[name, day] = rows.assign(fold=dealt[rows.pop("unit").to_numpy(dtype="int64")])
    return found


def _learn(family: Family, parts: list[pd.DataFrame], context: Context) -> tuple[State | None, ...]:
    assert family.learn is not None
    rows = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    return tuple(
        family.learn(rows.loc[rows["fold"] != fold].drop(columns="fold").reset_index(drop=True), context)
        for fold in range(FOLDS)
    )
