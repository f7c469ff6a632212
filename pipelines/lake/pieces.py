"""Rows on their way into buckets: read once as a stream, dealt by bucket, kept as pieces on the disk.

A piece is an Arrow file with one batch for each bucket. It is written when some rows have come
together, so what is in memory at once does not grow with the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenure.pipelines.sources.engine import threads_of

BATCH = 16_384
"""Rows fetched at once; a text of the rows may be long."""
PIECE_BYTES = 128 << 20
ROWS_A_BATCH = 4_096
"""A piece has at least so many rows for each bucket (unless they are long), so that a batch is worth its head."""


@dataclass(frozen=True)
class Pieces:
    """The pieces of rows with a `schema`: `files` hold a batch for each bucket, `rows` counts the rows of each."""

    schema: pa.Schema
    rows: NDArray[np.int64]
    files: list[Path] = field(default_factory=list)

    def batches(self, bucket: int) -> Iterator[pa.RecordBatch]:
        """The rows of a bucket."""
        for file in self.files:
            with pa.memory_map(str(file)) as source:
                batch = pa.ipc.open_file(source).get_batch(bucket)
                if len(batch):
                    yield batch

    def reader(self, bucket: int) -> pa.RecordBatchReader:
        """The rows of a bucket as a stream."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches(bucket))


def spread(engine: duckdb.DuckDBPyConnection, rows: str, *, folder: Path, buckets: int) -> Pieces:
    """Write the `rows` (SQL) as pieces into `folder`. The table `customers` (customer_id, bucket) must exist."""
    return deal(engine, f"select r.*, c.bucket from {rows} r join customers c using (customer_id)", folder, buckets)


def deal(engine: duckdb.DuckDBPyConnection, query: str, folder: Path, buckets: int) -> Pieces:
    """Write the rows of a query as pieces into `folder`; its column `bucket` says where a row belongs.

    Where the engine has more than one thread, one piece is written while the rows of the next are read.
    """
    alone = threads_of(engine) == 1
    reader = engine.sql(query).to_arrow_reader(BATCH)
    schema = reader.schema.remove(reader.schema.get_field_index("bucket"))
    pieces = Pieces(schema, np.zeros(buckets, dtype=np.int64))
    folder.mkdir(exist_ok=True)
    tables = _gathered(reader, max(1 << 20, ROWS_A_BATCH * buckets))
    with ThreadPoolExecutor(1) as writer:
        under_way: Future[NDArray[np.int64]] | None = None
        for number, table in enumerate(tables):
            pieces.files.append(folder / f"{number:05d}.arrow")
            if under_way is not None:
                pieces.rows[:] += under_way.result()
            under_way = writer.submit(_write, table, pieces.files[-1], buckets)
            if alone:
                wait([under_way])  # one core either reads or writes, and need not hold two pieces
        if under_way is not None:
            pieces.rows[:] += under_way.result()
    return pieces


def _gathered(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Batches together, as many as make `rows` rows or `PIECE_BYTES` bytes."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= rows or sum(b.nbytes for b in held) >= PIECE_BYTES:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _write(table: pa.Table, file: Path, buckets: int) -> NDArray[np.int64]:
    """Write one piece, and say how many rows it has of each bucket."""
    bucket = table["bucket"].to_numpy().astype(np.uint16 if buckets <= 1 << 16 else np.int64)
    order = np.argsort(bucket, kind="stable")  # 16 bits are sorted by radix
    edges = np.searchsorted(bucket[order], np.arange(buckets + 1))
    dealt = table.drop_columns(["bucket"]).combine_chunks().take(pa.array(order)).combine_chunks()
    [whole] = dealt.to_batches() or [pa.RecordBatch.from_pylist([], dealt.schema)]
    with pa.ipc.new_file(str(file), whole.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        for start, end in pairwise(edges):
            writer.write_batch(whole.slice(start, end - start))
    return np.diff(edges)
