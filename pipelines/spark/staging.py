"""Sources read by a cluster: a `select` that makes its rows one by one is given some files at a time, any other all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb

from tenure.pipelines.lake.appending import provenance_of
from tenure.pipelines.lake.building import Staged, map_files, stage_source
from tenure.pipelines.lake.provenance import Provenance, ViewRead
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.files import FileSet
from tenure.pipelines.sources.mapping import Mapped
from tenure.pipelines.sources.rowwise import is_rowwise
from tenure.pipelines.sources.staging import stage
from tenure.pipelines.sources.views import Tests, column_tests, create_view, joined_tests
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.workspace import workspace

PART_BYTES = 64_000_000
"""Files are given to an executor until they have so many bytes."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """Some files of a source, to be read as they would be among all its files; without a `plan` they are all."""

    source: Source
    files: tuple[FileSet, ...]
    plan: tuple[Mapped, dict[str, ViewRead]] | None = None


@dataclass(frozen=True)
class StagedPart:
    """The rows of a part, typed and judged in a file, and the provenance of the part."""

    staged: Staged
    provenance: Provenance


def stage_on_cluster(
    cluster: Cluster,
    engine: duckdb.DuckDBPyConnection,
    project: Project,
    files: dict[str, tuple[FileSet, ...]],
    *,
    now: dt.datetime,
    progress: Progress,
) -> dict[str, list[StagedPart]]:
    """Read all sources; the parts of each by its name. `engine` only plans: it looks at names, types and first rows."""
    cut = {s.name: files[s.name][0] for s in project.source if _may_be_cut(engine, s, files[s.name])}
    tests = _tests(cluster, cut)
    parts = []
    for source in project.source:
        found = list(_parts(engine, source, files[source.name], tests.get(source.name)))
        progress(f"reading {source.name}" + (f" in {len(found)} parts" if len(found) > 1 else ""))
        parts += found
    staged: dict[str, list[StagedPart]] = {source.name: [] for source in project.source}
    made = dict(cluster.each(partial(stage_part, project, now, cluster.folder), parts))
    for place, part in enumerate(parts):
        staged[part.source.name].append(made[place])
    return staged


def stage_part(project: Project, now: dt.datetime, shared: Path, part: Part) -> StagedPart:
    """Read one part on an executor."""
    with workspace(shared, folders=[folder for one in part.files for folder in one.folders]) as work:
        file = work.out / "staged.parquet"
        if part.plan is None:
            staged = stage_source(work.engine, part.source, part.files, file, now=now, zone=project.timezone)
        else:
            mapped, views = part.plan
            for one in part.files:
                create_view(work.engine, one, source=part.source.name, types=views[one.name].types)
            stage(work.engine, mapped, file=file, now=now, zone=project.timezone)
            staged = Staged(mapped, file, views)
        return StagedPart(staged, provenance_of(work.engine, project, [staged], now=now))


def tests_of(shared: Path, asked: tuple[str, FileSet]) -> Tests:
    """What the values of some CSV files of a source are, found by an executor."""
    source, files = asked
    with workspace(shared, folders=files.folders) as work:
        return column_tests(work.engine, files, source=source)


def _may_be_cut(engine: duckdb.DuckDBPyConnection, source: Source, files: tuple[FileSet, ...]) -> bool:
    several = len(files) == 1 and len(_shares(files[0])) > 1
    return several and source.into != "identities" and is_rowwise(engine, source.select)


def _tests(cluster: Cluster, files: Mapping[str, FileSet]) -> dict[str, Tests]:
    """The tests of all files of some sources, each share tested by an executor."""
    asked = [(source, share) for source, one in files.items() if one.form == "csv" for share in _shares(one)]
    done = dict(cluster.each(partial(tests_of, cluster.folder), asked))
    found: dict[str, Tests] = {source: {} for source in files}
    for place, (source, _) in enumerate(asked):
        found[source] = joined_tests(found[source], done[place])
    return found


def _parts(
    engine: duckdb.DuckDBPyConnection, source: Source, files: tuple[FileSet, ...], tests: Tests | None
) -> Iterator[Part]:
    if tests is None:
        yield Part(source, files)
        return
    [one] = files
    plan = map_files(engine, source, files, tests={one.name: tests})
    for share in _shares(one):
        yield Part(source, (share,), plan)


def _shares(files: FileSet) -> list[FileSet]:
    """The files in shares of about `PART_BYTES`, in their order."""
    shares: list[list[Path]] = []
    held = PART_BYTES
    for path in files.paths:
        size = path.stat().st_size
        if held + size > PART_BYTES:
            shares.append([])
            held = 0
        shares[-1].append(path)
        held += size
    return [replace(files, paths=tuple(paths)) for paths in shares]


def merged_provenance(parts: Sequence[StagedPart]) -> Provenance:
    """The provenance of all parts of all sources together."""
    found = [part.provenance for part in parts]
    views = {source: held for one in found for source, held in one.views.items()}
    caseless = tuple(sorted({name for one in found for name in one.caseless}))
    dated = tuple(sorted({name for one in found for name in one.dated_now}))
    return replace(found[0], views=views, caseless=caseless, dated_now=dated)
