"""An example table too large for memory: each bucket's part written to Parquet where it is made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from tenure.pipelines.examples.frames import KEYS, as_table, columns_of
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import prepare
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import parts_of_bucket
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.features.column import Column, Fitted


@dataclass(frozen=True)
class Parts:
    """Examples in `files`, one for each bucket; a part lacks the columns that nobody in its bucket has."""

    files: tuple[Path, ...]
    rows: int
    columns: tuple[Column, ...]
    fitted: dict[dt.date, Fitted]


def write_examples(
    study: Study,
    cutoffs: set[dt.date],
    *,
    knowledge: set[dt.date],
    folder: Path,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Parts:
    """Describe every eligible unit at every cut-off as `build_examples` does, into files of `folder`.

    At no time is more than one bucket a process in memory.
    """
    workers, buckets = study.workers(processes), study.snapshot.buckets
    task, fitted = prepare(study, cutoffs, knowledge=knowledge, workers=workers, progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    done = dict(workers.map(partial(write_part, folder=folder), task, buckets, progress))
    columns: dict[str, Column] = {}
    for bucket in sorted(done):
        for column in done[bucket][1]:
            columns.setdefault(column.stored, column)
    rows = sum(count for count, _ in done.values())
    return Parts(tuple(_file(folder, b) for b in sorted(done)), rows, tuple(columns.values()), fitted)


def write_part(task: Task, bucket: int, folder: Path) -> tuple[int, tuple[Column, ...]]:
    """Describe one bucket into a file; how many examples there are, and their columns."""
    parts = parts_of_bucket(task, bucket)
    table = as_table(task, parts)
    pq.write_table(table, _file(folder, bucket), compression="lz4", use_dictionary=KEYS)
    return len(table), tuple(columns_of(parts).values())


def _file(folder: Path, bucket: int) -> Path:
    return folder / f"part-{bucket:05d}.parquet"
