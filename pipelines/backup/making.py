"""Making a backup while the project is in use."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.access.erasures import ledger_of, read_ledger
from tenure.pipelines.backup.archive import Writer, writing_archive
from tenure.pipelines.backup.tables import dump_tables
from tenure.pipelines.lake.snapshot import lake_folder
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.erasures import forget_backup, note_backup
from tenure.pipelines.store.migrating import version_of
from tenure.pipelines.store.tables import snapshots

REGISTRY, DATABASE = "registry", "mlflow.sqlite"
TRIES = 5
"""How often a lake that moves on while its files are held is looked at again."""


class LakeMovesOn(RuntimeError):
    """Imports replaced the snapshots faster than they could be held."""


def make_backup(
    project: Project, project_file: Path, store: Engine, target: Path, *, now: dt.datetime, say: Callable[[str], None]
) -> dict[str, Any]:
    """Write everything that the project has built into the file `target`; what is in it, in numbers.

    Store, lake, registry, artefacts, keys, fetched tables, the project file and its modules. The store is
    read in one transaction, and the files of the snapshots it names are held by links; the service
    goes on, and so do imports. Caches and the files that sources name are left out.
    """
    project.data.mkdir(parents=True, exist_ok=True)
    with (
        ExitStack() as unless_done,
        tempfile.TemporaryDirectory(prefix=".backup-", dir=project.data) as scratch,
        writing_archive(target) as writer,
    ):
        folder = Path(scratch)
        note_backup(store, target.name, now=now)  # before the store is read: what is restored from it knows of it
        unless_done.callback(forget_backup, store, now=now)
        say("reading the store")
        about = _hold(project, store, folder)
        say("copying the registry")
        registry = _copy_registry(project.data / REGISTRY, folder)
        for file in _files(folder):
            writer.add(file.relative_to(folder).as_posix(), file)
        say("copying models, keys and fetched tables")
        if registry:
            _add_folder(writer, project.data / REGISTRY / "artifacts", f"{REGISTRY}/artifacts")
        Pseudonyms(project.data)  # without their key nobody who is erased later could be known again
        for name in ("keys", "feeds", "rosters"):
            _add_folder(writer, project.data / name, name)
        _add_project(writer, project, project_file)
        about |= {"project": project.name, "project_file": project_file.name, "made_at": now.isoformat()}
        about |= {"erasures": read_ledger(ledger_of(project)).mark()}
        writer.finish({"tenure": version("tenure"), **about})
        unless_done.pop_all()
    return about


def _hold(project: Project, store: Engine, folder: Path) -> dict[str, Any]:
    """Dump the store and link the files of its snapshots, all of one state."""
    for _ in range(TRIES):
        tables = folder / "store"
        tables.mkdir(exist_ok=True)
        with reading(store) as connection:
            about = {"store_version": version_of(connection), "tables": dump_tables(connection, tables)}
            names = list(connection.scalars(select(snapshots.c.snapshot_id).order_by(snapshots.c.snapshot_id)))
        try:
            for name in names:
                _link(lake_folder(project) / name, folder / "lake" / name)
        except FileNotFoundError:  # an import swept a snapshot in between: look again
            shutil.rmtree(folder / "lake", ignore_errors=True)
            continue
        return about | {"snapshots": names}
    raise LakeMovesOn(f"the lake changed {TRIES} times while its files were being held; try again when no import runs")


def _link(folder: Path, target: Path) -> None:
    for file in [folder, *sorted(folder.rglob("*"))]:
        place = target / file.relative_to(folder)
        if file.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        elif not place.exists():
            os.link(file, place)
    if not folder.is_dir():
        raise FileNotFoundError(folder)


def _copy_registry(registry: Path, folder: Path) -> bool:
    """Copy the registry's database in one transaction; its artefacts are there before it names them, and stay."""
    if not (registry / DATABASE).is_file():
        return False
    (folder / REGISTRY).mkdir()
    with (
        closing(sqlite3.connect(registry / DATABASE)) as old,
        closing(sqlite3.connect(folder / REGISTRY / DATABASE)) as new,
    ):
        old.backup(new)
    return True


def _add_project(writer: Writer, project: Project, project_file: Path) -> None:
    writer.add_bytes(f"project/{project_file.name}", project_file.read_bytes())
    for module in project.features.modules:
        writer.add_bytes(f"project/{module}", (project.root / module).read_bytes())


def _add_folder(writer: Writer, folder: Path, name: str) -> None:
    for file in _files(folder):
        if file.suffix != ".unfinished":
            writer.add(f"{name}/{file.relative_to(folder).as_posix()}", file)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())
