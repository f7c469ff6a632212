"""Buckets: whole customers, spread by a stable hash, each a sorted Parquet file small enough for memory."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.lake.order import in_order
from tenure.pipelines.lake.pieces import Pieces, spread
from tenure.pipelines.sources.columns import FOREVER, INTERACTIONS, PROFILES
from tenure.pipelines.sources.engine import threads_of
from tenure.pipelines.sources.quoting import literal

ROWS_A_BUCKET = 250_000
LARGE = 1_000_000
"""A bucket with more rows (one customer may have them all) is sorted out of core."""
ROWS_A_GROUP = 32_768
"""Rows of a bucket's file that are read together: who asks for one customer reads no more than these."""

AT_ONCE = 4
"""Most buckets sorted in memory at one time, however many cores there are."""
SORTED = {
    "interactions": "customer_id, occurred_at, interaction_id, known_at, source",
    "profiles": "customer_id, name, occurred_at, contract_id nulls first, known_at, value",
}
LAKE_COLUMNS = {"interactions": INTERACTIONS, "profiles": PROFILES}
TIMES = ("occurred_at", "known_at")
NEVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
_TYPES = {
    "VARCHAR": pa.string(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
    "DOUBLE": pa.float64(),
    "MAP(VARCHAR, VARCHAR)": pa.map_(pa.string(), pa.string()),
}


def bucket_of(customer_id: str, buckets: int) -> int:
    """The bucket of a customer; the same number as `md5_number_lower(customer_id) % buckets` in SQL.

    >>> bucket_of("abc", 64)
    22
    """
    return int.from_bytes(md5(customer_id.encode()).digest()[8:], "little") % buckets


def bucket_count(rows: int) -> int:
    """A power of two, with about `ROWS_A_BUCKET` rows to a bucket.

    >>> bucket_count(0), bucket_count(250_001), bucket_count(10_900_000)
    (1, 2, 64)
    """
    return 1 << max(0, -(-rows // ROWS_A_BUCKET) - 1).bit_length()


def write_buckets(
    engine: duckdb.DuckDBPyConnection,
    into: str,
    rows: str,
    *,
    folder: Path,
    scratch: Path,
    buckets: int,
    progress: Callable[[str], None],
    onto: Path | None = None,
) -> set[int]:
    """Spread the resolved `rows` (SQL) over bucket files in `folder`, each sorted; give the buckets written.

    One pass writes unsorted pieces, then each bucket is sorted: in memory, several at once where the
    engine has threads for it, or out of core where it is large. The table `customers` (customer_id, bucket)
    must exist. With `onto`, the folder of an older snapshot, its rows are in the buckets too, and a
    bucket without new rows is the older file itself.
    """
    pieces = spread(engine, rows, folder=scratch / f"{into}-pieces", buckets=buckets)
    if buckets > 1:
        progress(f"spread the {into} over {buckets} parts")
    fresh = []
    for bucket in range(buckets):
        older = onto and _file(onto, into, bucket)
        if older and not pieces.rows[bucket]:
            take_over(older, _file(folder, into, bucket))
        else:
            fresh.append(bucket)
    pool = ThreadPoolExecutor(min(threads_of(engine), AT_ONCE))
    try:
        sort = partial(_sort_in_memory, into, pieces, folder=folder, onto=onto)
        for done, (bucket, sorted_already) in enumerate(zip(fresh, pool.map(sort, fresh), strict=True), start=1):
            if not sorted_already:
                _sort_out_of_core(engine, into, pieces, bucket, folder=folder, onto=onto)
            if buckets > 1 and done % 16 == 0:
                progress(f"sorted {done} of {len(fresh)} parts of the {into}")
    finally:
        pool.shutdown(cancel_futures=True)
    return set(fresh)


def take_over(older: Path, target: Path) -> None:
    """Let an unchanged file of an older snapshot be one of the new: the same file where the disk can, else a copy."""
    try:
        os.link(older, target)
    except OSError:
        shutil.copyfile(older, target)


def empty_rows(into: str) -> str:
    """SQL for no rows at all of interactions or profiles."""
    return f"(select {', '.join(f'null::{kind} as {name}' for name, kind in LAKE_COLUMNS[into].items())} where false)"


def write_bucket(engine: duckdb.DuckDBPyConnection, into: str, pieces: Pieces, bucket: int, folder: Path) -> None:
    """Sort the rows of one bucket into its file in `folder`."""
    if not _sort_in_memory(into, pieces, bucket, folder=folder, onto=None):
        _sort_out_of_core(engine, into, pieces, bucket, folder=folder, onto=None)


def _sort_in_memory(into: str, pieces: Pieces, bucket: int, *, folder: Path, onto: Path | None) -> bool:
    """Sort one bucket, with its rows of an older snapshot; False where it is too large, or rows have no id yet."""
    older = onto and _file(onto, into, bucket)
    total = pieces.rows[bucket] + (pq.read_metadata(older).num_rows if older else 0)
    if into != "interactions" or "interaction_id" not in pieces.schema.names or total > LARGE:
        return False
    fresh = pieces.reader(bucket).read_all()
    if fresh["interaction_id"].null_count:
        return False
    tables = [_filled_table(fresh), *([_filled_table(pq.read_table(older))] if older else [])]
    _write_table(in_order(pa.concat_tables(tables)), _file(folder, into, bucket))
    return True


def _sort_out_of_core(
    engine: duckdb.DuckDBPyConnection, into: str, pieces: Pieces, bucket: int, *, folder: Path, onto: Path | None
) -> None:
    engine.register("piece", pieces.reader(bucket))
    columns = ", ".join(f"({_filled(c, k, pieces.schema)})::{k} as {c}" for c, k in LAKE_COLUMNS[into].items())
    rows, file = f"select {columns} from piece", _file(folder, into, bucket)
    if onto is not None:
        rows = f"from (from read_parquet({literal(_file(onto, into, bucket))}) union all by name {rows})"
    engine.execute(f"copy ({rows} order by {SORTED[into]}) to {literal(file)} (format parquet, compression zstd)")
    engine.unregister("piece")


def _file(folder: Path, into: str, bucket: int) -> Path:
    return folder / f"{into}-{bucket:05d}.parquet"


def _write_table(table: pa.Table, file: Path) -> None:
    """Write interactions that are in order."""
    options = in_words_of(table.schema)
    pq.write_table(table, file, compression="zstd", store_schema=False, row_group_size=ROWS_A_GROUP, **options)


def in_words_of(schema: pa.Schema) -> dict[str, Any]:
    """How the columns of a file of the lake are encoded, as options of PyArrow."""
    held = [name for name in schema.names if name not in (*TIMES, "interaction_id", "text")]
    times = [name for name in TIMES if name in schema.names]
    return {"use_dictionary": held, "column_encoding": dict.fromkeys(times, "DELTA_BINARY_PACKED")}


def _filled_table(table: pa.Table) -> pa.Table:
    """Interactions with all columns; those that no source gave are empty."""
    filled = {name: _column(table, name, _TYPES[kind]) for name, kind in INTERACTIONS.items()}
    never = pa.scalar(NEVER, _TYPES["TIMESTAMPTZ"])
    return pa.table(filled | {"superseded_at": pc.fill_null(filled["superseded_at"], never)})


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    return table[name].cast(kind) if name in table.column_names else pa.chunked_array([pa.nulls(len(table), kind)])


def _filled(column: str, kind: str, schema: pa.Schema) -> str:
    """The column, or what it is where a source did not give it."""
    held = schema.names
    if column == "interaction_id":
        # identical rows without an id may be real: they differ by an ordinal
        period = "period" if "period" in held else "null"
        ordinal = f"row_number() over (partition by source, content, {period} order by known_at)"
        made = f"content || '-' || {ordinal}"
        return f"coalesce(interaction_id, {made})" if column in held else made
    if column == "superseded_at":
        return f"coalesce(superseded_at, {FOREVER})"
    return column if column in held else f"null::{kind}"
