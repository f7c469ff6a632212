"""Beforehand: one pass over all buckets, for what the families learn and for what they know of others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from tenure.pipelines.examples.context import gather_bucket, gatherers, with_tables
from tenure.pipelines.examples.learning import Observed, learners, observe_bucket, with_learnt
from tenure.pipelines.examples.reading import views
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.workers import Progress, Workers
from tenure.pipelines.features.sums import Tables


def prepared(task: Task, buckets: int, *, learn: bool, workers: Workers, progress: Progress | None = None) -> Task:
    """The task with its context tables and, if the families are to `learn`, with what they learn at its dates.

    Itself where no family learns or looks at others.
    """
    learn = learn and bool(learners(task))
    if not learn and not gatherers(task):
        return task
    found = dict(workers.map(partial(prepare_bucket, learn=learn), task, buckets, progress))
    parts = [found[bucket] for bucket in sorted(found)]
    if learn:
        task = with_learnt(task, [observed for observed, _ in parts])
    return with_tables(task, [gathered for _, gathered in parts]) if gatherers(task) else task


def prepare_bucket(task: Task, bucket: int, learn: bool) -> tuple[Observed, Mapping[dt.date, Tables]]:
    """What is observed and gathered in one bucket; it is read once, and only where the cache does not know."""
    days = {*task.cutoffs, *(task.learnt if learn else ())}
    view_of = views(task, bucket, sorted(days))
    return observe_bucket(task, bucket, view_of) if learn else {}, gather_bucket(task, bucket, view_of)
