"""Context tables: what is known of others as of each cut-off, summed over all buckets before features are computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from tenure.pipelines.examples.work import Task
from tenure.pipelines.examples.workers import Progress, Workers
from tenure.pipelines.features.family import applying, families, gather_tables
from tenure.pipelines.features.sums import Tables, add_tables


def with_tables(task: Task, buckets: int, *, workers: Workers, progress: Progress | None = None) -> Task:
    """The task with the context tables of all its cut-offs; itself where no family looks at others."""
    recipe = task.recipe
    chosen = applying(families(recipe.settings, recipe.root), recipe.context, recipe.fitted)
    if not any(family.gather for family in chosen.values()):
        return task
    parts = dict(workers.map(gather_bucket, task, buckets, progress))
    return replace(task, tables={day: add_tables(parts[b][day] for b in sorted(parts)) for day in task.cutoffs})


def gather_bucket(task: Task, bucket: int) -> Mapping[dt.date, Tables]:
    """The part of one bucket in the context tables of every cut-off: everybody seen by then, eligible or not."""
    recipe = task.recipe
    days = sorted(task.cutoffs)
    chosen = applying(families(recipe.settings, recipe.root), recipe.context, recipe.fitted)
    history = recipe.read(bucket).expecting(days)
    return {day: gather_tables(history.as_of(day), recipe.context, recipe.fitted, chosen) for day in days}
