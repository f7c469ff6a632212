"""Importing on a cluster: the same snapshot as on one machine, read, resolved and written by the executors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import duckdb

from tenure.pipelines.lake.buckets import LAKE_COLUMNS, bucket_count
from tenure.pipelines.lake.building import check_quarantine, write_covered, write_unseen
from tenure.pipelines.lake.identities import write_identities
from tenure.pipelines.lake.keeping import Counts, Dropped, drop
from tenure.pipelines.lake.quarantine import write_quarantine
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.lake.summary import sum_up_identities
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.files import FileSet
from tenure.pipelines.spark.filling import fill_on_cluster, spread_on_cluster
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.resolving import Usable, resolve_on_cluster, rows_of, write_periods
from tenure.pipelines.spark.scratch import scratch_folder
from tenure.pipelines.spark.staging import StagedPart, merged_provenance, stage_on_cluster
from tenure.pipelines.spark.workers import SparkWorkers

Progress = Callable[[str], None]


def build_on_cluster(
    project: Project,
    files: dict[str, tuple[FileSet, ...]],
    folder: Path,
    *,
    now: dt.datetime,
    print_: str,
    dropped: Dropped,
    progress: Progress,
) -> Snapshot:
    """Import all sources into `folder`: file for file what `tenure.pipelines.lake.importing` makes of them here.

    What is staged, resolved and dealt lies in a folder of its own that is gone afterwards. On this
    machine only names and types are looked at, identities joined, quarantined rows collected, and what is
    `dropped` taken out where there is any.
    """
    workers = SparkWorkers.of(project)
    folder.mkdir(parents=True)
    folders = {d for sets in files.values() for f in sets for d in f.folders}
    with (
        scratch_folder(workers.folder) as scratch,
        open_engine(scratch / "driver", folders=[scratch, folder.resolve(), *folders]) as engine,
    ):
        cluster = Cluster(workers.settings, scratch)
        parts = stage_on_cluster(cluster, engine, project, files, now=now, progress=progress)
        gone = drop(engine, [part.staged.part for found in parts.values() for part in found], dropped)
        identities = [parts[s.name][0].staged for s in project.source if s.into == "identities"]
        periods = write_periods(engine, identities, scratch, live=[s.name for s in project.source if s.live])
        write_identities(engine, folder)
        others = {s.name: parts[s.name] for s in project.source if s.into != "identities"}
        usable = resolve_on_cluster(cluster, others, periods, zone=project.timezone)
        for name, one in usable.items():
            progress(f"checked {name}: {one.summary.rows:,} rows")
        summaries = [
            usable[s.name].summary if s.name in usable else sum_up_identities(engine, s, parts[s.name][0].staged.file)
            for s in project.source
        ]
        summaries = [replace(one, **asdict(gone.get(one.name, Counts()))) for one in summaries]
        _keep_what_fell_out(engine, parts, usable, summaries, folder)
        total = sum(s.rows for s in summaries if s.into == "interactions")
        buckets = bucket_count(total)
        rows = {into: rows_of(list(usable.values()), into) for into in LAKE_COLUMNS}
        pieces = spread_on_cluster(cluster, engine, rows, buckets=buckets)
        progress(f"spread the rows over {buckets} parts")
        text = project.text if "voice" in project.features.families else None
        filled = fill_on_cluster(cluster, pieces, folder.resolve(), buckets=buckets, text=text)
        if texts := sum(one.texts for one in filled):
            progress(f"read {texts:,} distinct texts")
        merged_provenance([part for found in parts.values() for part in found]).write(folder)
    customers = sum(one.customers for one in filled)
    return Snapshot(folder.name, folder, buckets, total, customers, tuple(summaries), print_)


def _keep_what_fell_out(
    engine: duckdb.DuckDBPyConnection,
    parts: dict[str, list[StagedPart]],
    usable: dict[str, Usable],
    summaries: list[SourceSummary],
    folder: Path,
) -> None:
    """Refuse sources of which too much is unusable, and write what else is."""
    staged = [found[0].staged for found in parts.values()]
    resolved = {name: one.resolved for name, one in usable.items()}
    check_quarantine(engine, staged, resolved, {s.name: s for s in summaries})
    write_quarantine(engine, [q for one in resolved.values() for q in one.quarantine], folder / "quarantine.parquet")
    write_unseen(engine, resolved, folder)
    write_covered(engine, staged, folder)
