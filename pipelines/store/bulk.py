"""Appending many rows at once, the fastest way a database has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

from tenure.pipelines.store import postgres


def append_rows(connection: Connection, table: Table, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Append plain tuples in the order of `names`, without the conversions of typed inserts: JSON is given as text."""
    if connection.dialect.name == "postgresql":
        postgres.copy_rows(connection, table, names, rows)
        return
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", rows)


def count_values(connection: Connection, table: Table) -> None:
    """Let a database that plans by statistics look at a table that just grew by many rows."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f'analyze "{table.name}"')
