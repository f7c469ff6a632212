"""Opening the store. Everything SQLite needs to be safe under several processes is in this file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect

from tenure.pipelines.store.tables import metadata

BUSY_MILLISECONDS = 20_000
CACHE_KIBIBYTES = 32_000


def open_store(data: Path) -> Engine:
    """Open (and at first create) the store of a project whose data folder is `data`."""
    data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{data / 'store.sqlite'}")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    with reading(engine) as connection:
        known = set(inspect(connection).get_table_names())
    if not known.issuperset(metadata.tables):  # only then wait for the write lock
        with engine.begin() as connection:
            metadata.create_all(connection)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads: it takes no write lock and waits for nobody."""
    with engine.connect().execution_options(tenure_read_only=True) as connection:
        yield connection


def following(engine: Engine) -> Connection:
    """A connection to keep for reading: every statement by itself sees the newest state.

    For the look-up that is asked all day; a transaction around one statement would cost it twice its time.
    """
    return engine.connect().execution_options(tenure_follows=True)


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and too late
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"cache_size = -{CACHE_KIBIBYTES}",
        "foreign_keys = ON",
    ):
        connection.execute(f"pragma {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("tenure_follows", False):
        connection.exec_driver_sql("begin" if options.get("tenure_read_only", False) else "begin immediate")
