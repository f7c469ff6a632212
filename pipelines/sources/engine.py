"""Opening DuckDB for an import: bounded memory, no network, no files beside the ones named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tenure.pipelines.sources.quoting import literal, literals

MEMORY = "1500MB"


@contextmanager
def open_engine(
    scratch: Path, *, folders: Iterable[Path] = (), memory: str = MEMORY, threads: int | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection that spills into `scratch` and may touch only `scratch` and `folders`."""
    spill = scratch / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    allowed = sorted({str(f.resolve()) for f in (scratch, *folders)})
    try:
        for setting in (
            "TimeZone = 'UTC'",
            f"memory_limit = '{memory}'",
            f"threads = {threads or os.cpu_count() or 1}",
            "preserve_insertion_order = false",
            f"temp_directory = {literal(spill)}",
            f"allowed_directories = {literals(allowed)}",
            "enable_external_access = false",
        ):
            engine.execute(f"set {setting}")
        _without_bar(engine)
        _add_macros(engine)
        engine.execute("set lock_configuration = true")
        yield engine
    finally:
        engine.close()


@contextmanager
def open_bare(threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection for a question about files or tables at hand: nothing is installed or printed."""
    with duckdb.connect(config={"threads": threads, "autoinstall_known_extensions": False}) as engine:
        _without_bar(engine)
        yield engine


@contextmanager
def open_sealed() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection for expressions that others wrote: it touches no file and no network, and stays like that."""
    with duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}) as engine:
        _without_bar(engine)
        memory = f"memory_limit = '{MEMORY}'"
        for setting in ("TimeZone = 'UTC'", memory, "enable_external_access = false", "lock_configuration = true"):
            engine.execute(f"set {setting}")
        yield engine


def _without_bar(engine: duckdb.DuckDBPyConnection) -> None:
    """Switch off the bar that a query of two seconds prints on standard output, where a command's JSON goes.

    It is on unless somebody switched it off, and even naming the setting wants ipywidgets in a notebook then.
    """
    if engine.sql("select current_setting('enable_progress_bar')").fetchall()[0][0]:
        engine.execute("set enable_progress_bar = false")


def threads_of(engine: duckdb.DuckDBPyConnection) -> int:
    """How many threads a connection works with."""
    return int(engine.sql("select current_setting('threads')").fetchall()[0][0])


def _add_macros(engine: duckdb.DuckDBPyConnection) -> None:
    # ICU takes the later of two equal local times; the first one is right for the start of a
    # day, and is what Python's zoneinfo takes. A local time that never was moves forward.
    engine.execute("""create macro first_instant(local, zone) as (
        case when timezone(zone, timezone(zone, local) - interval 1 hour) = local
             then timezone(zone, local) - interval 1 hour else timezone(zone, local) end)""")
