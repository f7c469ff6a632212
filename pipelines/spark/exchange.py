"""Exchanging rows between executors: dealt by a key into shards, so that rows of one key meet in one place.

Every executor writes the rows of its file as pieces with a batch for each shard (see `tenure.pipelines.lake.pieces`);
whoever takes a shard reads that batch of every piece. What is in memory does not grow with the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from tenure.pipelines.lake.buckets import take_over
from tenure.pipelines.lake.pieces import Pieces, deal
from tenure.pipelines.sources.quoting import literal
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.workspace import Workspace, workspace


@dataclass(frozen=True)
class Shard:
    """Rows that lie in a file of their own, or are those of a `number` among dealt pieces."""

    held: Path | Pieces
    number: int = 0

    def take(self, work: Workspace) -> Path:
        """The rows as a Parquet file of this workspace."""
        file = work.out / "rows.parquet"
        if isinstance(self.held, Path):
            take_over(self.held, file)
        else:
            work.engine.register("dealt", self.held.reader(self.number))
            work.engine.execute(f"copy (from dealt) to {literal(file)} (format parquet, compression lz4)")
            work.engine.unregister("dealt")
        return file


def shards(cluster: Cluster, files: Sequence[Path], key: str) -> list[Shard]:
    """As many shards as there are files; rows with an equal `key` (SQL) are in one of them."""
    if len(files) == 1:
        return [Shard(files[0])]
    work = partial(deal_file, cluster.folder, f"hash({key}) % {len(files)}", len(files))
    pieces = joined(list(dict(cluster.each(work, files, tell=_silent)).values()))
    return [Shard(pieces, number) for number in range(len(files))]


def deal_file(shared: Path, number: str, count: int, file: Path) -> Pieces:
    """Deal the rows of one file into `count` shards by a `number` (SQL)."""
    with workspace(shared) as work:
        query = f"select *, ({number})::integer as bucket from read_parquet({literal(file)})"
        return deal(work.engine, query, work.out / "pieces", count)


def joined(pieces: Sequence[Pieces]) -> Pieces:
    """The pieces of several executors as one; their rows have the same columns."""
    rows = np.sum([one.rows for one in pieces], axis=0)
    return replace(pieces[0], rows=rows, files=sorted(file for one in pieces for file in one.files))


def _silent(_share: float) -> None:
    return None
