"""A small project in a temporary folder, imported for real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
OUTCOME = {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28}}


class Lake:
    """Sources written as text, imported into a lake of their own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = NOW

    def write(self, name: str, text: str) -> str:
        """Write a file; lines may be indented."""
        lines = [line.strip() for line in text.strip().splitlines()]
        (self.root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return name

    def project(self, *sources: dict[str, Any], timezone: str = "UTC") -> Project:
        """A project with these sources."""
        content = {"project": {"name": "small", "timezone": timezone}, "source": list(sources), "outcome": OUTCOME}
        return parse_project(content, root=self.root)

    def load(self, *sources: dict[str, Any], timezone: str = "UTC") -> Snapshot:
        """Import these sources."""
        project = self.project(*sources, timezone=timezone)
        return import_sources(project, now=self.now, store=open_store(project.data))

    def one(self, text: str, select: str = "select * from source", **settings: Any) -> Snapshot:
        """Import one CSV text; every row may be quarantined unless told otherwise."""
        files = self.write("rows.csv", text)
        timezone = settings.pop("zone", "UTC")
        return self.load(
            {"name": "rows", "files": files, "select": select, "max_quarantined": 1, **settings}, timezone=timezone
        )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty folder to import from and into."""
    return Lake(tmp_path)


@pytest.fixture
def rows() -> Callable[..., list[Any]]:
    """Read columns of a snapshot's interactions as tuples, instants as text in UTC."""
    return lambda snapshot, *columns: _read([snapshot.interactions(b) for b in range(snapshot.buckets)], columns)


@pytest.fixture
def facts() -> Callable[..., list[Any]]:
    """Read columns of a snapshot's profiles as tuples."""
    return lambda snapshot, *columns: _read([snapshot.profiles(b) for b in range(snapshot.buckets)], columns)


@pytest.fixture
def reasons() -> Callable[[Snapshot], dict[str, int]]:
    """The reasons of the first source's quarantine."""
    return lambda snapshot: snapshot.sources[0].quarantined


def _read(files: list[Path], columns: tuple[str, ...]) -> list[Any]:
    table = pa.concat_tables([pq.read_table(f, columns=list(columns)) for f in files])
    found = list(zip(*([_plain(v) for v in table[c].to_pylist()] for c in columns), strict=True))
    return [row[0] for row in found] if len(columns) == 1 else found


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, dt.datetime) else value
