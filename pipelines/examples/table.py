"""The example table of a study: every bucket described, a process per core."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd

from tenure.models.feature import Feature
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.work import Described, Task, describe_bucket, known_label
from tenure.pipelines.features.column import Column, Fitted
from tenure.pipelines.features.fitting import union

Progress = Callable[[str, float], None]
"""Told what is going on and which share of it is done."""


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
        keys = self.fitted[known_at].keys
        return tuple(c.feature for c in self.columns if c.needs is None or c.needs in keys)

    def training(self, learn_until: dt.date) -> pd.DataFrame:
        """The examples whose label had come to pass, and was known, by a date."""
        label = self.frame[known_label(learn_until)]
        mature = self.frame["label_end"] <= pd.Timestamp(learn_until)
        chosen = self.frame.loc[mature & label.notna()]
        return self._with(chosen.assign(label=label), learn_until)

    def at(self, as_of: dt.date, known_at: dt.date) -> pd.DataFrame:
        """The examples of one cut-off, with the columns that existed in the knowledge of a date."""
        return self._with(self.frame.loc[self.frame["as_of"] == pd.Timestamp(as_of)], known_at)

    def _with(self, frame: pd.DataFrame, known_at: dt.date) -> pd.DataFrame:
        names = [f.name for f in self.features(known_at)]
        keys = ["unit_id", "customer_id", "as_of", "label", "label_end"]
        return frame[keys + names].reset_index(drop=True)


def build_examples(
    study: Study,
    cutoffs: set[dt.date],
    *,
    knowledge: set[dt.date],
    everybody: bool = False,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Examples:
    """Describe every eligible unit at every cut-off.

    `knowledge` are the dates from which one looks back on labels and on which kinds there are:
    test origins, or the date of training. Each bucket is one piece of work.
    """
    fitted = study.fit(knowledge)
    task = Task(
        recipe=study.recipe(union(fitted.values())),
        outcome=study.outcome,
        cutoffs=tuple(sorted(cutoffs)),
        knowledge=tuple(sorted(knowledge)),
        mature_by=study.watermark,
        everybody=everybody,
    )
    described = describe_buckets(task, study.snapshot.buckets, processes=processes, progress=progress)
    return Examples(described.frame, described.columns, fitted)


def describe_buckets(
    task: Task, buckets: int, *, processes: int | None = None, progress: Progress | None = None
) -> Described:
    """Describe all buckets of a snapshot, each a piece of work; rows in the order of date and unit."""
    parts = dict(_describe_all(task, buckets, processes or cores(), progress))
    columns: dict[str, Column] = {}
    for bucket in sorted(parts):
        for column in parts[bucket].columns:
            columns.setdefault(column.name, column)
    frames = [parts.pop(bucket).frame for bucket in sorted(parts)]
    frame = pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)
    frame = frame.assign(**{name: np.nan for name in columns if name not in frame.columns})
    return Described(frame.sort_values(["as_of", "unit_id"], kind="stable", ignore_index=True), tuple(columns.values()))


def cores() -> int:
    """How many processes may run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _describe_all(
    task: Task, buckets: int, processes: int, progress: Progress | None
) -> Iterator[tuple[int, Described]]:
    tell = progress or (lambda _what, _share: None)
    if buckets == 1 or processes == 1:
        for bucket in range(buckets):
            yield bucket, describe_bucket(task, bucket)
            tell("features", (bucket + 1) / buckets)
        return
    with ProcessPoolExecutor(min(processes, buckets), mp_context=get_context("spawn")) as pool:
        work = {pool.submit(describe_bucket, task, bucket): bucket for bucket in range(buckets)}
        for done, future in enumerate(as_completed(work), start=1):
            yield work[future], future.result()
            tell("features", done / buckets)
