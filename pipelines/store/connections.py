"""The ways to hold a connection to the store; what a database needs of its own is in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ClauseElement, Connection, Engine

from tenure.pipelines.store import postgres, sqlite


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that only reads, and sees one state: it takes no write lock and waits for nobody."""
    module = postgres if engine.dialect.name == "postgresql" else sqlite
    with engine.connect().execution_options(**module.READING) as connection:
        yield connection


def following(engine: Engine) -> Connection:
    """A connection to keep for reading: every statement by itself sees the newest state.

    For the look-up that is asked all day; a transaction around one statement would cost it twice its time.
    """
    module = postgres if engine.dialect.name == "postgresql" else sqlite
    return engine.connect().execution_options(**module.FOLLOWING)


class StoreAway(RuntimeError):
    """The store did not answer a question that was asked of its driver."""


class Question:
    """A statement asked all day, handed to the driver as it is: a third of the time of an ordinary execution.

    Gives plain tuples as the driver has them: JSON may come as text, and instants too.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}

    def ask(self, connection: Connection, names: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows; raises `StoreAway` where the driver fails, after which the connection is of no use."""
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=dialect)
            self._compiled[dialect.name] = str(compiled), compiled.positiontup
        sql, order = self._compiled[dialect.name]
        driver: Any = connection.connection.driver_connection
        try:
            given = names if order is None else [names[name] for name in order]
            return list(driver.execute(sql, given).fetchall())
        except dialect.loaded_dbapi.Error as error:
            raise StoreAway(f"the store does not answer ({type(error).__name__})") from error


@contextmanager
def alone(engine: Engine, turn: str = "") -> Iterator[Connection]:
    """A transaction that no other of the same `turn` overlaps: for what reads, decides and then writes."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            postgres.wait_for_turn(connection, turn)
        yield connection
