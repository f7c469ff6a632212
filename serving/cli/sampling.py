"""`tenure sample`: a few customers under other names, as a project of its own for a laptop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenure.pipelines.backup.sample import write_sample
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.settings.load import DEFAULT_NAME, load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened


def sample_command(
    config: Config = DEFAULT,
    out: Annotated[Path, typer.Option("--out", help="The folder to write; new or empty.")] = Path("sample"),
    customers: Annotated[int, typer.Option("--customers", help="How many customers.", min=1)] = 1_000,
    pseudonymous: Annotated[
        bool, typer.Option("--pseudonymous", help="Under other names, without texts; there is no other sample.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a project of some customers under other names, without texts, for work on a laptop."""
    if not pseudonymous:
        raise typer.BadParameter("a sample leaves the project only under other names; say --pseudonymous")
    project = load_project(config)
    store = project_store(project)
    file = config / DEFAULT_NAME if config.is_dir() else config
    opened = Opened(project, store, current_snapshot(project, store))
    objectors = opened.study(None).objectors
    found = write_sample(project, file, opened.snapshot, out, customers=customers, objectors=objectors)
    store.dispose()
    if as_json:
        results.print_json(json.dumps(found._asdict() | {"folder": str(out)}))
    else:
        notes.print(
            f"{out}: {found.interactions:,} interactions and {found.profiles:,} profiles of {found.customers:,} "
            "customers under other names; `tenure check` shows what is in it",
            markup=False,
        )
