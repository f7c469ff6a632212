"""A store of an earlier release is brought up to date; one of a later release is left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, select, update

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.ledger import looks
from tenure.pipelines.store.migrating import FIRST, NEWEST, StoreIsNewer, bring_up_to_date, scripts
from tenure.pipelines.store.schema import metadata, version


def held(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection.scalar(select(version.c.version_num))


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, metadata)
    return [one for one in found if one[0] != "add_table" or one[1].name != version.name]  # Alembic's own table


def first_release(engine: Engine) -> None:
    """Make the store what the first release left behind: its tables, and no version."""
    with engine.begin() as connection:
        metadata.drop_all(connection)
        with Operations.context(MigrationContext.configure(connection)):
            scripts().get_revision(FIRST).module.upgrade()


def test_a_new_store_has_the_newest_version_and_all_tables(engine: Engine) -> None:
    assert held(engine) == NEWEST == scripts().get_current_head()
    assert differences(engine) == []


def test_a_store_of_the_first_release_is_brought_to_the_same_tables(engine: Engine) -> None:
    first_release(engine)
    bring_up_to_date(engine)
    assert held(engine) == NEWEST
    assert differences(engine) == []
    assert looks(engine, "lapse") == []


def test_a_store_of_a_later_release_is_refused_and_left_as_it_is(engine: Engine, project: Project) -> None:
    with engine.begin() as connection:
        connection.execute(update(version).values(version_num="9999"))
    with pytest.raises(StoreIsNewer, match="version 9999 and this release of Tenure knows up to"):
        project_store(project)
    assert held(engine) == "9999"


def test_processes_that_open_a_store_together_make_it_once(engine: Engine, project: Project) -> None:
    first_release(engine)
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: project_store(project), range(4)))
    assert [held(each) for each in opened] == [NEWEST] * 4
    for each in opened:
        each.dispose()
