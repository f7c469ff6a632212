"""What one process does: describe the units of one bucket at every cut-off and write them down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.pipelines.examples.frames import (
    Described,
    Part,
    key_columns,
    label_columns,
    label_exists,
    labels_of,
    put_together,
)
from tenure.pipelines.examples.pieces import pieces, refuse_twins
from tenure.pipelines.examples.reading import Reading
from tenure.pipelines.examples.remembered import parts_remembered
from tenure.pipelines.examples.sample import in_sample
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Column
from tenure.pipelines.history.history import History, View
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.outcomes.status import SCORED, UNKNOWN, status_of


def describe_bucket(task: Task, bucket: int) -> Described:
    """Describe one bucket of the lake."""
    return put_together(task, parts_of_bucket(task, bucket))


def parts_of_bucket(task: Task, bucket: int) -> list[Part]:
    """Describe one bucket of the lake, latest cut-off first."""
    if task.cache is not None:
        return parts_remembered(task, task.cache, bucket)
    if task.sample < 1:
        reading = Reading(task, bucket, read_people(task.recipe.folder, bucket))
        return parts_of_history(task, reading.history(reading.sample())[0])
    return parts_of_history(task, task.recipe.read(bucket))


def describe_history(task: Task, history: History) -> Described:
    """Describe the units of a history at every cut-off of the task."""
    return put_together(task, parts_of_history(task, history))


def parts_of_history(task: Task, history: History) -> list[Part]:
    """Describe the units of a history, latest cut-off first."""
    latest_first = sorted(task.cutoffs, reverse=True)
    history = history.expecting(latest_first)
    parts: list[Part] = []
    members = in_sample(history.customer_ids, task.sample)
    for as_of in latest_first:
        status = status_of(history.as_of(as_of), task.outcome)
        view = history.as_of(as_of, np.flatnonzero((status == SCORED) & members))
        columns = _columns(task, view)
        keys = pd.DataFrame(_keys(task, history, as_of, view.units, status))
        if task.everybody:
            others = np.flatnonzero((status != SCORED) & (status != UNKNOWN) & members)
            keys = pd.concat([keys, pd.DataFrame(_keys(task, history, as_of, others, status))], ignore_index=True)
        parts.append(Part(keys, columns))
    return parts


def _columns(task: Task, view: View) -> list[Column]:
    columns: dict[str, Column] = {}
    for piece in pieces(task, view.as_of):
        found = piece.columns(view)
        refuse_twins(columns, found)
        columns |= {column.stored: column for column in found}
    return list(columns.values())


def _keys(task: Task, history: History, as_of: dt.date, units: NDArray, status: NDArray) -> dict[str, Any]:
    keys = key_columns(task, as_of, history.unit_ids[units], history.customer_ids[units], status[units])
    for name, day in label_columns(task).items():
        exists = label_exists(task, as_of, day)
        keys[name] = labels_of(task, history, as_of, units, day) if exists else np.full(len(units), np.nan)
    return keys
