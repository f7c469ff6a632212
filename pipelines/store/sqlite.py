"""The embedded store. Everything SQLite needs to be safe under several processes is in this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from tenure.pipelines.decisions.hold_out import limit, lot

BUSY_MILLISECONDS = 20_000
CACHE_KIBIBYTES = 32_000

READING = {"tenure_read_only": True}
FOLLOWING = {"tenure_follows": True}


def file_in(data: Path) -> Path:
    """The file of the embedded store in a project's data folder."""
    return data / "store.sqlite"


def engine_of(file: Path) -> Engine:
    """The engine of a file. Every transaction takes the write lock when it begins, unless it says that it reads."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and too late
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # what was acknowledged outlives a power cut
        f"cache_size = -{CACHE_KIBIBYTES}",
        "foreign_keys = ON",
    ):
        connection.execute(f"pragma {pragma}")
    connection.create_function("held_out_by", 3, _held_out_by, deterministic=True)


def _held_out_by(salt: str, share: float, customer_id: str) -> bool:
    """What the other database can work out by itself."""
    return lot(salt, customer_id) < limit(share)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("tenure_follows", False):
        connection.exec_driver_sql("begin" if options.get("tenure_read_only", False) else "begin immediate")
