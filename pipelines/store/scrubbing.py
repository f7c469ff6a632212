"""Seeing to it that what was deleted is gone from the files of the database too."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy import Engine

TRIES, WAIT_SECONDS = 40, 0.25


class LogHeld(RuntimeError):
    """A reader keeps the log of the embedded store from being cut, so it may still hold what was deleted."""


def scrub(engine: Engine, tables: Iterable[str]) -> None:
    """Write the database anew without the rows that were deleted.

    The embedded store is rebuilt, with freed pages overwritten, and its log is cut to nothing; raises `LogHeld` where
    a reader holds on to the log. In PostgreSQL dead rows of `tables` are removed and their statistics taken again:
    the next dump has nothing of them, but pages and the server's own log are overwritten only in its own time.
    """
    if engine.dialect.name == "postgresql":
        _scrub_postgres(engine, tables)
    else:
        _scrub_sqlite(engine)


def _scrub_sqlite(engine: Engine) -> None:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("pragma secure_delete = on")
        driver.execute("vacuum")
        for _ in range(TRIES):
            busy = driver.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
            if not busy:
                return
            time.sleep(WAIT_SECONDS)
    raise LogHeld(
        "the rows are deleted, but somebody reads the store without end, so that its log cannot be cut and may hold "
        "them; end that reader and run `tenure erase` once more"
    )


def _scrub_postgres(engine: Engine, tables: Iterable[str]) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in sorted(tables):
            connection.exec_driver_sql(f'vacuum (analyze) "{name}"')
