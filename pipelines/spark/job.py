"""A job: one function, called once for each of many pieces by the executors."""

from __future__ import annotations

import pickle
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.spark.failure import explained
from tenure.pipelines.spark.likeness import MARK, likeness, require_like
from tenure.pipelines.spark.parcel import pack, unpack
from tenure.pipelines.spark.session import open_session
from tenure.pipelines.spark.watch import watched

LOG = "spark.log"

Piece = TypeVar("Piece")
Made = TypeVar("Made")
Tell = Callable[[float], None]


@dataclass(frozen=True)
class Cluster:
    """A cluster at work in `folder`, which all its machines see under one path."""

    settings: Spark
    folder: Path

    def each(
        self, work: Callable[[Piece], Made], pieces: Sequence[Piece], *, tell: Tell | None = None
    ) -> Iterator[tuple[int, Made]]:
        """Call `work` for every piece; give its place and what came of it, and tell which share is done.

        Of Spark's retries nothing is seen here. An error of Tenure's own is raised as it is, without
        them; any other becomes one of those in `tenure.pipelines.spark.failure`.
        """
        if not pieces:
            return
        (self.folder / MARK).touch()
        session = open_session(self.settings, log=self.folder.parent / LOG)
        asked = pickle.dumps((work, list(pieces), dict(likeness()), self.folder))
        # the numbers come one a partition and count as sorted, so that grouping them moves nothing
        groups = session.range(0, len(pieces), 1, len(pieces)).withColumnRenamed("id", "piece").groupBy("piece")
        results = groups.applyInArrow(_answering(asked), "piece long, parcel binary")
        target = self.folder / f"results-{secrets.token_hex(4)}"
        with watched(session, self.settings, tell=tell or _silent) as watch:
            try:
                results.write.parquet(target.as_uri())
            except _spark_errors() as error:
                raise explained(error, self.settings, abandoned=watch.abandoned) from error
        for row in pq.read_table(target).to_pylist():
            made = unpack(row["parcel"], folder=self.folder)
            if isinstance(made, Raised):
                raise made.error
            yield row["piece"], made


@dataclass(frozen=True)
class Raised:
    """An error that would come again at every attempt."""

    error: Exception


def answer(work: Callable[[Any], Any], piece: Any, expected: Mapping[str, str], *, folder: Path, name: str) -> bytes:
    """What an executor gives back for one piece: its result, or the error of ours that it ended with."""
    try:
        require_like(expected, folder=folder)
        made = work(piece)
    except Exception as error:  # whatever is not ours goes on to Spark, which tries again
        if not type(error).__module__.startswith("tenure."):
            raise
        made = Raised(error)
    return pack(made, folder=folder, name=name)


def _answering(asked: bytes) -> Callable[[pa.Table], pa.Table]:
    def run(group: pa.Table) -> pa.Table:
        work, pieces, expected, folder = pickle.loads(asked)
        place = group["piece"][0].as_py()
        parcel = answer(work, pieces[place], expected, folder=folder, name=f"piece-{place:06d}")
        return pa.table({"piece": pa.array([place], pa.int64()), "parcel": pa.array([parcel], pa.binary())})

    return run


def _silent(_share: float) -> None:
    return None


def _spark_errors() -> tuple[type[Exception], ...]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError
