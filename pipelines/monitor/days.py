"""What came in as series: for each source and figure a table of days by values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tenure.models.odds import Floats

EVERYTHING = ""
"""In the place of a kind: all kinds of a source together."""


@dataclass(frozen=True)
class Table:
    """Rows a day (rows of the matrix) and value (columns); None stands for a value that is missing."""

    values: tuple[str | None, ...]
    counts: Floats

    def of(self, value: str | None) -> Floats:
        """The daily rows of one value."""
        return self.counts[:, self.values.index(value)] if value in self.values else np.zeros(len(self.counts))

    @property
    def total(self) -> Floats:
        """The daily rows of all values together."""
        return self.counts.sum(axis=1)


@dataclass(frozen=True)
class Days:
    """The counts of one source over `length` days from `first` (days since 1970-01-01), by kind and figure."""

    source: str
    first: int
    length: int
    tables: dict[tuple[str, str], Table] = field(default_factory=dict)

    def table(self, kind: str, figure: str) -> Table:
        """A figure's table; empty where nothing was counted."""
        return self.tables.get((kind, figure)) or Table((), np.zeros((self.length, 0)))

    def rows(self, kind: str = EVERYTHING) -> Floats:
        """The rows of each day."""
        return self.table(kind, "rows").total

    def figures(self, beginning: str) -> Iterator[tuple[str, str]]:
        """Kinds and figures whose name begins so."""
        return (key for key in self.tables if key[1].startswith(beginning))

    @property
    def kinds(self) -> list[str]:
        """The kinds there were, by name."""
        return sorted({kind for kind, _ in self.tables if kind != EVERYTHING})

    @property
    def weekday(self) -> np.ndarray:
        """The weekday of each day, Monday 0."""
        return (np.arange(self.length) + self.first + 3) % 7


def days_of(counted: pd.DataFrame, *, first: int, length: int) -> list[Days]:
    """The counts of every source as series, by name; see `count_inputs`. A kind `EVERYTHING` is added, and `kind`."""
    found = []
    for source, rows in counted.groupby("source", sort=True):
        tables: dict[tuple[str, str], Table] = {}
        everything = rows.groupby(["day", "figure", "value"], dropna=False)["n"].sum().reset_index()
        for kind, part in [(EVERYTHING, everything), *rows.groupby("kind", sort=True)]:
            for figure, cells in part.groupby("figure", sort=True):
                tables[str(kind), str(figure)] = _table(cells, "value", first, length)
        kinds = rows[rows["figure"] == "rows"]
        tables[EVERYTHING, "category:kind"] = _table(kinds, "kind", first, length)
        found.append(Days(str(source), first, length, tables))
    return found


def _table(cells: pd.DataFrame, column: str, first: int, length: int) -> Table:
    codes, values = pd.factorize(cells[column].astype(object), sort=False, use_na_sentinel=False)
    counts = np.zeros((length, len(values)))
    np.add.at(counts, (cells["day"].to_numpy() - first, codes), cells["n"].to_numpy(dtype=float))
    return Table(tuple(None if pd.isna(value) else str(value) for value in values), counts)
