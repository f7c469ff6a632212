"""Describing a bucket with what the cache remembers of it: only what is not there is computed, and then kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.pipelines.cache.store import Place, Store
from tenure.pipelines.examples.asked import AskedDate, asked
from tenure.pipelines.examples.desk import Desk, Make, Wanted
from tenure.pipelines.examples.frames import (
    Part,
    key_columns,
    label_columns,
    labels_of,
)
from tenure.pipelines.examples.pieces import Piece, refuse_twins
from tenure.pipelines.examples.reading import Reading
from tenure.pipelines.examples.roster import Prints, Roster
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Column
from tenure.pipelines.history.history import History, View
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.outcomes.status import SCORED, UNKNOWN, status_of

Statuses = NDArray[np.object_]
Places = NDArray[np.int64]


def parts_remembered(task: Task, store: Store, bucket: int) -> list[Part]:
    """Describe one bucket, bit for bit as `parts_of_history` does without a cache."""
    reading = Reading(task, bucket, read_people(task.recipe.folder, bucket))
    desk = Desk(store, reading, *_roster(task, store, reading))
    statuses = _statuses(task, desk)
    wanted = [_wanted(task, desk, date, statuses[date.as_of]) for date in asked(task).dates]
    desk.read_for(one for labels, families in wanted for one in (*labels.values(), *families))
    return [
        _part(task, desk, date, statuses[date.as_of], *found)
        for date, found in zip(asked(task).dates, wanted, strict=True)
    ]


def _roster(task: Task, store: Store, reading: Reading) -> tuple[Roster, Prints]:
    """The units of the sample, and the prints of all units of the bucket that are known."""
    people, place = reading.people, _place(task, reading, "units", asked(task).units)
    known = Roster.read(store.get(place)).keep(people.prints)
    members = reading.sample()
    unknown = np.setdiff1d(members, known.customers)
    if len(unknown):
        _, read = reading.history(unknown)
        known = known.joined(read.keep(np.setdiff1d(read.customers, known.customers)))
        store.put(place, known.block)
    return known.keep(members), known.prints


def _statuses(task: Task, desk: Desk) -> dict[dt.date, Statuses]:
    everyone = np.ones(len(desk.roster), dtype=bool)

    def make(day: dt.date) -> Make:
        return lambda history, units: (status_of(history.as_of(day), task.outcome)[units].reshape(1, -1), [])

    wanted = {
        date.as_of: desk.want(_place(task, desk.reading, "statuses", date.status), everyone, make(date.as_of))
        for date in asked(task).dates
    }
    desk.read_for(wanted.values())
    return {day: desk.answer(one)[0][0] for day, one in wanted.items()}


def _wanted(task: Task, desk: Desk, date: AskedDate, status: Statuses) -> tuple[dict[str, Wanted], list[Wanted]]:
    """The labels and the columns of each family that are wanted as of a date."""
    scored = status == SCORED
    shown = status != UNKNOWN if task.everybody else scored
    days, views = label_columns(task), _Views(date.as_of)

    def label(name: str) -> Make:
        return lambda history, units: (labels_of(task, history, date.as_of, units, days[name]).reshape(1, -1), [])

    def columns(piece: Piece) -> Make:
        return lambda history, units: _as_answer(piece.columns(views.of(history, units)), len(units))

    labels = {
        name: desk.want(_place(task, desk.reading, "labels", key), shown, label(name))
        for name, key in date.labels.items()
    }
    families = [
        desk.want(_place(task, desk.reading, piece.name, key), scored, columns(piece)) for piece, key in date.pieces
    ]
    return labels, families


def _part(
    task: Task,
    desk: Desk,
    date: AskedDate,
    status: Statuses,
    labels: dict[str, Wanted],
    families: list[Wanted],
) -> Part:
    roster = desk.roster
    columns: dict[str, Column] = {}
    for (piece, _), one in zip(date.pieces, families, strict=True):
        found = _as_columns(piece, *desk.answer(one))
        refuse_twins(columns, found)
        columns |= {column.stored: column for column in found}
    known = {}
    for name in label_columns(task):
        known[name] = np.full(len(roster), np.nan)
        if name in labels:
            known[name][labels[name].units] = desk.answer(labels[name])[0][0]

    def keys(units: NDArray[np.bool_]) -> dict[str, Any]:
        found = key_columns(task, date.as_of, roster.unit_ids[units], roster.customer_ids[units], status[units])
        return found | {name: values[units] for name, values in known.items()}

    shown = pd.DataFrame(keys(status == SCORED))
    if task.everybody:
        others = keys((status != SCORED) & (status != UNKNOWN))
        shown = pd.concat([shown, pd.DataFrame(others)], ignore_index=True)
    return Part(shown, list(columns.values()))


class _Views:
    """The views of one date: families asked of the same units share what a view has worked out."""

    def __init__(self, as_of: dt.date) -> None:
        self.as_of = as_of
        self._held: dict[tuple[int, bytes], tuple[History, View]] = {}

    def of(self, history: History, units: Places) -> View:
        """The view of some units; the same object for the same ones."""
        return self._held.setdefault((id(history), units.tobytes()), (history, history.as_of(self.as_of, units)))[1]


def _as_answer(columns: list[Column], units: int) -> tuple[NDArray[Any], list[Any]]:
    about = [[c.name, c.meaning, c.theme, c.sign, c.needs] for c in columns]
    return np.array([c.values for c in columns], dtype=np.float64).reshape(len(columns), units), about


def _as_columns(piece: Piece, values: NDArray[Any], about: list[Any]) -> list[Column]:
    return [
        Column(name, found, meaning, theme, sign, needs, piece.known_at, piece.name)
        for found, (name, meaning, theme, sign, needs) in zip(values, about, strict=True)
    ]


def _place(task: Task, reading: Reading, what: str, key: str) -> Place:
    return Place(what, key, task.buckets, reading.bucket)
