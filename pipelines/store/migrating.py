"""Bringing the tables of a store from an earlier release up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, delete, insert, inspect, select

from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.schema import metadata, version

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

FIRST = "0001"
"""The tables as they were before stores had a version."""

NEWEST = "0013"
"""The version that this release reads and writes: the last file in `versions`."""

VERSIONS = Path(__file__).with_name("versions")


class StoreIsNewer(RuntimeError):
    """The store was written by a later release."""


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables of an empty store, or migrate those of an earlier release, in one transaction.

    A store that is up to date is only read; `StoreIsNewer` where the version is none of ours.
    """
    with reading(engine) as connection:
        if _stamp(connection) == NEWEST:
            return
    with alone(engine) as connection:
        found = version_of(connection)  # another process may have been faster
        if found is None:
            metadata.create_all(connection)
        elif found != NEWEST:
            _migrate(connection, found)
        version.create(connection, checkfirst=True)
        connection.execute(delete(version))
        connection.execute(insert(version).values(version_num=NEWEST))


def version_of(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    return _stamp(connection) or (FIRST if inspect(connection).has_table("snapshots") else None)


def _stamp(connection: Connection) -> str | None:
    if not inspect(connection).has_table(version.name):
        return None
    found: str | None = connection.scalar(select(version.c.version_num))
    return found


def newer_than_ours(held: str | None) -> bool:
    """Whether tables have a version that this release does not know."""
    return held is not None and held not in {step.revision for step in scripts().walk_revisions()}


def scripts() -> ScriptDirectory:
    """The migrations, as Alembic walks them."""
    from alembic.config import Config  # only who migrates waits for this import
    from alembic.script import ScriptDirectory

    config = Config()
    for name, place in (("script_location", VERSIONS.parent), ("version_locations", VERSIONS)):
        config.set_main_option(name, str(place).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _migrate(connection: Connection, found: str) -> None:
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script.revision import ResolutionError

    try:
        steps = list(scripts().iterate_revisions(NEWEST, found))
    except ResolutionError:
        raise StoreIsNewer(
            f"the store has version {found} and this release of Tenure knows up to {NEWEST}; install the release "
            "that wrote it, or a later one"
        ) from None
    with Operations.context(MigrationContext.configure(connection)):
        for step in reversed(steps):
            step.module.upgrade()
