"""Opening the store: the embedded one, or the database that the project file names."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store import postgres, sqlite
from tenure.pipelines.store.migrating import StoreIsNewer, bring_up_to_date


def project_store(project: Project) -> Engine:
    """Open the store that the project file names, bringing its tables up to date."""
    if project.store.postgres is None:
        return open_store(project.data)
    return _current(postgres.engine_of(project.store, postgres.namespace_of(project)))


def store_as_found(project: Project) -> Engine | None:
    """The store as it is, nothing made and nothing brought up to date; None where there is no file yet."""
    if project.store.postgres is not None:
        return postgres.engine_of(project.store, postgres.namespace_of(project), making=False)
    file = sqlite.file_in(project.data)
    return sqlite.engine_of(file) if file.is_file() else None


def open_store(data: Path) -> Engine:
    """Open (and at first create) the embedded store of a project whose data folder is `data`."""
    data.mkdir(parents=True, exist_ok=True)
    return _current(sqlite.engine_of(sqlite.file_in(data)))


def _current(engine: Engine) -> Engine:
    try:
        bring_up_to_date(engine)
    except StoreIsNewer:
        engine.dispose()
        raise
    return engine
