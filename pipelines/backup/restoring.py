"""Checking a backup, and bringing it back."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tenure.pipelines.access.erasures import BEGINNING, FILE, Erasure, Ledger, LedgerBroken, ledger_of, read_ledger
from tenure.pipelines.access.secret import keep_private, keys_folder
from tenure.pipelines.backup.archive import BackupDamaged, read_archive
from tenure.pipelines.backup.making import REGISTRY
from tenure.pipelines.backup.tables import empty_tables, filled, load_tables
from tenure.pipelines.privacy.replaying import replay_erasures
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.migrating import StoreIsNewer, newer_than_ours


class NotEmpty(ValueError):
    """There is something where the backup should go."""


def verify_backup(file: Path) -> dict[str, Any]:
    """Check every member of a backup, and that its tables can be read; the manifest."""
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=file.parent) as scratch:
        manifest = read_archive(file, Path(scratch))
        _check(file, manifest, Path(scratch))
    return manifest


def restore_backup(
    file: Path,
    into: Path,
    *,
    ledger: Path | None,
    project_file: Path | None = None,
    say: Callable[[str], None],
) -> Project:
    """Bring a backup back into the new folder `into`, and into the store of its project file, which must be empty.

    `ledger` is the ledger of erasures, kept outside of backups, without which people would come back who were
    forgotten meanwhile: whoever it names since the backup is erased again. None says that nobody was, which is refused
    where the backup itself knows of some.

    Everything is checked before anything is put in its place. With `project_file` that file takes the
    place of the one in the backup: its store may be in another database, its data in another folder.
    """
    if into.is_dir() and any(into.iterdir()):
        raise NotEmpty(f"{into} is not empty; give a new folder with --into")
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=into) as scratch:
        folder = Path(scratch)
        say("checking the backup")
        manifest = read_archive(file, folder)
        _check(file, manifest, folder)
        since = _forgotten(ledger, manifest)
        kept = folder / "project" / manifest["project_file"]
        if project_file is not None:
            shutil.copyfile(project_file, kept)
        project = load_project(kept).model_copy(update={"root": into.resolve()})
        if project.data.exists():
            raise NotEmpty(f"{project.data}, where the project file puts its data, exists already; move it away")
        with ExitStack() as unless_done:
            unless_done.callback(shutil.rmtree, project.data, ignore_errors=True)
            project.data.mkdir(parents=True)
            for name in ("lake", REGISTRY, "keys", "feeds", "rosters"):
                if (folder / name).exists():
                    shutil.move(folder / name, project.data / name)
            if keys_folder(project.data).exists():
                keep_private(project.data)
            say("filling the store")
            _fill(project, folder / "store", since, say)
            unless_done.pop_all()
        for part in (folder / "project").iterdir():
            shutil.move(part, into / part.name)
        if ledger is not None:
            shutil.copyfile(ledger, ledger_of(project))
    return project


def _forgotten(ledger: Path | None, manifest: dict[str, Any]) -> list[Erasure]:
    """Who was erased after the backup; raises where nobody can say."""
    mark = manifest.get("erasures", {"count": 0, "digest": BEGINNING})
    if ledger is not None and not ledger.is_file():
        raise LedgerBroken(f"{ledger}: no such ledger; it lies beside the project file as {FILE}")
    held = Ledger([], [BEGINNING]) if ledger is None else read_ledger(ledger)
    return held.since(mark)


def _check(file: Path, manifest: dict[str, Any], folder: Path) -> None:
    if newer_than_ours(manifest["store_version"]):
        raise StoreIsNewer(f"{file} was made by Tenure {manifest['tenure']}, whose store this release does not know")
    for name, rows in manifest["tables"].items():
        held = pq.read_metadata(folder / "store" / f"{name}.parquet").num_rows
        if held != rows:
            raise BackupDamaged(f"{file}: table {name} has {held} rows, the manifest says {rows}")
    for name in manifest["snapshots"]:
        if not (folder / "lake" / name).is_dir():
            raise BackupDamaged(f"{file}: the files of snapshot {name} are missing")


def _fill(project: Project, tables: Path, since: list[Erasure], say: Callable[[str], None]) -> None:
    """Fill the store, and erase again who was erased since; a store that cannot be finished is left empty."""
    store = project_store(project)
    try:
        with reading(store) as connection:
            taken = filled(connection)
        if taken is not None:
            raise NotEmpty(
                f"the store that the project file names is not empty: table {taken} has rows; give it another"
            )
        with alone(store) as connection:
            load_tables(connection, tables)
        try:
            replay_erasures(project, store, since, say=say)
        except (LedgerBroken, OSError):
            with alone(store) as connection:
                empty_tables(connection)
            raise
    finally:
        store.dispose()
