"""PostgreSQL tables, streamed as Arrow batches into Parquet files that are then read like any other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.files import FileSet, SourceFileError

Stays = Callable[[pa.Table], pa.Array]
"""Says of each row of a table whether it is brought in."""


class PostgresError(RuntimeError):
    """A PostgreSQL source cannot be reached or read."""


def fetch_table(source: Source, *, feeds: Path, stays: Stays | None = None) -> FileSet:
    """Bring the table of `source` into `feeds` and return its Parquet files.

    With a `cursor` only rows whose cursor is above the highest one fetched before are added,
    so the cursor must grow with every new or changed row; without one the whole table is
    fetched anew. A fetch that is killed leaves nothing behind but a file nobody reads. Rows that do not
    stay (which leaves out erased people, whom the table may name still) are not brought in.
    """
    folder = feeds / f"{source.name}-{_feed_id(source)}"
    folder.mkdir(parents=True, exist_ok=True)
    parts = sorted(folder.glob("part-*.parquet")) if source.cursor else []
    last = _highest(parts, source.cursor) if source.cursor else None
    part = folder / f"part-{len(parts):06d}.parquet"
    fresh = part.with_suffix(".unfinished")
    if _stream(source, fresh, after=last, stays=stays):
        os.replace(fresh, part)
        parts.append(part)
    fresh.unlink(missing_ok=True)
    if not parts:
        raise SourceFileError(f"source {source.name!r}: the table {source.table} is empty")
    return FileSet("source", tuple(parts), "parquet", False)


def _feed_id(source: Source) -> str:
    return sha256(f"{source.postgres}|{source.table}|{source.cursor}".encode()).hexdigest()[:8]


def _highest(parts: Sequence[Path], cursor: str) -> Any:
    """The highest cursor fetched: that of the last part, or of one before where erasures have emptied it."""
    found = (pc.max(pq.read_table(part, columns=[cursor])[cursor]).as_py() for part in reversed(parts))
    return next((value for value in found if value is not None), None)


def _stream(source: Source, target: Path, *, after: Any, stays: Stays | None) -> int:
    """Write the table's rows to `target` batch by batch and return how many there are."""
    query = f"select * from {_quoted(source.table or '')}"
    if source.cursor and after is not None:
        query += f" where {_quoted(source.cursor)} > $1"
    rows = 0
    with _reading(source, query, after if source.cursor else None) as reader:
        schema = pa.schema([pa.field(f.name, _stored(f.type)) for f in reader.schema])
        if source.cursor and source.cursor not in schema.names:
            raise PostgresError(
                f"source {source.name!r}: the cursor column {source.cursor!r} is not in {source.table}; "
                f"it has {', '.join(schema.names)}"
            )
        with pq.ParquetWriter(target, schema) as writer:
            for batch in reader:
                columns = [c.storage if isinstance(c, pa.ExtensionArray) else c for c in batch.columns]
                table = pa.Table.from_batches([pa.RecordBatch.from_arrays(columns, schema=schema)])
                kept = table if stays is None else table.filter(stays(table))
                writer.write_table(kept)
                rows += kept.num_rows
    return rows


@contextmanager
def _reading(source: Source, query: str, after: Any) -> Iterator[Any]:
    try:
        from adbc_driver_manager import Error
        from adbc_driver_postgresql.dbapi import connect
    except ImportError as error:
        raise PostgresError(
            f"source {source.name!r} reads PostgreSQL; install its driver with `pip install 'tenure[postgres]'`"
        ) from error
    try:
        with connect(_address(source)) as connection, connection.cursor() as cursor:
            cursor.execute(query, parameters=None if after is None else (after,))
            yield cursor.fetch_record_batch()
    except Error as error:
        said = " ".join(str(error).split())[:300]
        raise PostgresError(
            f"source {source.name!r}: cannot read {source.table} at the address in ${source.postgres}: {said}"
        ) from error


def _address(source: Source) -> str:
    address = os.environ.get(source.postgres or "")
    if not address:
        raise PostgresError(
            f"source {source.name!r}: the environment variable {source.postgres} is not set; "
            f"export {source.postgres}='postgresql://user:password@host/database'"
        )
    return address


def _quoted(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def _stored(kind: pa.DataType) -> pa.DataType:
    """Types that only PostgreSQL has (numeric, json, uuid) arrive as marked text; keep the text."""
    return kind.storage_type if isinstance(kind, pa.ExtensionType) else kind
