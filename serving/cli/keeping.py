"""`tenure backup`, `verify`, `restore` and `upgrade`: what a project has built, kept safe."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.access.erasures import read_ledger
from tenure.pipelines.backup.making import make_backup
from tenure.pipelines.backup.restoring import restore_backup, verify_backup
from tenure.pipelines.lake.snapshot import newest_snapshots
from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.load import DEFAULT_NAME, load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now

Backup = Annotated[Path, typer.Argument(help="The file of a backup.")]


def backup_command(
    config: Config = DEFAULT,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; left out: NAME-TIME.tar here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Copy store, lake, models, keys and project file into one file, while everything is in use."""
    file = config / DEFAULT_NAME if config.is_dir() else config
    project = load_project(file)
    moment = now()
    target = to or Path(f"{project.name}-{moment:%Y%m%dT%H%M%SZ}.tar")
    with step(f"backing up {project.name}", quiet=as_json) as work:
        about = make_backup(project, file, project_store(project), target, now=moment, say=work.say)
        work.summary = f"backed up {project.name} to {target}, {target.stat().st_size / 1e6:,.1f} MB"
    if as_json:
        results.print_json(json.dumps({"file": str(target), **about}))


def verify_command(backup: Backup, as_json: AsJson = False) -> None:
    """Check that a backup is whole: every digest, every table."""
    with step(f"checking {backup}", quiet=as_json) as work:
        about = verify_backup(backup)
        work.summary = f"{backup} is whole: {_in_words(about)}"
    if as_json:
        results.print_json(json.dumps({name: value for name, value in about.items() if name != "members"}))


def restore_command(
    backup: Backup,
    into: Annotated[Path, typer.Option("--into", help="A new folder for the project.")],
    project_file: Annotated[
        Path | None, typer.Option("--project-file", help="Take this project file instead of the one in the backup.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", help="The ledger of erasures, which lies beside the lost project file.")
    ] = None,
    nothing_erased: Annotated[
        bool, typer.Option("--nothing-erased", help="Say that nobody was erased since the backup.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into a new folder, and its store, which must be empty."""
    if (ledger is None) == (not nothing_erased):
        raise typer.BadParameter(
            "people who were erased after the backup must not come back: give --ledger FILE, the newest "
            "erasures.ndjson of the project, or --nothing-erased where nobody was"
        )
    with step(f"restoring {backup}", quiet=as_json) as work:
        project = restore_backup(backup, into, ledger=ledger, project_file=project_file, say=work.say)
        store = project_store(project)
        said = "nobody was erased" if ledger is None else f"{len(read_ledger(ledger).erasures)} erasures"
        about = {"backup": backup.name, "ledger": said}
        at = now().astimezone(dt.UTC).replace(tzinfo=None)
        append_entries(store, [Entry(at, command_line(), "restore", detail=about)])
        store.dispose()
        work.summary = f"restored {project.name} into {into}"
    if as_json:
        results.print_json(json.dumps({"project": project.name, "folder": str(into)}))


def upgrade_command(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Bring the store and the registry of an earlier release up to date, and look whether all can be read."""
    project = load_project(config)
    with step(f"upgrading {project.name}", quiet=as_json) as work:
        found = newest_snapshots(project, project_store(project), limit=1)
        Registry(project.data).bring_up_to_date()
        work.summary = f"{project.name} is up to date" + (f", at snapshot {found[0].snapshot_id}" if found else "")
    if as_json:
        results.print_json(json.dumps({"project": project.name, "snapshot": found[0].snapshot_id if found else None}))


def _in_words(about: dict[str, Any]) -> str:
    rows = sum(about["tables"].values())
    return (
        f"{about['project']} as of {about['made_at'][:16]}, {len(about['members'])} files, {rows:,} rows of the store"
    )
