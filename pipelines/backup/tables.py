"""The tables of a store as Parquet files, the same from either database, so that one can become the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
)

from tenure.pipelines.store.schema import metadata, version

ROWS_AT_ONCE = 20_000

_TYPES = (
    (Boolean, pa.bool_()),
    (Float, pa.float64()),
    (Integer, pa.int64()),
    (BigInteger, pa.int64()),
    (DateTime, pa.timestamp("us")),
    (JSON, pa.string()),
    (LargeBinary, pa.binary()),
    (String, pa.string()),
)


def dump_tables(connection: Connection, folder: Path) -> dict[str, int]:
    """Write every table into a file in `folder`; the number of rows of each. The connection sees one state."""
    return {table.name: _dump(connection, table, folder / f"{table.name}.parquet") for table in metadata.sorted_tables}


def load_tables(connection: Connection, folder: Path) -> None:
    """Fill the empty tables from the files in `folder`; a table without a file stays empty."""
    for table in metadata.sorted_tables:
        file = folder / f"{table.name}.parquet"
        if table is not version and file.is_file():
            _load(connection, table, file)


def empty_tables(connection: Connection) -> None:
    """Empty all tables again, those that others point at last."""
    for table in reversed(metadata.sorted_tables):
        if table is not version:
            connection.execute(delete(table))


def filled(connection: Connection) -> str | None:
    """The name of a table that has rows, None where the store is empty."""
    tables = [table for table in metadata.sorted_tables if table is not version]
    return next((t.name for t in tables if connection.scalar(select(func.count()).select_from(t))), None)


def _dump(connection: Connection, table: Table, file: Path) -> int:
    schema = pa.schema([pa.field(column.name, _arrow(column.type)) for column in table.columns])
    coded = [column.name for column in table.columns if isinstance(column.type, JSON)]
    options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for part in connection.execute(select(table), execution_options=options).mappings().partitions():
            batch = [{**row, **{name: _as_text(row[name]) for name in coded}} for row in part]
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
            rows += len(batch)
    return rows


def _load(connection: Connection, table: Table, file: Path) -> None:
    coded = [column.name for column in table.columns if isinstance(column.type, JSON)]
    for part in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE):
        batch = [{**row, **{name: _from_text(row.get(name)) for name in coded}} for row in part.to_pylist()]
        connection.execute(insert(table), [{k: v for k, v in row.items() if k in table.columns} for row in batch])
    if connection.dialect.name == "postgresql":
        _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Let the next number of a table follow the largest that was loaded."""
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer) and not column.foreign_keys:
            names = {"table": table.name, "column": column.name}
            sequence = connection.scalar(text("select pg_get_serial_sequence(:table, :column)"), names)
            largest = connection.scalar(select(func.max(column)))
            if sequence and largest:
                connection.execute(
                    text("select setval(:sequence, :largest)"), {"sequence": sequence, "largest": largest}
                )


def _arrow(kind: Any) -> pa.DataType:
    return next(arrow for sort, arrow in _TYPES if isinstance(kind, sort))


def _as_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, allow_nan=False)


def _from_text(value: str | None) -> Any:
    return None if value is None else json.loads(value)
