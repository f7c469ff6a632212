"""Where an executor works: DuckDB that spills to the executor's own disk, and a folder for what others shall read."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tenure.pipelines.sources.engine import open_engine


@dataclass(frozen=True)
class Workspace:
    """DuckDB with one thread; `own` is a folder that goes when the work ends, `out` stays and all machines see it.

    No two attempts at a piece of work share a folder, so one that was given up cannot write into the next.
    """

    engine: duckdb.DuckDBPyConnection
    own: Path
    out: Path


@contextmanager
def workspace(shared: Path, *, folders: Iterable[Path] = ()) -> Iterator[Workspace]:
    """A place to work, with new folders; what lies in `shared` and in `folders` can be read."""
    out = shared / f"made-{secrets.token_hex(6)}"
    out.mkdir()
    with tempfile.TemporaryDirectory(prefix="tenure-") as own:
        place = Path(own)
        with open_engine(place, folders=[shared, *folders], threads=1) as engine:
            yield Workspace(engine, place, out)
