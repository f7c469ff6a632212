"""Running a source's `select`: which columns it yields, and errors that name the column at fault."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from tenure.pipelines.catalogue import did_you_mean
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.columns import IDENTITIES, INTERACTIONS, PROFILES

NOT_GIVEN = {"source", "superseded_at"}
REQUIRED = {
    "interactions": (("customer_id", "external_id", "case_id"), ("occurred_at",), ("kind",)),
    "profiles": (("customer_id", "external_id"), ("name",), ("value",)),
    "identities": (("external_id",), ("customer_id",)),
}
ABSENT = re.compile(
    r'Referenced column "(?P<a>[^"]+)" not found|does not have a column named "(?P<b>[^"]+)"'
    r'|Referenced table "(?P<c>[^"]+)" not found|Table with name (?P<d>\S+) does not exist'
)


class MappingError(ValueError):
    """A source's `select` cannot be run, or does not yield the columns Tenure needs."""


@dataclass(frozen=True)
class Mapped:
    """A checked `select`: its SQL, and the DuckDB type of every column it yields."""

    source: Source
    sql: str
    types: dict[str, str]

    def has(self, column: str) -> bool:
        """Whether the `select` yields `column`."""
        return column in self.types

    @property
    def extras(self) -> list[str]:
        """Columns that Tenure does not know: they become attributes."""
        if self.source.into != "interactions":
            return []
        return [c for c in self.types if c not in tenure_columns("interactions")]


def tenure_columns(into: str) -> list[str]:
    """The columns a `select` into interactions, profiles or identities may yield."""
    if into == "interactions":
        return [c for c in INTERACTIONS if c not in NOT_GIVEN] + ["external_id", "retracted"]
    if into == "profiles":
        return [c for c in PROFILES if c not in {*NOT_GIVEN, "timeless"}] + ["external_id"]
    return list(IDENTITIES)


def map_source(engine: duckdb.DuckDBPyConnection, source: Source, *, columns: dict[str, list[str]]) -> Mapped:
    """Check the `select` of `source` against its views; `columns` are the views' columns by view name."""
    sql = _one_select(engine, source)
    try:
        rows = engine.execute(f"describe select * from (\n{sql}\n)").fetchall()
    except duckdb.Error as error:
        raise _explained(source, error, columns) from error
    types = {row[0]: row[1] for row in rows}
    _check_required(source, types)
    return Mapped(source, sql, types)


def _one_select(engine: duckdb.DuckDBPyConnection, source: Source) -> str:
    sql = source.select.strip().rstrip(";").strip()
    try:
        statements = engine.extract_statements(sql)
    except duckdb.Error as error:
        raise MappingError(f"source {source.name!r}: its `select` is not SQL: {_said(error)}") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise MappingError(f"source {source.name!r}: `select` must be one single SELECT statement")
    return sql


def _explained(source: Source, error: duckdb.Error, columns: dict[str, list[str]]) -> MappingError:
    match = ABSENT.search(str(error))
    if match is None:
        return MappingError(f"source {source.name!r}: its `select` cannot run: {_said(error)}")
    column = match["a"] or match["b"]
    if column is None:
        table = (match["c"] or match["d"]).rstrip("!")
        hint = did_you_mean(table, list(columns))
        return MappingError(
            f"source {source.name!r}: `select` reads from {table!r}, but `files` names {', '.join(columns)}{hint}"
        )
    known = sorted({c for names in columns.values() for c in names})
    return MappingError(
        f"source {source.name!r}: `select` uses the column {column!r}, which is not in "
        f"{', '.join(columns)}{did_you_mean(column, known)} (columns: {', '.join(known[:40])})"
    )


def _check_required(source: Source, types: dict[str, str]) -> None:
    for choice in REQUIRED[source.into]:
        if not any(c in types for c in choice):
            hint = did_you_mean(choice[0], list(types))
            raise MappingError(
                f"source {source.name!r}: `select` must yield {' or '.join(choice)}{hint} "
                f"(write `... as {choice[0]}`); it yields {', '.join(types)}"
            )
    for column in NOT_GIVEN & set(types) - ({"source"} if source.into == "identities" else set()):
        raise MappingError(f"source {source.name!r}: Tenure sets {column!r} itself; leave it out or rename it")
    if "retracted" in types and "interaction_id" not in types:
        raise MappingError(f"source {source.name!r}: `retracted` withdraws a row by its id; yield interaction_id too")


def _said(error: duckdb.Error) -> str:
    return " ".join(str(error).split("\n\nLINE")[0].split())[:400]
