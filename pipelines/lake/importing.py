"""Importing: every source of a project read, checked, resolved and committed as one snapshot."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlalchemy import Engine

from tenure.pipelines.lake.buckets import bucket_count, empty_rows, write_buckets
from tenure.pipelines.lake.fingerprint import fingerprint
from tenure.pipelines.lake.identities import build_periods
from tenure.pipelines.lake.people import write_people
from tenure.pipelines.lake.quarantine import refuse_too_many, write_quarantine
from tenure.pipelines.lake.resolve import Resolved, resolve
from tenure.pipelines.lake.snapshot import (
    Snapshot,
    SourceSummary,
    commit_snapshot,
    lake_folder,
    newest_snapshots,
)
from tenure.pipelines.lake.summary import sum_up, sum_up_identities
from tenure.pipelines.lake.sweep import KEPT, only_importer, sweep
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.checks import FUTURE
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.files import FileSet, SourceFileError, find_files
from tenure.pipelines.sources.mapping import Mapped, map_source
from tenure.pipelines.sources.postgres import fetch_table
from tenure.pipelines.sources.quoting import identifier, literal
from tenure.pipelines.sources.staging import stage
from tenure.pipelines.sources.views import create_view

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Staged:
    """A source whose rows lie typed and judged in `file`."""

    mapped: Mapped
    file: Path

    @property
    def source(self) -> Source:
        """The source."""
        return self.mapped.source


def import_sources(project: Project, *, now: dt.datetime, store: Engine, progress: Progress | None = None) -> Snapshot:
    """Import all sources of `project` and commit them; unchanged sources give the current snapshot.

    `now` is an instant with a zone: what happened after it is quarantined. Nothing changes
    for readers before the one row in `snapshots`, so an import that fails or is killed leaves
    the previous snapshot in force.
    """
    lake = lake_folder(project)
    with only_importer(lake):
        files = {s.name: _files(s, project) for s in project.source}
        print_ = fingerprint(project, [p for sets in files.values() for f in sets for p in f.paths])
        before = newest_snapshots(project, store, limit=KEPT)
        if before and _still_current(before[0], print_):
            return before[0]
        sweep(lake, store, keep=[s.snapshot_id for s in before])
        number = int(before[0].snapshot_id.split("-")[0]) + 1 if before else 1
        folder = lake / f"{number:06d}-{secrets.token_hex(4)}"
        with ExitStack() as unless_committed:
            unless_committed.callback(shutil.rmtree, folder, ignore_errors=True)
            snapshot = _build(project, files, folder, now=now, print_=print_, progress=progress or _silent)
            commit_snapshot(snapshot, store, now=now)
            unless_committed.pop_all()
        sweep(lake, store, keep=[snapshot.snapshot_id, *(s.snapshot_id for s in before[: KEPT - 1])])
    return snapshot


def _files(source: Source, project: Project) -> tuple[FileSet, ...]:
    if source.postgres:
        return (fetch_table(source, feeds=project.data / "feeds"),)
    return find_files(source, root=project.root)


def _still_current(snapshot: Snapshot, print_: str) -> bool:
    early = any(FUTURE in s.quarantined for s in snapshot.sources)
    return snapshot.fingerprint == print_ and snapshot.interactions(0).is_file() and not early


def _build(
    project: Project,
    files: dict[str, tuple[FileSet, ...]],
    folder: Path,
    *,
    now: dt.datetime,
    print_: str,
    progress: Progress,
) -> Snapshot:
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    folders = {d for sets in files.values() for f in sets for d in f.folders}
    with open_engine(scratch, folders=[folder, *folders]) as engine:
        staged = []
        for number, source in enumerate(project.source):
            progress(f"reading {source.name}")
            file = scratch / f"source-{number:03d}.parquet"
            staged.append(_stage(engine, source, files[source.name], file, now=now, zone=project.timezone))
        summaries, resolved = _resolve_all(engine, staged, zone=project.timezone, progress=progress)
        write_quarantine(engine, [q for r in resolved.values() for q in r.quarantine], folder / "quarantine.parquet")
        rows = {into: _union(into, staged, resolved) for into in ("interactions", "profiles")}
        total = sum(s.rows for s in summaries if s.into == "interactions")
        buckets, customers = _write(engine, rows, folder, scratch, count=total, progress=progress)
    shutil.rmtree(scratch)
    return Snapshot(folder.name, folder, buckets, total, customers, tuple(summaries), print_)


def _stage(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    files: tuple[FileSet, ...],
    file: Path,
    *,
    now: dt.datetime,
    zone: str,
) -> Staged:
    columns = {f.name: create_view(engine, f, source=source.name) for f in files}
    for one in files:
        if engine.execute(f"select 1 from {identifier(one.name)} limit 1").fetchone() is None:
            raise SourceFileError(f"source {source.name!r}: {one.paths[0]} is empty: it has a header and no rows")
    mapped = map_source(engine, source, columns=columns)
    stage(engine, mapped, file=file, now=now, zone=zone)
    for name in columns:
        engine.execute(f"drop view {identifier(name)}")
    return Staged(mapped, file)


def _resolve_all(
    engine: duckdb.DuckDBPyConnection, staged: list[Staged], *, zone: str, progress: Progress
) -> tuple[list[SourceSummary], dict[str, Resolved]]:
    merged = build_periods(engine, [s.file for s in staged if s.source.into == "identities"])
    summaries, resolved = [], {}
    for one in staged:
        if one.source.into == "identities":
            summaries.append(sum_up_identities(engine, one.source, one.file))
            continue
        found = resolve(engine, one.mapped, one.file, merged=merged)
        refuse_too_many(engine, one.source, list(found.quarantine), read=found.read, reasons=found.reasons)
        resolved[one.source.name] = found
        summaries.append(sum_up(engine, one.mapped, found, zone=zone))
        progress(f"checked {one.source.name}: {summaries[-1].rows:,} rows")
    return summaries, resolved


def _union(into: str, staged: list[Staged], resolved: dict[str, Resolved]) -> str:
    """The rows of all sources of one kind as SQL; each keeps only the columns it has."""
    parts = [
        f"select *, {literal(s.source.name)} as source from {resolved[s.source.name].rows}"
        for s in staged
        if s.source.into == into
    ]
    return f"({' union all by name '.join(parts)})" if parts else empty_rows(into)


def _write(
    engine: duckdb.DuckDBPyConnection,
    rows: dict[str, str],
    folder: Path,
    scratch: Path,
    *,
    count: int,
    progress: Progress,
) -> tuple[int, int]:
    buckets = bucket_count(count)
    everyone = " union ".join(f"select customer_id from {sql}" for sql in rows.values())
    engine.execute(f"""create table customers as
        select customer_id, (md5_number_lower(customer_id) % {buckets})::integer as bucket from ({everyone})""")
    for into, sql in rows.items():
        write_buckets(engine, into, sql, folder=folder, scratch=scratch, buckets=buckets, progress=progress)
    for bucket in range(buckets):
        write_people(engine, folder, bucket)
    customers = engine.execute("select count(*) from customers").fetchone() or (0,)
    return buckets, customers[0]


def _silent(_message: str) -> None:
    return None
