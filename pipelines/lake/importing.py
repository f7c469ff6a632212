"""Importing: every source of a project read, checked, resolved and committed as one snapshot."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from tenure.pipelines.lake.appending import append, provenance_of
from tenure.pipelines.lake.buckets import bucket_count
from tenure.pipelines.lake.building import (
    check_quarantine,
    resolve_all,
    stage_source,
    union_of,
    write_covered,
    write_rows,
    write_unseen,
)
from tenure.pipelines.lake.fingerprint import fingerprint
from tenure.pipelines.lake.forgotten import unnamed
from tenure.pipelines.lake.identities import IDENTITIES, write_identities
from tenure.pipelines.lake.keeping import Dropped
from tenure.pipelines.lake.provenance import NotAppended
from tenure.pipelines.lake.quarantine import write_quarantine
from tenure.pipelines.lake.snapshot import Snapshot, commit_snapshot, extend_snapshot, lake_folder, newest_snapshots
from tenure.pipelines.lake.sweep import KEPT, only_importer, sweep
from tenure.pipelines.lake.texts import read_all_texts
from tenure.pipelines.live.feed import delivered_until, write_feed
from tenure.pipelines.privacy.suppression import Erased, Suppression
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.checks import FUTURE
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.files import FileSet, find_files
from tenure.pipelines.sources.postgres import fetch_table
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.external_ids import keep_external_ids

Progress = Callable[[str], None]


def import_sources(project: Project, *, now: dt.datetime, store: Engine, progress: Progress | None = None) -> Snapshot:
    """Import all sources of `project` and commit them; unchanged sources give the current snapshot.

    `now` is an instant with a zone: what happened after it is quarantined. Nothing changes
    for readers before the one row in `snapshots`, so an import that fails or is killed leaves
    the previous snapshot in force.
    """
    lake = lake_folder(project)
    with only_importer(lake):
        with reading(store) as connection:
            erased = Suppression.of(project).everybody(connection)
        dropped = Dropped.at(project, erased, now)
        files = {s.name: _files(s, project, store, erased) for s in project.source}
        live_until = max((delivered_until(files[s.name][-1]) for s in project.source if s.live), default=0)
        paths = [p for sets in files.values() for f in sets for p in f.paths]
        print_ = fingerprint(project, paths, dropped.instants)
        before = newest_snapshots(project, store, limit=KEPT)
        if before and _still_current(before[0], print_):
            current = _up_to_now(before[0], project, now)
            if current != before[0]:
                extend_snapshot(current, store)
            return current
        sweep(lake, store, keep=[s.snapshot_id for s in before])
        number = int(before[0].snapshot_id.split("-")[0]) + 1 if before else 1
        folder = lake / f"{number:06d}-{secrets.token_hex(4)}"
        with ExitStack() as unless_committed:
            unless_committed.callback(shutil.rmtree, folder, ignore_errors=True)
            say = progress or _silent
            snapshot = _made(project, files, folder, before, now=now, print_=print_, dropped=dropped, progress=say)
            snapshot = _up_to_now(replace(snapshot, live_until=live_until), project, now)
            keep_external_ids(store, folder / IDENTITIES)  # before the commit, after which nobody would do it again
            commit_snapshot(snapshot, store, now=now)
            unless_committed.pop_all()
        sweep(lake, store, keep=[snapshot.snapshot_id, *(s.snapshot_id for s in before[: KEPT - 1])])
    return snapshot


def _made(
    project: Project,
    files: dict[str, tuple[FileSet, ...]],
    folder: Path,
    before: list[Snapshot],
    *,
    now: dt.datetime,
    print_: str,
    dropped: Dropped,
    progress: Progress,
) -> Snapshot:
    """The new snapshot: what is new added to the one before, or everything from scratch where that is not exact."""
    if before and before[0].interactions(0).is_file():
        try:
            snapshot = append(
                project, files, folder, before[0], now=now, print_=print_, dropped=dropped, progress=progress
            )
            read_all_texts(project, snapshot, before[0], progress=progress)
            return snapshot
        except NotAppended as reason:
            progress(f"reading everything again: {reason}")
            shutil.rmtree(folder, ignore_errors=True)
    if project.project.engine == "spark":
        from tenure.pipelines.spark.importing import build_on_cluster  # PySpark is an extra

        return build_on_cluster(project, files, folder, now=now, print_=print_, dropped=dropped, progress=progress)
    snapshot = _build(project, files, folder, now=now, print_=print_, dropped=dropped, progress=progress)
    read_all_texts(project, snapshot, before[0] if before else None, progress=progress)
    return snapshot


def _up_to_now(snapshot: Snapshot, project: Project, now: dt.datetime) -> Snapshot:
    """Live sources are complete until today: what was sent is here. Not where time stands still with the data."""
    if project.project.clock == "data":
        return snapshot
    today = now.astimezone(ZoneInfo(project.timezone)).date()
    live = {s.name for s in project.source if s.live and s.complete_until is None}
    sources = (replace(s, complete_until=today) if s.name in live else s for s in snapshot.sources)
    return replace(snapshot, sources=tuple(sources))


def _files(source: Source, project: Project, store: Engine, erased: Erased) -> tuple[FileSet, ...]:
    """The files of a source by the names under which they are read; what was delivered to it comes last."""
    if source.postgres:
        stays = unnamed(erased, source.name) if erased else None
        return (fetch_table(source, feeds=project.data / "feeds", stays=stays),)
    found = find_files(source, root=project.root)
    return (*found, write_feed(source, store, feeds=project.data / "feeds")) if source.live else found


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
    dropped: Dropped,
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
            staged.append(stage_source(engine, source, files[source.name], file, now=now, zone=project.timezone))
        summaries, resolved = resolve_all(engine, staged, zone=project.timezone, dropped=dropped, progress=progress)
        write_identities(engine, folder)
        check_quarantine(engine, staged, resolved, {s.name: s for s in summaries})
        write_quarantine(engine, [q for r in resolved.values() for q in r.quarantine], folder / "quarantine.parquet")
        write_unseen(engine, resolved, folder)
        write_covered(engine, staged, folder)
        rows = {into: union_of(into, staged, resolved) for into in ("interactions", "profiles")}
        total = sum(s.rows for s in summaries if s.into == "interactions")
        buckets = bucket_count(total)
        customers = write_rows(engine, rows, folder, scratch, buckets=buckets, progress=progress)
        provenance_of(engine, project, staged, now=now).write(folder)
    shutil.rmtree(scratch)
    return Snapshot(folder.name, folder, buckets, total, customers, tuple(summaries), print_)


def _silent(_message: str) -> None:
    return None
