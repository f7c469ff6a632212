"""A feature module on trial: the point-in-time rules, tried on invented histories."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.pipelines.features.census import MARKS
from tenure.pipelines.features.column import ANY, Column, Context, Fitted
from tenure.pipelines.features.family import Family, FamilyError, families, gather_tables
from tenure.pipelines.features.folds import FOLDS
from tenure.pipelines.features.invented import CHANNELS, KINDS, LEVELS, Invention, Row, invent
from tenure.pipelines.features.sums import Tables, tables_to_json
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.text import Text

SCENES = (
    (dt.date(2024, 6, 15), "UTC", "customer", ("purchase",)),
    (dt.date(2024, 4, 1), "Europe/Warsaw", "customer", ()),
    (dt.date(2024, 11, 4), "America/New_York", "contract", ()),
)
"""A date, a zone (two just after the clocks changed), a unit, and the kinds of the outcome."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
FITTED = Fitted(
    frozenset({ANY})
    | {f"{sort}:{kind}" for sort in ("kind", "amount") for kind in KINDS}
    | {f"channel:{channel}" for channel in CHANNELS if channel}
    | {f"level:city={level}" for level in LEVELS}
    | {f"has:{mark}" for mark in MARKS}
)
OTHERS = "other customers change it"
LIMIT = 10
"""Findings given at the most: the rest is usually the same mistake."""

Table = dict[str, NDArray[np.float64]]


def try_feature(path: Path) -> list[str]:
    """Try a feature file and say in sentences what is wrong with it; an empty list means it passed.

    Each sentence names the rule that is broken and a counter-example. The histories are
    invented from fixed seeds, so the answer is the same every time.
    """
    try:
        chosen = families(Features(families=(), modules=(path.name,)), path.parent)
    except FamilyError as refusal:
        return [str(refusal)]
    except Exception as error:  # whatever the file does when it is read is a finding
        return [f"importing {path.name} fails: {type(error).__name__}: {error}"]
    found: dict[str, None] = {}
    for family in chosen.values():
        for seed, (as_of, zone, unit, subject) in enumerate(SCENES):
            trial = _Trial(family, invent(seed, as_of=as_of, zone=zone, unit=unit), subject)
            found |= dict.fromkeys(trial.findings())
            if len(found) >= LIMIT:
                break
    return list(found)[:LIMIT]


class _Trial:
    """One invented history and what a module says of it."""

    def __init__(self, family: Family, invention: Invention, subject: tuple[str, ...]) -> None:
        self.family, self.base = family, invention
        self.context = Context(
            Features(), 28, subject, {"age": "number", "city": "category"}, ("city",), text=Text(least_labels=3)
        )
        self.fitted = FITTED
        self.units: list[str] = []

    def findings(self) -> Iterator[str]:
        """Everything found; the first error of the module ends the trial."""
        try:
            yield from self._others_findings()
            yield from self._findings()
        except Exception as error:  # whatever the module raises is a finding
            yield f"compute fails on an invented history: {type(error).__name__}: {error}"

    def _findings(self) -> Iterator[str]:
        columns = self._columns(self.base)
        described = list(_descriptions(columns)) + list(_values(columns, len(self.base.history())))
        if not columns:
            described = ["compute yields no column; yield at least one Column"]
        yield from described
        if described:
            return
        units, table = self._table(self.base)
        for rule, other in self._variants():
            yield from _differences(rule, (units, table), self._table(other))
        yield from self._some_units(units, table)

    def _others_findings(self) -> Iterator[str]:
        """What the module gathers and learns of others must keep the same rules; all else is tried given that."""
        gathered, observed = self._gathered(self.base), self._observed(self.base)
        for rule, other in self._variants():
            if rule == OTHERS:
                continue  # what is known of others hangs on them
            if tables_to_json(self._gathered(other)) != tables_to_json(gathered):
                yield f"gather: {rule}"
            if _as_rows(self._observed(other)) != _as_rows(observed):
                yield f"observe: {rule}"
        self.context = replace(self.context, tables=gathered)
        if self.family.learn is not None:
            state = self.family.learn(observed.drop(columns="unit"), self.context)
            name = self.family.name
            self.fitted = Fitted(FITTED.keys | {f"learnt:{name}"}, {name: (state,) * FOLDS})

    def _gathered(self, invention: Invention) -> Tables:
        view = invention.history().as_of(invention.as_of)
        return gather_tables(view, self.context, FITTED, {self.family.name: self.family})

    def _observed(self, invention: Invention) -> pd.DataFrame:
        if self.family.observe is None:
            return pd.DataFrame()
        view = invention.history().as_of(invention.as_of)
        observed = pd.DataFrame(dict(self.family.observe(view, self.context, FITTED)))
        return observed.assign(unit=view.history.unit_ids[observed["unit"].to_numpy(dtype=np.int64)].astype(str))

    def _columns(self, invention: Invention, units: NDArray[np.int64] | None = None) -> list[Column]:
        view = invention.history().as_of(invention.as_of, units)
        return list(self.family.compute(view, self.context, self.fitted))

    def _table(self, invention: Invention) -> tuple[list[str], Table]:
        return [str(u) for u in invention.history().unit_ids], _as_table(self._columns(invention))

    def _variants(self) -> Iterator[tuple[str, Invention]]:
        base, midnight = self.base, self.base.midnight

        def invalid(row: Row) -> bool:
            return bool(row["superseded_at"] <= midnight)

        yield "the same history twice gives different values", base
        yield "a row at or after as_of changes it", base.only(lambda row: row["occurred_at"] < midnight)
        yield "a row not known at as_of changes it", base.only(lambda row: row["known_at"] <= midnight)
        yield "a row withdrawn or corrected before as_of changes it", base.only(lambda row: not invalid(row))
        yield "the order of rows changes it", replace(base, rows=base.rows[::-1], facts=base.facts[::-1])
        for customer in sorted({row["customer_id"] for row in base.rows})[:4]:
            yield OTHERS, base.only(partial(_belongs, customer))

    def _some_units(self, units: list[str], table: Table) -> Iterator[str]:
        """Only eligible units are described, and there may be none."""
        for chosen in (np.arange(0, len(units), 2), np.arange(0)):
            part = _as_table(self._columns(self.base, chosen))
            wrong = [name for name, values in part.items() if len(values) != len(chosen)]
            if wrong:
                yield f"{wrong[0]}: must have one value a unit of view.units ({len(chosen)}), not of the whole history"
                return
            rule = "which other units are described changes it"
            yield from _differences(rule, (units, table), ([units[i] for i in chosen], part))


def _as_rows(observed: pd.DataFrame) -> list[str]:
    """The rows in an order that does not depend on that of the history."""
    return sorted(map(repr, observed.itertuples(index=False, name=None)))


def _as_table(columns: Iterable[Column]) -> Table:
    return {column.name: np.asarray(column.values, dtype=np.float64) for column in columns}


def _descriptions(columns: list[Column]) -> Iterator[str]:
    names = [column.name for column in columns]
    for column in columns:
        if not NAME.fullmatch(column.name):
            yield f"{column.name!r}: a name must be lower-case letters, digits and underscores, a letter first"
        if not column.meaning.strip() or not column.theme.strip():
            yield f"{column.name}: must have a meaning and a theme, reasons are worded from them"
        if column.sign not in (-1, 0, 1):
            yield f"{column.name}: its sign must be -1, 0 or 1, found {column.sign!r}"
        if names.count(column.name) > 1:
            yield f"{column.name}: is yielded {names.count(column.name)} times; give each column a name of its own"


def _values(columns: list[Column], units: int) -> Iterator[str]:
    for column in columns:
        values = np.asarray(column.values)
        if values.shape != (units,):
            yield f"{column.name}: must have one value a unit ({units}), found shape {values.shape}"
        elif not np.issubdtype(values.dtype, np.number) and values.dtype != bool:
            yield f"{column.name}: must be numbers, found {values.dtype}"
        elif np.isinf(values.astype(np.float64)).any():
            count = int(np.isinf(values.astype(np.float64)).sum())
            yield f"{column.name}: must be finite or missing, found {count} infinite values; check its division"


def _differences(rule: str, base: tuple[list[str], Table], other: tuple[list[str], Table]) -> Iterator[str]:
    """A sentence for each column that differs for a unit in both, the first such unit as the example."""
    places = {unit: place for place, unit in enumerate(base[0])}
    shared = [unit for unit in other[0] if unit in places]
    here, there = [places[u] for u in shared], [place for place, unit in enumerate(other[0]) if unit in places]
    for name in sorted(base[1].keys() | other[1].keys()):
        left = base[1][name][here] if name in base[1] else np.full(len(shared), np.nan)
        right = other[1][name][there] if name in other[1] else np.full(len(shared), np.nan)
        unequal = np.flatnonzero((left != right) & ~(np.isnan(left) & np.isnan(right)))
        if len(unequal):
            unit = int(unequal[0])
            yield f"{name}: {rule}; {shared[unit]} has {left[unit]!s} with it and {right[unit]!s} without"


def _belongs(customer: str, row: Row) -> bool:
    return bool(row["customer_id"] == customer)
