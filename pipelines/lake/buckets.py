"""Buckets: whole customers, spread by a stable hash, each a sorted Parquet file small enough for memory."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import duckdb

from tenure.pipelines.sources.columns import INTERACTIONS, PROFILES
from tenure.pipelines.sources.quoting import literal, literals

ROWS_A_BUCKET = 250_000
SORTED = {
    "interactions": "customer_id, occurred_at, interaction_id, known_at, source",
    "profiles": "customer_id, name, occurred_at, contract_id nulls first, known_at, value",
}
LAKE_COLUMNS = {"interactions": INTERACTIONS, "profiles": PROFILES}


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
    files: list[Path],
    *,
    folder: Path,
    scratch: Path,
    buckets: int,
    progress: Callable[[str], None],
) -> None:
    """Spread the resolved rows of `files` over bucket files in `folder`, each sorted.

    One pass writes unsorted pieces by bucket, then each bucket is sorted in memory. The table
    `customers` (customer_id, bucket) must exist.
    """
    pieces = [files] * buckets if buckets == 1 else _spread(engine, into, files, scratch / f"{into}-pieces", buckets)
    for bucket, found in enumerate(pieces):
        target = folder / f"{into}-{bucket:05d}.parquet"
        engine.execute(f"copy ({_sorted(into, found)}) to {literal(target)} (format parquet, compression zstd)")
        if buckets > 1 and bucket % 16 == 15:
            progress(f"sorted {bucket + 1} of {buckets} parts of the {into}")


def _spread(
    engine: duckdb.DuckDBPyConnection, into: str, files: list[Path], target: Path, buckets: int
) -> list[list[Path]]:
    if files:
        engine.execute(
            f"copy (select r.*, c.bucket from {_rows(files)} r join customers c using (customer_id)) "
            f"to {literal(target)} (format parquet, compression lz4, partition_by (bucket))"
        )
    return [sorted((target / f"bucket={b}").glob("*.parquet")) for b in range(buckets)]


def _sorted(into: str, files: list[Path]) -> str:
    columns = LAKE_COLUMNS[into]
    if not files:
        nothing = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
        return f"select {nothing} where false"
    chosen = ", ".join(_numbered(c) for c in columns) if into == "interactions" else ", ".join(columns)
    return f"select {chosen} from {_rows(files)} order by {SORTED[into]}"


def _numbered(column: str) -> str:
    """Rows without an id get one: their content's hash, and an ordinal among identical rows."""
    if column != "interaction_id":
        return column
    ordinal = "row_number() over (partition by source, content, period order by known_at)"
    return f"coalesce(interaction_id, substr(content, 1, 20) || '-' || {ordinal}) as interaction_id"


def _rows(files: list[Path]) -> str:
    return f"read_parquet({literals(files)}, hive_partitioning = false, union_by_name = true)"
