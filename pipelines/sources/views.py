"""Files as DuckDB views: Parquet as it is, CSV with types found from all of its values, text as lines."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from tenure.pipelines.sources.files import FileSet, SourceFileError
from tenure.pipelines.sources.quoting import identifier, literals

WHOLE = r"-?(0|[1-9][0-9]{0,17})"
NUMBER = r"[+-]?(0|[1-9][0-9]{0,14})?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
Tests = dict[str, tuple[int, bool, bool, bool]]
"""Of each column of CSV files: how many values, and whether all are whole numbers, numbers, or truth values."""

NOT_UTF8 = ("unicode", "utf-8", "utf8", "encoding")


def create_view(
    engine: duckdb.DuckDBPyConnection,
    files: FileSet,
    *,
    source: str,
    tests: Tests | None = None,
    types: Mapping[str, str] | None = None,
) -> list[str]:
    """Make `files` selectable under their name and return the names of their columns.

    `tests` say which types CSV columns get; left out, they are made now. Where the files are only some of
    those of a name, `types` are the columns of all of them, and are those of the view.
    """
    try:
        if types is not None:
            body = _typed(engine, files, types)
        elif files.form == "csv":
            body = _csv(files, column_tests(engine, files, source=source) if tests is None else tests)
        else:
            body = {"parquet": _parquet, "lines": _lines}[files.form](files)
        engine.execute(f"create or replace temp view {identifier(files.name)} as {body}")
        return [row[0] for row in engine.execute(f"describe {identifier(files.name)}").fetchall()]
    except duckdb.Error as error:
        raise unreadable(source, files, error) from error


def column_tests(engine: duckdb.DuckDBPyConnection, files: FileSet, *, source: str) -> Tests:
    """What the values of CSV columns are; of other files nothing, since they have types."""
    if files.form != "csv":
        return {}
    try:
        return _tests(engine, _read_csv(files))
    except duckdb.Error as error:
        raise unreadable(source, files, error) from error


def joined_tests(one: Tests, other: Tests) -> Tests:
    """The tests of two sets of files together; a column without values says nothing.

    >>> joined_tests({"a": (3, True, True, False)}, {"a": (1, False, True, False)})["a"]
    (4, False, True, False)
    """
    found = dict(one)
    for name, (count, *kinds) in other.items():
        held = found.get(name, (0, False, False, False))
        if not held[0] or not count:
            kinds = list(held[1:]) if held[0] else kinds
        else:
            kinds = [a and b for a, b in zip(held[1:], kinds, strict=True)]
        found[name] = (held[0] + count, kinds[0], kinds[1], kinds[2])
    return found


def unreadable(source: str, files: FileSet, error: duckdb.Error) -> SourceFileError:
    """The named error for a file that DuckDB cannot read."""
    place = str(files.paths[0]) if len(files.paths) == 1 else f"{len(files.paths)} files from {files.paths[0]} on"
    said = " ".join(str(error).split())[:300]
    hint = "; save it as UTF-8" if any(w in said.lower() for w in NOT_UTF8) else ""
    return SourceFileError(f"source {source!r}: cannot read {place} as {files.form}{hint}: {said}")


def _typed(engine: duckdb.DuckDBPyConnection, files: FileSet, types: Mapping[str, str]) -> str:
    """Columns as they are in all files of the name: cast, and empty where these files have none."""
    read = {"csv": _read_csv, "parquet": _read_parquet, "lines": _read_lines}[files.form](files)
    held = {row[0].lower() for row in engine.execute(f"describe select * from {read}").fetchall()}
    cast = "try_cast" if files.form == "csv" else "cast"
    shown = [
        f"{cast}({identifier(name)} as {kind})" if name.lower() in held else f"null::{kind}"
        for name, kind in types.items()
    ]
    columns = ", ".join(f"{sql} as {identifier(name)}" for sql, name in zip(shown, types, strict=True))
    return f"select {columns} from {read}"


def _parquet(files: FileSet) -> str:
    return f"select * from {_read_parquet(files)}"


def _read_parquet(files: FileSet) -> str:
    hive = str(files.hive).lower()
    return f"read_parquet({literals(files.paths)}, hive_partitioning = {hive}, union_by_name = true)"


def _lines(files: FileSet) -> str:
    return f"select line from {_read_lines(files)}"


def _read_lines(files: FileSet) -> str:
    return (
        f"read_csv({literals(files.paths)}, columns = {{'line': 'VARCHAR'}}, header = false, "
        "auto_detect = false, delim = chr(1), quote = '', escape = '')"
    )


def _csv(files: FileSet, tests: Tests) -> str:
    """Whole numbers, numbers and truth values get their type; times stay text, since a zone may be in them.

    A column in which any value has a leading zero stays text: `00042` is an id, not forty-two.
    """
    return f"select {', '.join(_cast(column, *found) for column, found in tests.items())} from {_read_csv(files)}"


def _read_csv(files: FileSet) -> str:
    return f"read_csv({literals(files.paths)}, all_varchar = true, header = true, union_by_name = true)"


def _tests(engine: duckdb.DuckDBPyConnection, read: str) -> Tests:
    columns = [row[0] for row in engine.execute(f"describe select * from {read}").fetchall()]
    tests = [
        f"count({c}), coalesce(bool_and(regexp_full_match({c}, '{WHOLE}')), false), "
        f"coalesce(bool_and(regexp_full_match({c}, '{NUMBER}') and {c} <> ''), false), "
        f"coalesce(bool_and(lower({c}) in ('true', 'false')), false)"
        for c in map(identifier, columns)
    ]
    found = engine.execute(f"select {', '.join(tests)} from {read}").fetchone() or ()
    return {c: (found[4 * i], found[4 * i + 1], found[4 * i + 2], found[4 * i + 3]) for i, c in enumerate(columns)}


def _cast(column: str, count: int, whole: bool, number: bool, truth: bool) -> str:
    name = identifier(column)
    kind = "BIGINT" if whole else "DOUBLE" if number else "BOOLEAN" if truth else "VARCHAR"
    return f"try_cast({name} as {kind if count else 'VARCHAR'}) as {name}"
