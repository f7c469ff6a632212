"""The distinct texts of a bucket and what is known of them, worked out once at import."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import take_over
from tenure.pipelines.settings.text import Text
from tenure.pipelines.text.facts import SCHEMA, describe

PART = 20_000
"""Texts described at a time."""


def texts_file(folder: Path, bucket: int) -> Path:
    """The file of a bucket's texts in a snapshot."""
    return folder / f"texts-{bucket:05d}.parquet"


def write_texts(folder: Path, bucket: int, settings: Text, *, cache: Path) -> int:
    """Describe every distinct text of a bucket's interactions, and say how many there are.

    No file is written where there are none. `cache` keeps embeddings from one import to the next.
    """
    distinct = _distinct(folder / f"interactions-{bucket:05d}.parquet")
    if not len(distinct):
        return 0
    with pq.ParquetWriter(texts_file(folder, bucket), SCHEMA, compression="zstd") as writer:
        for start in range(0, len(distinct), PART):
            part = distinct.slice(start, PART).to_pylist()
            writer.write_table(describe(part, settings, cache=cache, languages=True))
    return len(distinct)


def take_over_texts(before: Path, folder: Path, bucket: int) -> None:
    """Let the texts of an unchanged bucket of an older snapshot be those of the new."""
    older = texts_file(before, bucket)
    if older.is_file():
        take_over(older, texts_file(folder, bucket))


def read_texts(folder: Path, bucket: int) -> pa.Table | None:
    """The texts of a bucket, None where it has none."""
    file = texts_file(folder, bucket)
    return pq.read_table(file) if file.is_file() else None


def _distinct(file: Path) -> pa.Array:
    """The distinct texts, row group by row group, so that long ones are not all in memory twice."""
    found = pa.array([], pa.string())
    with pq.ParquetFile(file) as held:
        for group in range(held.num_row_groups):
            column = held.read_row_group(group, columns=["text"])["text"]
            found = pc.unique(pa.chunked_array([found, *column.drop_null().cast(pa.string()).chunks]))
    return found
