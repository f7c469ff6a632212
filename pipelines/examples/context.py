"""Context tables: what is known of others as of each cut-off, summed over all buckets before features are computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tenure.pipelines.cache.store import Place
from tenure.pipelines.examples.kept import people_digest, remembered_sums
from tenure.pipelines.examples.keys import digest, others_key
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.family import Family, applying, families, gather_tables
from tenure.pipelines.features.sums import GroupSums, Tables, add_tables
from tenure.pipelines.history.history import View


def gatherers(task: Task) -> dict[str, Family]:
    """The families that look at others and have anything to say here."""
    recipe = task.recipe
    every = {name: f for name, f in families(recipe.settings, recipe.root).items() if f.gather is not None}
    return applying(every, recipe.context, recipe.fitted)


def gather_bucket(task: Task, bucket: int, view_of: Callable[[dt.date], View]) -> Mapping[dt.date, Tables]:
    """The part of one bucket in the context tables of every cut-off: everybody seen by then, eligible or not."""
    recipe = task.recipe
    state = people_digest(recipe.folder, bucket) if task.cache else ""
    found: dict[dt.date, dict[str, Mapping[str, GroupSums]]] = {day: {} for day in sorted(task.cutoffs)}
    for day in found:
        for name, family in gatherers(task).items():

            def gather(chosen: Family = family, day: dt.date = day) -> Mapping[str, GroupSums]:
                return gather_tables(view_of(day), recipe.context, recipe.fitted, {chosen.name: chosen})[chosen.name]

            key = digest(others_key(task, f"gather {name}", family.code, day, recipe.fitted), state)
            found[day][name] = remembered_sums(task.cache, Place("tables", key, task.buckets, bucket), gather)
    return found


def with_tables(task: Task, gathered: Sequence[Mapping[dt.date, Tables]]) -> Task:
    """The task with the context tables of all its cut-offs, from the parts of all buckets."""
    return replace(task, tables={day: add_tables(part[day] for part in gathered) for day in task.cutoffs})
