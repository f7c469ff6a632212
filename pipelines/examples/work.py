"""What one process does: describe the units of one bucket at every cut-off and write them down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from tenure.pipelines.features.bucket import Recipe
from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.features.family import compute_columns, families
from tenure.pipelines.features.sums import Tables
from tenure.pipelines.history.history import History, View
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.outcomes.label import label_end, labels
from tenure.pipelines.outcomes.status import SCORED, UNKNOWN, status_of
from tenure.pipelines.settings.outcome import AnyOutcome

KEYS = ["unit_id", "customer_id", "as_of", "label_end", "status", "label"]


@dataclass(frozen=True)
class Task:
    """A bucket to be described at `cutoffs`, with labels in the knowledge of each of `knowledge`.

    `mature_by` is the watermark: later labels do not exist. With `everybody` units that are not
    eligible come too, with their status and without features. `learnt` is what was fitted in the
    knowledge of each date: columns of families that learn are made once for each of them, at the
    cut-offs until then; without it they are made from the recipe's own. `tables` are the context
    tables of the cut-offs.
    """

    recipe: Recipe
    outcome: AnyOutcome
    cutoffs: tuple[dt.date, ...]
    knowledge: tuple[dt.date, ...] = ()
    mature_by: dt.date = dt.date.min
    everybody: bool = False
    learnt: Mapping[dt.date, Fitted] = field(default_factory=dict)
    tables: Mapping[dt.date, Tables] = field(default_factory=dict)

    def context(self, as_of: dt.date) -> Context:
        """What a family may know beside the view of a date."""
        found = self.tables.get(as_of)
        return replace(self.recipe.context, tables=found) if found else self.recipe.context


@dataclass(frozen=True)
class Described:
    """The examples of a bucket (latest cut-off first) and the columns they have."""

    frame: pd.DataFrame
    columns: tuple[Column, ...]


def known_label(day: dt.date) -> str:
    """The name of the column with labels as they were known at `day`."""
    return f"label@{day.isoformat()}"


def describe_bucket(task: Task, bucket: int) -> Described:
    """Describe one bucket of the lake."""
    return describe_history(task, task.recipe.read(bucket))


def describe_history(task: Task, history: History) -> Described:
    """Describe the units of a history at every cut-off of the task."""
    latest_first = sorted(task.cutoffs, reverse=True)
    history = history.expecting(latest_first)
    parts: list[pd.DataFrame] = []
    columns: dict[str, Column] = {}
    for as_of in latest_first:
        part, found = _describe(task, history, as_of)
        parts.append(part)
        for column in found:
            columns.setdefault(column.stored, column)
    names = KEYS + [known_label(day) for day in task.knowledge] + list(columns)
    frame = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    bare = tuple(replace(c, values=np.empty(0)) for c in columns.values())
    return Described(frame.reindex(columns=names), bare)


def _describe(task: Task, history: History, as_of: dt.date) -> tuple[pd.DataFrame, list[Column]]:
    everyone = history.as_of(as_of)
    status = status_of(everyone, task.outcome)
    view = history.as_of(as_of, np.flatnonzero(status == SCORED))
    columns = _columns(task, view)
    keys = _keys(task, history, as_of, view.units, status)
    frame = pd.DataFrame(keys | {column.stored: column.values for column in columns})
    if task.everybody:
        others = np.flatnonzero((status != SCORED) & (status != UNKNOWN))
        frame = pd.concat([frame, pd.DataFrame(_keys(task, history, as_of, others, status))], ignore_index=True)
    return frame, columns


def _columns(task: Task, view: View) -> list[Column]:
    """All columns of a view; those of families that learn once for each date of knowledge from it on."""
    chosen, context = families(task.recipe.settings, task.recipe.root), task.context(view.as_of)
    learning = {name: family for name, family in chosen.items() if family.learn is not None and task.learnt}
    others = {name: family for name, family in chosen.items() if name not in learning}
    columns = compute_columns(view, context, task.recipe.fitted, others)
    for day, fitted in task.learnt.items():
        if learning and view.as_of <= day:
            columns += [replace(c, known_at=day) for c in compute_columns(view, context, fitted, learning)]
    return columns


def _keys(task: Task, history: History, as_of: dt.date, units: np.ndarray, status: np.ndarray) -> dict[str, object]:
    end = label_end(task.outcome, as_of)
    calendar = history.calendar

    def label(known_by: dt.date | None) -> np.ndarray:
        if end > task.mature_by or (known_by is not None and end > known_by):
            return np.full(len(units), np.nan)
        instant = None if known_by is None else calendar.midnight(known_by)
        return labels(Horizon(history, task.outcome, as_of, units, instant))

    keys: dict[str, object] = {
        "unit_id": history.unit_ids[units],
        "customer_id": history.customer_ids[units],
        "as_of": np.full(len(units), np.datetime64(as_of, "s")),
        "label_end": np.full(len(units), np.datetime64(end, "s")),
        "status": status[units],
        "label": label(None),
    }
    return keys | {known_label(day): label(day) for day in task.knowledge}
