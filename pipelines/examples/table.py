"""The example table of a study: every bucket described, a process per core."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.models.feature import Feature
from tenure.pipelines.examples.beforehand import prepared
from tenure.pipelines.examples.frames import Described, known_label
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import describe_bucket
from tenure.pipelines.examples.workers import Progress, Workers
from tenure.pipelines.features.column import Column, Fitted
from tenure.pipelines.features.fitting import union


@dataclass(frozen=True)
class Examples:
    """Examples of a study at some cut-offs; features are described by `columns`.

    `fitted` says for each date of knowledge which columns the families had by then.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    fitted: dict[dt.date, Fitted]

    def features(self, known_at: dt.date) -> tuple[Feature, ...]:
        """The features that existed in the knowledge of a date."""
        return tuple(column.feature for column in self._existing(known_at))

    def training(self, learn_until: dt.date) -> pd.DataFrame:
        """The examples whose label had come to pass, and was known, by a date."""
        label = self.frame[known_label(learn_until)]
        mature = self.frame["label_end"] <= pd.Timestamp(learn_until)
        chosen = self.frame.loc[mature & label.notna()]
        return self._with(chosen.assign(label=label), learn_until)

    def at(self, as_of: dt.date, known_at: dt.date) -> pd.DataFrame:
        """The examples of one cut-off, with the columns that existed in the knowledge of a date."""
        return self._with(self.frame.loc[self.frame["as_of"] == pd.Timestamp(as_of)], known_at)

    def _existing(self, known_at: dt.date) -> list[Column]:
        keys = self.fitted[known_at].keys
        known = [column for column in self.columns if column.known_at in (None, known_at)]
        return [column for column in known if column.needs is None or column.needs in keys]

    def _with(self, frame: pd.DataFrame, known_at: dt.date) -> pd.DataFrame:
        columns = self._existing(known_at)
        keys = ["unit_id", "customer_id", "as_of", "label", "label_end"]
        chosen = frame[keys + [column.stored for column in columns]].reset_index(drop=True)
        return chosen.set_axis(keys + [column.name for column in columns], axis="columns")


def build_examples(
    study: Study,
    cutoffs: set[dt.date],
    *,
    knowledge: set[dt.date],
    everybody: bool = False,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Examples:
    """Describe every eligible unit at every cut-off, but for those of customers who object to profiling.

    `knowledge` are the dates from which one looks back on labels and on which kinds there are:
    test origins, or the date of training. Each bucket is one piece of work.
    """
    workers = study.workers(processes)
    task, fitted = prepare(study, cutoffs, knowledge=knowledge, everybody=everybody, workers=workers, progress=progress)
    described = describe_buckets(task, study.snapshot.buckets, workers=workers, progress=progress)
    frame = described.frame
    if study.objectors:
        frame = frame.loc[~frame["customer_id"].isin(study.objectors)].reset_index(drop=True)
    return Examples(frame, described.columns, fitted)


def prepare(
    study: Study,
    cutoffs: set[dt.date],
    *,
    knowledge: set[dt.date],
    workers: Workers,
    everybody: bool = False,
    progress: Progress | None = None,
) -> tuple[Task, dict[dt.date, Fitted]]:
    """What to do with every bucket, with all that families learn and gather beforehand, and what was fitted."""
    buckets, kept = study.snapshot.buckets, study.fit(knowledge)
    task = Task(
        recipe=study.recipe(union(kept.values())),
        outcome=study.outcome,
        cutoffs=tuple(sorted(cutoffs)),
        knowledge=tuple(sorted(knowledge)),
        mature_by=study.watermark,
        everybody=everybody,
        sample=study.sample,
        cache=study.cache,
        buckets=buckets,
        learnt=kept,
        objectors=study.objectors,
    )
    task = prepared(task, buckets, learn=True, workers=workers, progress=progress)
    return task, dict(task.learnt)


def describe_buckets(task: Task, buckets: int, *, workers: Workers, progress: Progress | None = None) -> Described:
    """Describe all buckets of a snapshot, each a piece of work; rows in the order of date and unit."""
    parts = dict(workers.map(describe_bucket, task, buckets, progress))
    columns: dict[str, Column] = {}
    for bucket in sorted(parts):
        for column in parts[bucket].columns:
            columns.setdefault(column.stored, column)
    frames = [parts.pop(bucket).frame for bucket in sorted(parts)]
    frame = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    frame = frame.assign(**{name: np.nan for name in columns if name not in frame.columns})
    return Described(frame.sort_values(["as_of", "unit_id"], kind="stable", ignore_index=True), tuple(columns.values()))
