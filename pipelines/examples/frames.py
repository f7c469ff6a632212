"""The frame of examples: keys, labels in the knowledge of several dates, and the columns of the families."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Column
from tenure.pipelines.history.history import History
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.outcomes.label import label_end, labels

KEYS = ["unit_id", "customer_id", "as_of", "label_end", "status", "label"]


@dataclass(frozen=True)
class Part:
    """The examples of a bucket as of one date: their keys, and columns for as many of them, counted from the first."""

    keys: pd.DataFrame
    columns: Sequence[Column]


@dataclass(frozen=True)
class Described:
    """The examples of a bucket (latest cut-off first) and the columns they have."""

    frame: pd.DataFrame
    columns: tuple[Column, ...]


def known_label(day: dt.date) -> str:
    """The name of the column with labels as they were known at `day`."""
    return f"label@{day.isoformat()}"


def label_columns(task: Task) -> dict[str, dt.date | None]:
    """The columns of labels and the date in whose knowledge each is, None for all that is known today."""
    return {"label": None} | {known_label(day): day for day in task.knowledge}


def label_exists(task: Task, as_of: dt.date, known_by: dt.date | None) -> bool:
    """Whether the horizon of a cut-off is over in the data, and was by a date of knowledge."""
    end = label_end(task.outcome, as_of)
    return end <= task.mature_by and (known_by is None or end <= known_by)


def labels_of(task: Task, history: History, as_of: dt.date, units: NDArray, known_by: dt.date | None) -> NDArray:
    """The labels of some units in the knowledge of a date, or of today."""
    instant = None if known_by is None else history.calendar.midnight(known_by)
    return labels(Horizon(history, task.outcome, as_of, units, instant))


def put_together(task: Task, parts: Sequence[Part]) -> Described:
    """The cut-offs of a bucket as one frame; columns in the order in which they first appear, missing elsewhere."""
    columns = columns_of(parts)
    place = {name: row for row, name in enumerate(columns)}
    start, values = 0, np.empty((len(columns), sum(len(part.keys) for part in parts)))
    for part in parts:
        end, given = start + len(part.keys), _values(part)
        for name, row in place.items():
            held = given.get(name, ())
            values[row, start : start + len(held)] = held
            values[row, start + len(held) : end] = np.nan
        start = end
    keys = pd.concat([part.keys[_key_names(task)] for part in parts], ignore_index=True)
    found = pd.DataFrame(values.T, columns=list(columns), copy=False)  # a row of `values` a column: nothing is copied
    return Described(pd.concat([keys, found], axis="columns"), tuple(columns.values()))


def as_table(task: Task, parts: Sequence[Part]) -> pa.Table:
    """The same as an Arrow table with a null where nothing is said; the cut-offs stay apart, as chunks."""
    columns, tables = columns_of(parts), []
    for part in parts:
        keys, given = pa.Table.from_pandas(part.keys[_key_names(task)], preserve_index=False), _values(part)
        held = {name: pa.array(values, from_pandas=True) for name, values in given.items()}
        missing = pa.nulls(len(keys) - max(map(len, held.values()), default=0), pa.float64())
        nothing = pa.nulls(len(keys), pa.float64())
        full = [pa.chunked_array([held[name], missing]) if name in held else nothing for name in columns]
        tables.append(pa.table([*keys.columns, *full], names=[*keys.column_names, *columns]))
    return pa.concat_tables(tables, promote_options="permissive")


def columns_of(parts: Sequence[Part]) -> dict[str, Column]:
    """All columns of the cut-offs of a bucket by name, without values."""
    columns: dict[str, Column] = {}
    for part in parts:
        for column in part.columns:
            if column.stored not in columns:
                columns[column.stored] = replace(column, values=np.empty(0))
    return columns


def _values(part: Part) -> dict[str, NDArray[np.float64]]:
    return {column.stored: column.values for column in part.columns}


def _key_names(task: Task) -> list[str]:
    return [*KEYS, *(name for name in label_columns(task) if name != "label")]


def key_columns(
    task: Task, as_of: dt.date, unit_ids: NDArray, customer_ids: NDArray, status: NDArray
) -> dict[str, Any]:
    """The keys of some units but for their labels."""
    return {
        "unit_id": unit_ids,
        "customer_id": customer_ids,
        "as_of": np.full(len(unit_ids), np.datetime64(as_of, "s")),
        "label_end": np.full(len(unit_ids), np.datetime64(label_end(task.outcome, as_of), "s")),
        "status": status,
    }
