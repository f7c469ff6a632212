"""Pieces: what one family is asked as of one date, handed nothing but what is meant for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.features.family import Family, FamilyError, compute_columns, families
from tenure.pipelines.history.history import View

LEARNT = "learnt:"


@dataclass(frozen=True)
class Piece:
    """A family as of a date; `known_at` is set where its columns hang on what it had learnt by then."""

    family: Family
    as_of: dt.date
    context: Context
    fitted: Fitted
    known_at: dt.date | None = None

    @property
    def name(self) -> str:
        """The name of the family."""
        return self.family.name

    def columns(self, view: View) -> list[Column]:
        """The columns of a view; numbers of other types become floats."""
        found = compute_columns(view, self.context, self.fitted, {self.name: self.family})
        return [
            replace(c, values=np.asarray(c.values, dtype=np.float64), known_at=self.known_at, family=self.name)
            for c in found
        ]


def pieces(task: Task, as_of: dt.date) -> list[Piece]:
    """What is asked of every family as of a date: of those that learn once for each date of knowledge from it on."""
    chosen = families(task.recipe.settings, task.recipe.root)
    learning = {name: family for name, family in chosen.items() if family.learn is not None and task.learnt}
    others = {name: family for name, family in chosen.items() if name not in learning}
    found = list(_pieces(task, as_of, others, task.recipe.fitted, None))
    for day, fitted in task.learnt.items():
        if as_of <= day:
            found += _pieces(task, as_of, learning, fitted, day)
    return found


def refuse_twins(columns: Mapping[str, Column], more: list[Column]) -> None:
    """Raise where two families gave a column of one name."""
    for column in more:
        if column.stored in columns:
            raise FamilyError(
                f"family {column.family!r} returns a second column {column.name!r}, which family "
                f"{columns[column.stored].family!r} has too; give it another name"
            )


def _pieces(
    task: Task, as_of: dt.date, chosen: Mapping[str, Family], fitted: Fitted, known_at: dt.date | None
) -> Iterator[Piece]:
    tables = task.tables.get(as_of, {})
    bare = task.recipe.context.settings.model_copy(update={"families": (), "modules": ()})
    for name, family in chosen.items():
        own = {name: tables[name]} if name in tables else {}
        context = replace(task.recipe.context, settings=bare, tables=own)
        yield Piece(family, as_of, context, _own(fitted, name), known_at)


def _own(fitted: Fitted, name: str) -> Fitted:
    """The keys of all, and what this family learnt."""
    keys = frozenset(key for key in fitted.keys if not key.startswith(LEARNT) or key == f"{LEARNT}{name}")
    return Fitted(keys, {name: fitted.learnt[name]} if name in fitted.learnt else {})
