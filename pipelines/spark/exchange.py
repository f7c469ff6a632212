"""Exchanging rows between executors: dealt by a key into shards, so that rows of one key meet in one place.

Every executor writes the rows of its file as pieces with a batch for each shard (see `tenure.pipelines.lake.pieces`);
whoever takes a shard reads that batch of every piece. What is in memory does not grow with the source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class Deal:
    """Some files whose rows are to be dealt by `key` (SQL); without one, or with one file, they stay as they are."""

    files: Sequence[Path]
    key: str | None

    @property
    def moves(self) -> bool:
        """Whether rows change places at all."""
        return self.key is not None and len(self.files) > 1


def shards(cluster: Cluster, deals: Mapping[str, Deal]) -> dict[str, list[Shard]]:
    """For each deal as many shards as it has files; rows with an equal key are in one of them. All in one job."""
    asked = [
        (name, f"hash({deal.key}) % {len(deal.files)}", len(deal.files), file)
        for name, deal in deals.items()
        if deal.moves
        for file in deal.files
    ]
    made = dict(cluster.each(partial(deal_file, cluster.folder), [one[1:] for one in asked]))
    found = {name: [Shard(file) for file in deal.files] for name, deal in deals.items()}
    for name in {one[0] for one in asked}:
        pieces = joined([made[place] for place, one in enumerate(asked) if one[0] == name])
        found[name] = [Shard(pieces, number) for number in range(len(deals[name].files))]
    return found


def deal_file(shared: Path, asked: tuple[str, int, Path]) -> Pieces:
    """Deal the rows of one file into so many shards by a number (SQL)."""
    number, count, file = asked
    with workspace(shared) as work:
        query = f"select *, ({number})::integer as bucket from read_parquet({literal(file)})"
        return deal(work.engine, query, work.out / "pieces", count)


def joined(pieces: Sequence[Pieces]) -> Pieces:
    """The pieces of several executors as one; their rows have the same columns."""
    rows = np.sum([one.rows for one in pieces], axis=0)
    return replace(pieces[0], rows=rows, files=sorted(file for one in pieces for file in one.files))
