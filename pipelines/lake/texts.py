"""The distinct texts of a bucket and what is known of them, worked out once at import."""

from __future__ import annotations

from collections.abc import Callable
from filecmp import cmp
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import take_over
from tenure.pipelines.lake.fingerprint import texts_digest
from tenure.pipelines.lake.provenance import Provenance
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.text import Text
from tenure.pipelines.text.facts import SCHEMA, describe

if TYPE_CHECKING:
    from tenure.pipelines.lake.snapshot import Snapshot

PART = 20_000
"""Texts described at a time."""


def texts_file(folder: Path, bucket: int) -> Path:
    """The file of a bucket's texts in a snapshot."""
    return folder / f"texts-{bucket:05d}.parquet"


def read_all_texts(
    project: Project, snapshot: Snapshot, before: Snapshot | None, *, progress: Callable[[str], None]
) -> None:
    """Read the texts of every bucket, where a family asks for them.

    A bucket that lies in the snapshot `before` as it is here takes its texts from there, if they were read in the
    same way.
    """
    if not texts_digest(project):
        return
    known = Provenance.read(before.folder) if before else None
    same = known is not None and known.texts == texts_digest(project)
    count = 0
    for bucket in range(snapshot.buckets):
        if not (before and same and _taken_over(before, snapshot, bucket)):
            count += write_texts(snapshot.folder, bucket, project.text, cache=project.data / "embeddings.sqlite")
    if count:
        progress(f"read {count:,} distinct texts")


def _taken_over(before: Snapshot, snapshot: Snapshot, bucket: int) -> bool:
    """Whether a bucket's rows are those of an older snapshot; then its texts are too."""
    rows, older = before.interactions(bucket), texts_file(before.folder, bucket)
    if not rows.is_file() or not cmp(rows, snapshot.interactions(bucket)):
        return False
    if older.is_file():
        take_over(older, texts_file(snapshot.folder, bucket))
    return True


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
