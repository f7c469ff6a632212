"""What is asked of a bucket, with the key of every answer in the cache: worked out once a process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tenure.pipelines.examples.frames import label_columns, label_exists
from tenure.pipelines.examples.keys import label_key, piece_key, status_key, units_key
from tenure.pipelines.examples.pieces import Piece, pieces
from tenure.pipelines.examples.task import Task

_latest: list[tuple[Task, Asked]] = []


@dataclass(frozen=True)
class AskedDate:
    """A cut-off: the key of its statuses, of each column of labels that exists, and of each family's columns."""

    as_of: dt.date
    status: str
    labels: dict[str, str]
    pieces: tuple[tuple[Piece, str], ...]


@dataclass(frozen=True)
class Asked:
    """All keys of a task, latest cut-off first."""

    units: str
    dates: tuple[AskedDate, ...]


def asked(task: Task) -> Asked:
    """The keys of a task; the same object for the same task."""
    if not _latest or _latest[0][0] is not task:
        dates = tuple(_date(task, as_of) for as_of in sorted(task.cutoffs, reverse=True))
        _latest[:] = [(task, Asked(units_key(task), dates))]
    return _latest[0][1]


def _date(task: Task, as_of: dt.date) -> AskedDate:
    existing = {name: day for name, day in label_columns(task).items() if label_exists(task, as_of, day)}
    labels = {name: label_key(task, as_of, day) for name, day in existing.items()}
    found = tuple((piece, piece_key(task, piece)) for piece in pieces(task, as_of))
    return AskedDate(as_of, status_key(task, as_of), labels, found)
