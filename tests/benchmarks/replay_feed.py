"""A project's history as a feed: every row arrives on the day it could first be used, never sooner."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.sources.columns import INTERACTIONS, PROFILES
from tenure.pipelines.sources.quoting import literal, literals
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


@dataclass
class Feed:
    """Rows by source and by the day they become usable; `deliver` writes them for a project that lives on a day."""

    full: Study
    folder: Path
    content: dict[str, Any]
    rows: dict[str, pa.Table]
    until: dt.date | None = None

    @classmethod
    def of(cls, file: Path, folder: Path, **changes: dict[str, Any]) -> Feed:
        """The feed of a project, whose sources are brought in whole; `changes` replace sections of its file."""
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for source in content["source"]:
            source |= {"files": absolute(source["files"], file.parent)}
        content = _changed(content, changes)
        whole = folder / "whole"
        whole.mkdir(parents=True)
        (whole / "tenure.toml").write_text(tomli_w.dumps(content), encoding="utf-8")
        project = load_project(whole)
        snapshot = import_sources(project, now=NOW, store=open_store(project.data))
        made = cls(Study.of(project, snapshot), folder / "replayed", content, {})
        made.rows = {
            source.name: _rows(snapshot, source.name, source.into, project.timezone) for source in project.source
        }
        return made

    def first_day(self) -> dt.date:
        """The first day on which every source of interactions has given a row: before, its file is empty."""
        return max(table["usable"][0].as_py() for table in self.rows.values() if "kind" in table.column_names)

    def last_day(self) -> dt.date:
        """The last one."""
        return max(table["usable"][-1].as_py() for table in self.rows.values() if "kind" in table.column_names)

    def deliver(self, day: dt.date) -> int:
        """Write what became usable since the day before, and the project file of the day; how many rows that were."""
        self.folder.mkdir(exist_ok=True)
        delivered = 0
        for name, table in self.rows.items():
            usable = table["usable"].to_numpy()
            begin = 0 if self.until is None else usable.searchsorted(_day(self.until), side="right")
            end = usable.searchsorted(_day(day), side="right")
            if end > begin or self.until is None:
                part = table.slice(begin, end - begin).drop_columns(["usable"])
                pq.write_table(part, self.folder / f"{name}-{day}.parquet")
                delivered += len(part)
        self.until = day
        (self.folder / "tenure.toml").write_text(tomli_w.dumps(self._project(day)), encoding="utf-8")
        return delivered

    def _project(self, day: dt.date) -> dict[str, Any]:
        sources = [
            {"name": s["name"], "into": s.get("into", "interactions"), "files": f"{s['name']}-*.parquet"}
            | ({"timeless": True} if s.get("timeless") else {"complete_until": day})
            for s in self.content["source"]
        ]
        return {**self.content, "source": sources}


def _rows(snapshot: Snapshot, name: str, into: str, zone: str) -> pa.Table:
    """What a source gave, sorted by the day it becomes usable."""
    kept = [c for c in (INTERACTIONS if into == "interactions" else PROFILES) if c not in ("superseded_at", "source")]
    file = snapshot.interactions if into == "interactions" else snapshot.profiles
    files = literals(file(bucket) for bucket in range(snapshot.buckets) if file(bucket).is_file())
    where = f"where source = {literal(name)}" if into == "interactions" else ""
    usable = _usable(zone)
    if into != "interactions":
        usable = f"if(timeless, date '1900-01-01', {usable})"
        kept.remove("timeless")
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("set TimeZone = 'UTC'")
        return engine.sql(
            f"select {', '.join(kept)}, {usable} as usable from read_parquet({files}) {where} order by usable, customer_id"
        ).to_arrow_table()


def _usable(zone: str) -> str:
    """The first midnight as of which a row counts: it had happened before, and was known by then."""
    local = f"timezone({literal(zone)}, greatest(known_at, occurred_at + interval 1 microsecond))"
    return f"if({local} = date_trunc('day', {local}), {local}::date, {local}::date + 1)"


def absolute(files: Any, folder: Path) -> Any:
    """What `files` of a source names, below the folder of its project file; files of packages stay as they are."""
    if isinstance(files, dict):
        return {name: absolute(one, folder) for name, one in files.items()}
    if isinstance(files, list):
        return [absolute(one, folder) for one in files]
    return files if files.startswith("package:") else str((folder / files).resolve())


def _changed(content: dict[str, Any], changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The file with sections replaced, key by key; a key of None is taken out."""
    made = dict(content)
    for section, values in changes.items():
        merged = {**made.get(section, {}), **values}
        made[section] = {key: value for key, value in merged.items() if value is not None}
    return made


def _day(day: dt.date) -> np.datetime64:
    return np.datetime64(day, "D")
