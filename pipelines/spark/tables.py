"""The tables of a source as pieces: text files made into Parquet first, then ranges of rows of about one size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tenure.pipelines.sources.files import FileSet
from tenure.pipelines.sources.quoting import identifier, literal, literals

PIECE_ROWS = 500_000
"""Rows that an executor takes at a time."""


@dataclass(frozen=True)
class Part:
    """Some rows of a table: those of `files`, or of one file those from `first` to before `last`."""

    files: tuple[Path, ...]
    first: int = 0
    last: int | None = None


@dataclass(frozen=True)
class Table:
    """A table of Parquet files that means the same on every machine.

    `columns` are the DuckDB types by name; with `tried` a value that does not fit its type is missing,
    as it is in a text file. `hive` says that folders name columns.
    """

    name: str
    parts: tuple[Part, ...]
    columns: Mapping[str, str]
    rows: int
    tried: bool = False
    hive: bool = False

    @property
    def whole(self) -> Part:
        """All rows."""
        return Part(tuple(dict.fromkeys(file for part in self.parts for file in part.files)))

    @property
    def folders(self) -> set[Path]:
        """The folders in which the files lie."""
        return {file.parent for file in self.whole.files}

    def show(
        self, engine: duckdb.DuckDBPyConnection, part: Part, *, column: str | None = None, share: tuple[int, int] = (0, 1)
    ) -> None:
        """Make a part of the table selectable under its name.

        With `column` only the rows whose value there falls into a share of all values: `share` says
        which one, of how many.
        """
        read = (
            f"read_parquet({literals(part.files)}, union_by_name = true, hive_partitioning = {str(self.hive).lower()}, "
            "hive_types_autocast = false, file_row_number = true)"
        )
        held = {row[0].lower() for row in engine.execute(f"describe select * from {read}").fetchall()}
        cast = "try_cast" if self.tried else "cast"
        shown = ", ".join(
            f"{cast}({identifier(name)} as {kind}) as {identifier(name)}"
            if name.lower() in held
            else f"null::{kind} as {identifier(name)}"
            for name, kind in self.columns.items()
        )
        where = [] if part.last is None else [f"file_row_number between {part.first} and {part.last - 1}"]
        rows = f"select {shown} from {read}{' where ' + where[0] if where else ''}"
        if column is not None:
            rows = f"select * from ({rows}) where hash({identifier(column)}) % {share[1]} = {share[0]}"
        engine.execute(f"create or replace temp view {identifier(self.name)} as {rows}")


def parts_of(engine: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> tuple[tuple[Part, ...], int]:
    """Parquet files cut and put together to parts of at most `PIECE_ROWS`, and the rows of all of them."""
    found = engine.execute(f"select num_rows from parquet_file_metadata({literals(files)})").fetchall()
    parts: list[Part] = []
    small: list[Path] = []
    held = 0
    for file, (rows,) in zip(files, found, strict=True):
        if rows > PIECE_ROWS:
            count = -(-rows // PIECE_ROWS)
            edges = [rows * n // count for n in range(count + 1)]
            parts += [Part((file,), a, b) for a, b in zip(edges, edges[1:], strict=False)]
            continue
        if small and held + rows > PIECE_ROWS:
            parts.append(Part(tuple(small)))
            small, held = [], 0
        small.append(file)
        held += rows
    return (*parts, *([Part(tuple(small))] if small else [])), sum(rows for (rows,) in found)


def parquet_table(engine: duckdb.DuckDBPyConnection, files: FileSet) -> Table:
    """The table of Parquet files, typed as the view of them is that the engine shows under their name."""
    columns = {row[0]: row[1] for row in engine.execute(f"describe {identifier(files.name)}").fetchall()}
    parts, rows = parts_of(engine, files.paths)
    return Table(files.name, parts, columns, rows, hive=files.hive)


@dataclass(frozen=True)
class Read:
    """A text file that was made into Parquet, and what its columns hold: how many values, and of which kind."""

    file: Path
    rows: int
    columns: Mapping[str, tuple[int, bool, bool, bool]]


def text_table(engine: duckdb.DuckDBPyConnection, files: FileSet, read: Iterable[Read]) -> Table:
    """The table of text files; a column is of a kind when all its values in all files are."""
    from tenure.pipelines.sources.views import kind_of

    found = list(read)
    names = list(dict.fromkeys(name for one in found for name in one.columns))
    columns = {}
    for name in names:
        held = [one.columns[name] for one in found if name in one.columns and one.columns[name][0]]
        whole, number, truth = (bool(held) and all(one[place] for one in held) for place in (1, 2, 3))
        columns[name] = kind_of(sum(one[0] for one in held), whole, number, truth) if files.form == "csv" else "VARCHAR"
    parts, rows = parts_of(engine, [one.file for one in found])
    return Table(files.name, parts, columns, rows, tried=True)


def made_parquet(engine: duckdb.DuckDBPyConnection, files: FileSet, target: Path) -> Read:
    """Make one text file into Parquet, every value as the text it is."""
    from tenure.pipelines.sources.views import kinds_query, text_query

    read = text_query(files)
    engine.execute(f"copy (select * from {read}) to {literal(target)} (format parquet, compression lz4)")
    held = f"read_parquet({literal(target)})"
    names = [row[0] for row in engine.execute(f"describe select * from {held}").fetchall()]
    found = engine.execute(kinds_query(held, names)).fetchall()[0]
    counts = {name: tuple(found[4 * place : 4 * place + 4]) for place, name in enumerate(names)}
    rows = engine.execute(f"select count(*) from {held}").fetchall()[0][0]
    return Read(target, rows, json.loads(json.dumps(counts)))
