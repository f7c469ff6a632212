"""The sets: project files and nothing else. A set whose data are not there says so."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import tomli_w
from replay_feed import absolute

from tenure.pipelines.examples.cutoffs import development_origins, report_origins
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.sources.files import SourceFileError
from tenure.pipelines.store.engine import open_store

PROJECTS = Path(__file__).resolve().parents[2] / "projects"
DEMO = Path(str(files("tenure.serving.demo")))
OWN_HISTORY = Path(__file__).resolve().with_name("own_history.py")
NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


class Absent(LookupError):
    """The data of a set are not there."""


class NoSuchSet(ValueError):
    """A set was asked for that there is none of."""


def project_files() -> dict[str, Path]:
    """Every project file by its name, in order."""
    return {file.stem: file for file in sorted([*PROJECTS.glob("*.toml"), *DEMO.glob("*.toml")])}


def questions(wanted: list[str] | None, project_of: dict[str, Path]) -> dict[str, list[str]]:
    """The outcomes asked for, by set: `NAME` means all of a set, `NAME/OUTCOME` one; nothing means everything."""
    every = {name: list(tomllib.loads(file.read_text("utf-8"))["outcome"]) for name, file in project_of.items()}
    chosen: dict[str, list[str]] = {}
    for asked in wanted or every:
        name, _, outcome = asked.partition("/")
        if name not in every or (outcome and outcome not in every[name]):
            known = ", ".join(f"{one}/{each}" for one, outcomes in every.items() for each in outcomes)
            raise NoSuchSet(f"{asked!r}: there is no such set or outcome; there are {known}")
        chosen.setdefault(name, []).extend([outcome] if outcome else every[name])
    return chosen


def opened(file: Path, folder: Path, outcomes: list[str], *, sample: float = 1.0) -> Iterator[Study]:
    """The studies of a project file, its data brought into `folder`; raises `Absent` where they are not there.

    The own history that simple rivals look at is described beside the project's features.
    """
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    for source in content["source"]:
        source["files"] = absolute(source["files"], file.parent)
    content.setdefault("features", {}).setdefault("modules", []).append(str(OWN_HISTORY))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tenure.toml").write_text(tomli_w.dumps(content), encoding="utf-8")
    project = load_project(folder)
    store = open_store(project.data)
    try:
        snapshot = import_sources(project, now=NOW, store=store)
    except SourceFileError as missing:
        raise Absent(str(missing)) from missing
    finally:
        store.dispose()
    for outcome in outcomes:
        yield Study.of(project, snapshot, outcome, sample=sample)


def origins_of(study: Study, *, development: bool) -> list[dt.date]:
    """The report origins of a study, or those for work."""
    return development_origins(study) if development else report_origins(study)
