"""Provenance: of which files, read in which way, a snapshot was made; what a later import may build on."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tenure.pipelines.lake.fingerprint import LAYOUT
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.source import DELIVERED
from tenure.pipelines.sources.files import FileSet
from tenure.pipelines.sources.views import Tests

NAME = "provenance.json"

Stamp = tuple[str, int, int]
"""A file: its path, size and age."""


@dataclass(frozen=True)
class ViewRead:
    """How the files of one name were read: their stamps, the type of each column, and the tests behind the types."""

    stamps: tuple[Stamp, ...]
    types: dict[str, str]
    tests: Tests
    hive: bool


@dataclass(frozen=True)
class Provenance:
    """What a snapshot was made of; `texts` is the digest of how its texts were read, empty where they were not.

    `caseless` are the sources in which rows with a case had no customer of their own; `dated_now` those
    with profiles that were given the date of the import.
    """

    settings: str
    now: str
    views: dict[str, dict[str, ViewRead]]
    caseless: tuple[str, ...] = ()
    dated_now: tuple[str, ...] = ()
    texts: str = ""

    def write(self, folder: Path) -> None:
        """Write it into the folder of its snapshot."""
        (folder / NAME).write_text(json.dumps(asdict(self), default=str), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Provenance | None:
        """The provenance of a snapshot, None where it was not kept."""
        file = folder / NAME
        if not file.is_file():
            return None
        held = json.loads(file.read_text(encoding="utf-8"))
        views = {s: {n: _view(v) for n, v in found.items()} for s, found in held["views"].items()}
        caseless, dated = tuple(held["caseless"]), tuple(held["dated_now"])
        return cls(held["settings"], held["now"], views, caseless, dated, held.get("texts", ""))


@dataclass(frozen=True)
class NewFiles:
    """What came since a snapshot: new files of interactions by source, and sources to be read again as a whole."""

    interactions: dict[str, tuple[FileSet, ...]] = field(default_factory=dict)
    profiles: bool = False


class NotAppended(Exception):
    """New data that cannot simply be added to what was imported before; says why."""


def settings_digest(project: Project) -> str:
    """A digest of all settings by which sources are read."""
    periods = (project.retention.interactions_days, project.retention.texts_days)
    kept = [list(periods)] if any(periods) else []
    settings = [LAYOUT, project.timezone, [s.model_dump(mode="json") for s in project.source], *kept]
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def stamps(files: FileSet) -> tuple[Stamp, ...]:
    """The stamps of some files."""
    return tuple((str(p), (stat := p.stat()).st_size, stat.st_mtime_ns) for p in files.paths)


def new_files(
    before: Provenance, project: Project, files: Mapping[str, tuple[FileSet, ...]], now: dt.datetime
) -> NewFiles:
    """What is new since a snapshot; raises `NotAppended` where old files or settings changed."""
    if before.settings != settings_digest(project):
        raise NotAppended("the sources are configured otherwise")
    if now < dt.datetime.fromisoformat(before.now):
        raise NotAppended("the clock was set back")
    added: dict[str, tuple[FileSet, ...]] = {}
    profiles = False
    for source in project.source:
        sets = {one.name: one for one in files[source.name]}
        fresh = {name: _fresh(before.views[source.name].get(name), one) for name, one in sets.items()}
        if all(found is not None and not found.paths for found in fresh.values()):
            continue
        if source.into == "identities":
            raise NotAppended(f"identities changed ({source.name})")
        if source.into == "profiles":
            profiles = True
            continue
        if any(found is None for found in fresh.values()):
            raise NotAppended(f"files of {source.name} that were read before changed or went away")
        if source.told_twice:
            if any(found is not None and found.paths for name, found in fresh.items() if name != DELIVERED):
                raise NotAppended(f"new files of {source.name} may tell again what was delivered")
            sets = {DELIVERED: sets[DELIVERED]}
            fresh = {DELIVERED: fresh[DELIVERED]}
        if len(sets) > 1:
            raise NotAppended(f"{source.name} reads from more than one set of files")
        added[source.name] = tuple(found for found in fresh.values() if found is not None)
    return NewFiles(added, profiles or _dated_otherwise(before, project, now))


def _fresh(before: ViewRead | None, files: FileSet) -> FileSet | None:
    """The files that are new, None where not all old ones are as they were."""
    if before is None or before.hive != files.hive:
        return None
    old, now = set(before.stamps), dict(zip(files.paths, stamps(files), strict=True))
    if old - set(now.values()):
        return None
    return FileSet(files.name, tuple(p for p, stamp in now.items() if stamp not in old), files.form, files.hive)


def _dated_otherwise(before: Provenance, project: Project, now: dt.datetime) -> bool:
    """Whether profiles without a date would get another one today."""
    zone, then = ZoneInfo(project.timezone), dt.datetime.fromisoformat(before.now)
    return bool(before.dated_now) and now.astimezone(zone).date() != then.astimezone(zone).date()


def _view(held: dict[str, Any]) -> ViewRead:
    tests = {name: tuple(found) for name, found in held["tests"].items()}
    return ViewRead(tuple((p, s, t) for p, s, t in held["stamps"]), held["types"], tests, held["hive"])
