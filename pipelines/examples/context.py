"""Context tables: what is known of others as of each cut-off, summed over all buckets before features are computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from tenure.pipelines.cache.store import Place
from tenure.pipelines.examples.kept import people_digest, remembered_sums
from tenure.pipelines.examples.keys import digest, others_key
from tenure.pipelines.examples.reading import views
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.workers import Progress, Workers
from tenure.pipelines.features.family import Family, applying, families, gather_tables
from tenure.pipelines.features.sums import GroupSums, Tables, add_tables


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
    view_of = views(task, bucket, sorted(task.cutoffs))
    state = people_digest(recipe.folder, bucket) if task.cache else ""
    found: dict[dt.date, dict[str, Mapping[str, GroupSums]]] = {day: {} for day in sorted(task.cutoffs)}
    for name, family in applying(families(recipe.settings, recipe.root), recipe.context, recipe.fitted).items():
        for day in found if family.gather is not None else ():

            def gather(chosen: Family = family, day: dt.date = day) -> Mapping[str, GroupSums]:
                return gather_tables(view_of(day), recipe.context, recipe.fitted, {chosen.name: chosen})[chosen.name]

            key = digest(others_key(task, f"gather {name}", family.code, day, recipe.fitted), state)
            found[day][name] = remembered_sums(task.cache, Place("tables", key, task.buckets, bucket), gather)
    return found
