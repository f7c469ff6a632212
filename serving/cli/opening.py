"""Opening a project for a command: its file, its store, its data, and what time it is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Engine

from tenure.models.preflight import preflight
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.privacy.objecting import not_profiled
from tenure.pipelines.promotion.changing import finish_interrupted
from tenure.pipelines.registry import Registered, Registry, model_name
from tenure.pipelines.scoring.golden import COMMAND
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.treatments import contacts_of
from tenure.serving.cli.console import step

Config = Annotated[Path, typer.Argument(help="The project file, or its folder.")]
OutcomeName = Annotated[str | None, typer.Option("--outcome", help="The outcome; left out: the primary one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]

DEFAULT = Path("tenure.toml")


@dataclass(frozen=True)
class Opened:
    """A project whose sources have been brought in."""

    project: Project
    store: Engine
    snapshot: Snapshot

    def study(self, outcome: str | None, *, sample: float = 1.0) -> Study:
        """The study of an outcome, for everybody or for a share of the customers."""
        with reading(self.store) as connection:
            contacts = contacts_of(connection, self.project)
            objectors = not_profiled(connection, self.project, self.snapshot)
        return Study.of(self.project, self.snapshot, outcome, sample=sample, contacts=contacts, objectors=objectors)

    def today(self, study: Study) -> dt.date:
        """The day whose midnight is now: of the data with `clock = "data"`, else of the wall clock."""
        if self.project.project.clock == "data":
            return study.watermark
        return now().astimezone(ZoneInfo(self.project.timezone)).date()

    def champion(self, study: Study, *, tried: str | None = None) -> tuple[Registered, ScoringModel]:
        """The model in use for an outcome, tried in a child process unless this command has just `tried` it."""
        finish_interrupted(self.project, self.store, study.name, now=now())
        registered = Registry(self.project.data).with_alias(model_name(self.project.name, study.name))
        if registered.label != tried:
            preflight(registered.directory, command=COMMAND)
        return registered, open_model(registered.directory)


def now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


def open_project(config: Path, *, quiet: bool = False) -> Opened:
    """Read the project file and bring its sources in; unchanged sources are not read again."""
    project = load_project(config)
    store = project_store(project)
    with step(f"bringing in {project.name}", quiet=quiet) as work:
        snapshot = import_sources(project, now=now(), store=store, progress=work.say)
        work.summary = f"{snapshot.rows:,} interactions of {snapshot.customers:,} customers"
    return Opened(project, store, snapshot)


def parse_day(text: str | None) -> dt.date | None:
    """A date from the command line."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date such as 2017-12-04") from None
