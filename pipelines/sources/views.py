"""Files as DuckDB views: Parquet as it is, CSV with types found from all of its values, text as lines."""

from __future__ import annotations

import duckdb

from tenure.pipelines.sources.files import FileSet, SourceFileError
from tenure.pipelines.sources.quoting import identifier, literals

WHOLE = r"-?(0|[1-9][0-9]{0,17})"
NUMBER = r"[+-]?(0|[1-9][0-9]{0,14})?(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?"
NOT_UTF8 = ("unicode", "utf-8", "utf8", "encoding")


def create_view(engine: duckdb.DuckDBPyConnection, files: FileSet, *, source: str) -> list[str]:
    """Make `files` selectable under their name and return the names of their columns."""
    try:
        body = {"parquet": _parquet, "csv": _csv, "lines": _lines}[files.form](engine, files)
        engine.execute(f"create or replace temp view {identifier(files.name)} as {body}")
        return [row[0] for row in engine.execute(f"describe {identifier(files.name)}").fetchall()]
    except duckdb.Error as error:
        raise unreadable(source, files, error) from error


def unreadable(source: str, files: FileSet, error: duckdb.Error) -> SourceFileError:
    """The named error for a file that DuckDB cannot read."""
    place = str(files.paths[0]) if len(files.paths) == 1 else f"{len(files.paths)} files from {files.paths[0]} on"
    said = " ".join(str(error).split())[:300]
    hint = "; save it as UTF-8" if any(w in said.lower() for w in NOT_UTF8) else ""
    return SourceFileError(f"source {source!r}: cannot read {place} as {files.form}{hint}: {said}")


def _parquet(_engine: duckdb.DuckDBPyConnection, files: FileSet) -> str:
    hive = str(files.hive).lower()
    return f"select * from read_parquet({literals(files.paths)}, hive_partitioning = {hive}, union_by_name = true)"


def _lines(_engine: duckdb.DuckDBPyConnection, files: FileSet) -> str:
    return (
        f"select line from read_csv({literals(files.paths)}, columns = {{'line': 'VARCHAR'}}, header = false, "
        "auto_detect = false, delim = chr(1), quote = '', escape = '')"
    )


def _csv(engine: duckdb.DuckDBPyConnection, files: FileSet) -> str:
    """Whole numbers, numbers and truth values get their type; times stay text, since a zone may be in them.

    A column in which any value has a leading zero stays text: `00042` is an id, not forty-two.
    """
    read = f"read_csv({literals(files.paths)}, all_varchar = true, header = true, union_by_name = true)"
    columns = [row[0] for row in engine.execute(f"describe select * from {read}").fetchall()]
    tests = [
        f"count({c}), coalesce(bool_and(regexp_full_match({c}, '{WHOLE}')), false), "
        f"coalesce(bool_and(regexp_full_match({c}, '{NUMBER}') and {c} <> ''), false), "
        f"coalesce(bool_and(lower({c}) in ('true', 'false')), false)"
        for c in map(identifier, columns)
    ]
    found = engine.execute(f"select {', '.join(tests)} from {read}").fetchone() or ()
    casts = [_cast(c, *found[4 * i : 4 * i + 4]) for i, c in enumerate(columns)]
    return f"select {', '.join(casts)} from {read}"


def _cast(column: str, count: int, whole: bool, number: bool, truth: bool) -> str:
    name = identifier(column)
    kind = "BIGINT" if whole else "DOUBLE" if number else "BOOLEAN" if truth else "VARCHAR"
    return f"try_cast({name} as {kind if count else 'VARCHAR'}) as {name}"
