"""The store in a PostgreSQL database. Everything that PostgreSQL needs of its own is in this file."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.store import Store

READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
FOLLOWING: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}


LOCK_SECONDS = 20
"""The longest wait for another transaction, as in the embedded store."""


class StoreUnreachable(RuntimeError):
    """The database of the store has no address, no driver, or does not answer."""


def namespace_of(project: Project) -> str:
    """The schema in which the tables of a project lie."""
    return project.store.namespace or f"tenure_{project.name}"


def engine_of(store: Store, namespace: str, *, making: bool = True) -> Engine:
    """The engine of the database whose address is in the environment variable `store.postgres`.

    The schema is made where it is missing, unless only looked for. Raises `StoreUnreachable` with the remedy.
    """
    address = _address(store.postgres or "")
    try:
        engine = create_engine(
            address,
            pool_size=store.connections,
            max_overflow=0,
            pool_timeout=store.wait_seconds,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": store.wait_seconds,
                "tcp_user_timeout": store.wait_seconds * 1000,
                "application_name": "tenure",
            },
        )
    except ModuleNotFoundError as error:
        raise StoreUnreachable(
            "[store] postgres: the driver is missing; install it with `pip install 'tenure[postgres]'`"
        ) from error
    weakref.finalize(engine, engine.pool.dispose)  # a server should see its connections closed, not lost
    event.listen(engine, "connect", _Prepare(namespace))
    try:
        with engine.begin() as connection:
            wait_for_turn(connection)
            if making and connection.scalar(text("select to_regnamespace(:name)"), {"name": namespace}) is None:
                connection.exec_driver_sql(f'create schema "{namespace}"')
    except OperationalError as error:
        said = " ".join(str(error.orig).split())[:300]
        raise StoreUnreachable(
            f"[store] postgres: no connection to {address.render_as_string(hide_password=True)}, the address in "
            f"${store.postgres}: {said}"
        ) from error
    return engine


def wait_for_turn(connection: Connection, turn: str = "") -> None:
    """Wait until no other transaction of this namespace that waited for the same turn is under way."""
    name = f"{connection.info['tenure_namespace']}/{turn}"
    key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})


def copy_rows(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Append rows by COPY, a tenth of the time of inserts. JSON is given as text."""
    driver: Any = connection.connection.driver_connection
    columns = ", ".join(f'"{name}"' for name in names)
    with driver.cursor() as cursor, cursor.copy(f'copy "{table.name}" ({columns}) from stdin') as copy:
        for row in rows:
            copy.write_row(row)


@dataclass(frozen=True)
class _Prepare:
    """What is done to a new connection: its tables are those of the namespace, its times are in UTC."""

    namespace: str

    def __call__(self, connection: Any, record: Any) -> None:
        record.info["tenure_namespace"] = self.namespace
        with connection.cursor() as cursor:
            cursor.execute(f'set search_path to "{self.namespace}"')
            cursor.execute("set timezone to 'UTC'")
            cursor.execute(f"set lock_timeout to '{LOCK_SECONDS}s'")
        connection.commit()


def _address(variable: str) -> URL:
    found = os.environ.get(variable)
    if not found:
        raise StoreUnreachable(
            f"[store] postgres: the environment variable {variable} is not set; "
            f"export {variable}='postgresql://user:password@host/database'"
        )
    try:
        return make_url(found).set(drivername="postgresql+psycopg")
    except ArgumentError:
        raise StoreUnreachable(
            f"[store] postgres: ${variable} is no address; expected postgresql://user:password@host/database"
        ) from None
