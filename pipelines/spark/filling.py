"""The buckets of a snapshot written by a cluster: rows dealt by customer, then each bucket sorted by one executor."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import LAKE_COLUMNS, write_bucket
from tenure.pipelines.lake.people import people_file, write_people
from tenure.pipelines.lake.pieces import Pieces, deal
from tenure.pipelines.lake.texts import write_texts
from tenure.pipelines.settings.text import Text
from tenure.pipelines.sources.quoting import identifier, literal, literals
from tenure.pipelines.spark.exchange import joined
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.workspace import workspace


@dataclass(frozen=True)
class Filled:
    """Who lies in a bucket, and how many distinct texts were read in it."""

    customers: int
    texts: int


def spread_on_cluster(
    cluster: Cluster, engine: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[Path]], *, buckets: int
) -> dict[str, Pieces]:
    """Deal the usable rows of all sources by customer; `files` and pieces by kind of row."""
    none = {into: _no_rows(engine, into, held) for into, held in files.items()}
    asked = [(into, none[into], file) for into, held in files.items() for file in held]
    done = dict(cluster.each(partial(spread_file, cluster.folder, buckets), [one[1:] for one in asked]))
    pieces = {}
    for into, sql in none.items():
        empty = deal(engine, f"select *, 0 as bucket from ({sql})", cluster.folder / f"no-{into}", buckets)
        pieces[into] = joined([empty, *(done[place] for place, one in enumerate(asked) if one[0] == into)])
    return pieces


def spread_file(shared: Path, buckets: int, asked: tuple[str, Path]) -> Pieces:
    """Deal the rows of one file; SQL for no rows gives them the columns that other files have."""
    none, file = asked
    with workspace(shared) as work:
        rows = f"{none} union all by name from read_parquet({literal(file)})"
        bucket = f"(md5_number_lower(customer_id) % {buckets})::integer"
        return deal(work.engine, f"select *, {bucket} as bucket from ({rows})", work.out / "pieces", buckets)


def fill_on_cluster(
    cluster: Cluster, pieces: Mapping[str, Pieces], folder: Path, *, buckets: int, text: Text | None
) -> list[Filled]:
    """Write the files of all buckets into the `folder` of a snapshot; texts are read where there are settings."""
    work = partial(fill_bucket, cluster.folder, dict(pieces), folder, text)
    found = dict(cluster.each(work, range(buckets)))
    return [found[bucket] for bucket in range(buckets)]


def fill_bucket(shared: Path, pieces: Mapping[str, Pieces], folder: Path, text: Text | None, bucket: int) -> Filled:
    """Write all files of one bucket on an executor; they appear whole, and those of a second attempt are the same."""
    with workspace(shared) as work:
        for into in LAKE_COLUMNS:
            write_bucket(work.engine, into, pieces[into], bucket, work.out)
        write_people(work.engine, work.out, bucket)
        customers = pq.read_metadata(people_file(work.out, bucket)).num_rows
        texts = write_texts(work.out, bucket, text, cache=work.own / "embeddings.sqlite") if text is not None else 0
        for file in sorted(work.out.iterdir()):
            os.replace(file, folder / file.name)
        return Filled(customers, texts)


def _no_rows(engine: duckdb.DuckDBPyConnection, into: str, files: Sequence[Path]) -> str:
    """SQL for no rows, with the columns of all files."""
    columns = LAKE_COLUMNS[into]
    if files:
        read = f"read_parquet({literals(files)}, union_by_name = true)"
        columns = {row[0]: row[1] for row in engine.execute(f"describe select * from {read}").fetchall()}
    return f"select {', '.join(f'null::{kind} as {identifier(name)}' for name, kind in columns.items())} where false"
