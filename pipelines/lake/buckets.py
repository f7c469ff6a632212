"""Buckets: whole customers, spread by a stable hash, each a sorted Parquet file small enough for memory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import duckdb

from tenure.pipelines.sources.columns import FOREVER, INTERACTIONS, PROFILES
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
    rows: str,
    *,
    folder: Path,
    scratch: Path,
    buckets: int,
    progress: Callable[[str], None],
    onto: Path | None = None,
) -> set[int]:
    """Spread the resolved `rows` (SQL) over bucket files in `folder`, each sorted; give the buckets written.

    One pass writes unsorted pieces by bucket, then each bucket is sorted in memory. The table
    `customers` (customer_id, bucket) must exist. With `onto`, the folder of an older snapshot, its rows
    are in the buckets too, and a bucket without new rows is the older file itself.
    """
    held = {row[0] for row in engine.execute(f"describe {rows[1:-1]}").fetchall()}
    pieces = scratch / f"{into}-pieces"
    if buckets > 1:
        engine.execute(
            f"copy (select r.*, c.bucket from {rows} r join customers c using (customer_id)) "
            f"to {literal(pieces)} (format parquet, compression lz4, partition_by (bucket))"
        )
        progress(f"spread the {into} over {buckets} parts")
    written = set()
    for bucket in range(buckets):
        target = folder / f"{into}-{bucket:05d}.parquet"
        part = rows if buckets == 1 else _piece(pieces / f"bucket={bucket}")
        older = onto / target.name if onto else None
        if older is not None and not part:
            take_over(older, target)
            continue
        written.add(bucket)
        engine.execute(
            f"copy ({_sorted(into, part, held, older)}) to {literal(target)} (format parquet, compression zstd)"
        )
        if buckets > 1 and bucket % 16 == 15:
            progress(f"sorted {bucket + 1} of {buckets} parts of the {into}")
    return written


def take_over(older: Path, target: Path) -> None:
    """Let an unchanged file of an older snapshot be one of the new: the same file where the disk can, else a copy."""
    try:
        os.link(older, target)
    except OSError:
        shutil.copyfile(older, target)


def empty_rows(into: str) -> str:
    """SQL for no rows at all of interactions or profiles."""
    return f"(select {', '.join(f'null::{kind} as {name}' for name, kind in LAKE_COLUMNS[into].items())} where false)"


def _piece(folder: Path) -> str:
    files = sorted(folder.glob("*.parquet"))
    return f"read_parquet({literals(files)}, hive_partitioning = false)" if files else ""


def _sorted(into: str, rows: str, held: set[str], older: Path | None) -> str:
    if not rows:
        return empty_rows(into)[1:-1]
    columns = ", ".join(f"({_filled(c, kind, held)})::{kind} as {c}" for c, kind in LAKE_COLUMNS[into].items())
    fresh = f"select {columns} from {rows}"
    if older is not None:
        fresh = f"from (from read_parquet({literal(older)}) union all by name {fresh})"
    return f"{fresh} order by {SORTED[into]}"


def _filled(column: str, kind: str, held: set[str]) -> str:
    """The column, or what it is where a source did not give it."""
    if column == "interaction_id":
        # identical rows without an id may be real: they differ by an ordinal
        period = "period" if "period" in held else "null"
        ordinal = f"row_number() over (partition by source, content, {period} order by known_at)"
        made = f"content || '-' || {ordinal}"
        return f"coalesce(interaction_id, {made})" if column in held else made
    if column == "superseded_at":
        return f"coalesce(superseded_at, {FOREVER})"
    return column if column in held else f"null::{kind}"
