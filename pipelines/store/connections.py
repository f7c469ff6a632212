"""The ways to hold a connection to the store; what a database needs of its own is in its file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

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


@contextmanager
def alone(engine: Engine, turn: str = "") -> Iterator[Connection]:
    """A transaction that no other of the same `turn` overlaps: for what reads, decides and then writes."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            postgres.wait_for_turn(connection, turn)
        yield connection
