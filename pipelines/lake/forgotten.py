"""At import: rows of erased people are dropped before anything else looks at them, and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from tenure.pipelines.lake.cases import with_case_customers
from tenure.pipelines.privacy.suppression import Erased
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.quoting import literal, literals


@dataclass(frozen=True)
class Part:
    """The staged rows of a source, or of a part of it, and how far its files tell of cases."""

    source: Source
    file: Path
    has_cases: bool
    has_texts: bool = False
    cover: Path | None = None


@dataclass
class _Names:
    """Names of erased people in the rows at hand: customers, and outside ids by source (empty: every source)."""

    customers: set[str] = field(default_factory=set)
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def forget(engine: duckdb.DuckDBPyConnection, parts: Sequence[Part], erased: Erased) -> dict[str, int]:
    """Drop the rows of erased people from staged files; how many, by source; sources without any are absent.

    A person is known again by any name under which they were erased, and by names that identities give to such a
    customer since. A row of a case without a customer goes with the customer it would have been given.
    """
    if not erased:
        return {}
    names = _names(engine, parts, erased)
    if not names.customers and not any(names.called.values()):
        return {}
    found: dict[str, int] = defaultdict(int)
    for part in parts:
        found[part.source.name] += _drop(engine, part, names)
    return {name: count for name, count in found.items() if count}


def unnamed(erased: Erased, source: str) -> Callable[[pa.Table], pa.Array]:
    """A test of rows as a table has them: they stay where no column of names has one of an erased person.

    Looked at are columns of text, and whole numbers that are called an id.
    """
    known: dict[str, bool] = {}

    def named(value: object) -> bool:
        text = str(value).strip()
        if text not in known:
            called = erased.called(source, [text]) or erased.called("", [text])
            known[text] = bool(called or erased.among([text]))
        return known[text]

    def stays(table: pa.Table) -> pa.Array:
        goes = [False] * len(table)
        for column in named_columns(table.schema):
            values = table[column].to_pylist()
            goes = [gone or (one is not None and named(one)) for gone, one in zip(goes, values, strict=True)]
        return pa.array([not one for one in goes], pa.bool_())

    return stays


def named_columns(schema: pa.Schema) -> list[str]:
    """The columns of a table of others' that may hold names of people."""
    return [
        column.name
        for column in schema
        if pa.types.is_string(column.type)
        or pa.types.is_large_string(column.type)
        or (pa.types.is_integer(column.type) and "id" in column.name.lower())
    ]


def _names(engine: duckdb.DuckDBPyConnection, parts: Sequence[Part], erased: Erased) -> _Names:
    names = _Names()
    for part in parts:
        rows = f"read_parquet({literal(part.file)})"
        names.customers |= erased.among(_distinct(engine, f"customer_id from {rows}"))
        if part.source.into == "identities":
            for source, said in _by_source(engine, f"coalesce(source, ''), external_id from {rows}").items():
                names.called[source] |= erased.called(source, said)
                names.customers |= erased.among(said) if source == "" else set()
        else:
            said = _distinct(engine, f"external_id from {rows}")
            names.called[part.source.name] |= erased.called(part.source.name, said)
            names.called[""] |= erased.called("", said)
    identities = [part for part in parts if part.source.into == "identities"]
    while _spread(engine, identities, names):
        continue
    others = [(part.source.name, name) for part in parts for name in names.called[""]]
    pairs = [(source, name) for source, known in names.called.items() if source for name in known]
    names.customers |= {f"{source}:{name}" for source, name in (*pairs, *others)}
    return names


def _spread(engine: duckdb.DuckDBPyConnection, identities: Sequence[Part], names: _Names) -> bool:
    """Take in the names that stand today for customers who were erased; whether there were any new ones."""
    if not identities:
        return False
    _put(engine, "forgotten", names.customers)
    query = f"""coalesce(source, ''), external_id from (
        from read_parquet({literals([part.file for part in identities])}, union_by_name = true)
        where external_id is not null and reason is null
        qualify row_number() over (partition by source, external_id order by known_at desc, customer_id desc) = 1)
        where customer_id in (select name from forgotten)"""
    grown = False
    for source, said in _by_source(engine, query).items():
        fresh = said - names.called[source]
        names.called[source] |= fresh
        names.customers |= fresh if source == "" else set()
        grown = grown or bool(fresh)
    return grown


def _drop(engine: duckdb.DuckDBPyConnection, part: Part, names: _Names) -> int:
    """Write the file of a part without the rows that go; how many went."""
    _put(engine, "forgotten", names.customers)
    rows = f"read_parquet({literal(part.file)}, file_row_number = true)"
    if part.source.into == "identities":
        pairs = [(source, name) for source, known in names.called.items() for name in known]
        _put_pairs(engine, pairs)
        theirs = "(coalesce(source, ''), external_id) in (select (source, name) from forgotten_called)"
    else:
        _put(engine, "forgotten_called", names.called[part.source.name] | names.called[""])
        theirs = "external_id in (select name from forgotten_called)"
    theirs = f"(customer_id in (select name from forgotten) or {theirs})"
    engine.execute(f"create or replace temp table gone as select file_row_number as nr from {rows} where {theirs}")
    if part.has_cases:
        _with_cases(engine, rows, theirs)
    count = int(engine.execute("select count(*) from gone").fetchall()[0][0])
    if count:
        kept = f"select * exclude (file_row_number) from {rows} where file_row_number not in (select nr from gone)"
        write_without(engine, kept, part.file)
        if part.cover is not None:
            told = f"select case_id from read_parquet({literal(part.file)})"
            cover = f"from read_parquet({literal(part.cover)}) where case_id in ({told})"
            write_without(engine, cover, part.cover)
    return count


def _with_cases(engine: duckdb.DuckDBPyConnection, rows: str, theirs: str) -> None:
    """Let rows without a customer go too, where their case gives them to somebody who goes, or to nobody any more."""
    mine = f"case_id in (select case_id from {rows} where case_id is not null and {theirs})"
    filled = with_case_customers(f"(select * from {rows} where reason is null and {mine})")
    engine.execute(f"""insert into gone
        select r.file_row_number from {rows} r
        left join (select * from {filled}) f on f.file_row_number = r.file_row_number
        where r.customer_id is null and r.external_id is null and r.{mine}
          and (f.file_row_number is null
               or (f.customer_id is null and f.external_id is null)
               or f.customer_id in (select name from forgotten)
               or f.external_id in (select name from forgotten_called))""")


def write_without(engine: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Put what a query gives in the place of a staged file it reads from."""
    fresh = file.with_name(f"{file.stem}-kept.parquet")
    engine.execute(f"copy ({query}) to {literal(fresh)} (format parquet, compression lz4)")
    fresh.replace(file)


def _put(engine: duckdb.DuckDBPyConnection, table: str, names: Iterable[str]) -> None:
    engine.execute(f"create or replace temp table {table} (name varchar)")
    _insert(engine, table, [(name,) for name in sorted(names)])


def _put_pairs(engine: duckdb.DuckDBPyConnection, pairs: Iterable[tuple[str, str]]) -> None:
    engine.execute("create or replace temp table forgotten_called (source varchar, name varchar)")
    _insert(engine, "forgotten_called", sorted(pairs))


def _insert(engine: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        engine.executemany(f"insert into {table} values ({marks})", rows)


def _distinct(engine: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    return {row[0] for row in engine.execute(f"select distinct {query}").fetchall() if row[0] is not None}


def _by_source(engine: duckdb.DuckDBPyConnection, query: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for source, name in engine.execute(f"select distinct {query}").fetchall():
        if name is not None:
            found[source].add(name)
    return found
