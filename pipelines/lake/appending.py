"""Appending: new files of interactions added to the sorted buckets of the snapshot before, where that is exact.

The result equals an import of everything, row for row. Profiles are read anew where any of their
files changed: they are few. Where new rows have to do with old ones that do not lie in the lake as
they were given, `NotAppended` says so, and everything is imported from scratch.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb

from tenure.pipelines.lake.buckets import bucket_count, empty_rows, take_over
from tenure.pipelines.lake.building import (
    UNSEEN,
    Staged,
    check_quarantine,
    resolve_all,
    stage_delivered,
    stage_source,
    union_of,
    write_rows,
    write_unseen,
)
from tenure.pipelines.lake.covering import COVERED, cover_of
from tenure.pipelines.lake.fingerprint import texts_digest
from tenure.pipelines.lake.identities import write_identities
from tenure.pipelines.lake.keeping import Dropped
from tenure.pipelines.lake.provenance import NewFiles, NotAppended, Provenance, new_files, settings_digest
from tenure.pipelines.lake.quarantine import write_quarantine
from tenure.pipelines.lake.resolve import Resolved
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.lake.summary import added
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.checks import EARLY
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.files import FileSet
from tenure.pipelines.sources.quoting import literal, literals
from tenure.pipelines.sources.rowwise import is_rowwise
from tenure.pipelines.sources.staging import day_of
from tenure.pipelines.sources.views import column_tests, joined_tests

Progress = Callable[[str], None]


def append(
    project: Project,
    files: dict[str, tuple[FileSet, ...]],
    folder: Path,
    before: Snapshot,
    *,
    now: dt.datetime,
    print_: str,
    dropped: Dropped,
    progress: Progress,
) -> Snapshot:
    """Add what is new since the snapshot `before`; raises `NotAppended` where that cannot be exact."""
    known = Provenance.read(before.folder)
    if known is None:
        raise NotAppended("the snapshot before does not say what it was made of")
    early = sorted(s.name for s in before.sources if set(EARLY) & set(s.quarantined))
    if early:
        raise NotAppended(f"rows of {early[0]} were in the future and may no longer be")
    then = Dropped.at(project, dropped.erased, dt.datetime.fromisoformat(known.now))
    if then.instants != dropped.instants:
        raise NotAppended("older rows are no longer kept")
    fresh = new_files(known, project, files, now)
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    folders = {d for sets in files.values() for f in sets for d in f.folders}
    with open_engine(scratch, folders=[folder, before.folder, *folders]) as engine:
        staged = _stage(engine, project, files, fresh, known, before, scratch, now=now, progress=progress)
        summaries, resolved = resolve_all(engine, staged, zone=project.timezone, dropped=dropped, progress=progress)
        write_identities(engine, folder)
        whole = _summed(before, summaries)
        total = sum(s.rows for s in whole if s.into == "interactions")
        if bucket_count(total) != before.buckets:
            raise NotAppended(f"{total:,} rows need {bucket_count(total)} buckets instead of {before.buckets}")
        _refuse_acquainted(engine, staged, resolved, before)
        check_quarantine(engine, staged, resolved, {s.name: s for s in whole})
        _write_quarantine(engine, staged, resolved, before, folder)
        write_unseen(engine, resolved, folder, before.folder)
        if (before.folder / COVERED).is_file():
            take_over(before.folder / COVERED, folder / COVERED)
        rows = {"interactions": union_of("interactions", staged, resolved), "profiles": empty_rows("profiles")}
        if fresh.profiles:
            rows["profiles"] = union_of("profiles", staged, resolved)
        onto = {"interactions": before.folder, "profiles": None if fresh.profiles else before.folder}
        customers = write_rows(engine, rows, folder, scratch, buckets=before.buckets, progress=progress, onto=onto)
        _joined(known, provenance_of(engine, project, staged, now=now), set(fresh.interactions)).write(folder)
    shutil.rmtree(scratch)
    return Snapshot(folder.name, folder, before.buckets, total, customers, tuple(whole), print_)


def provenance_of(
    engine: duckdb.DuckDBPyConnection, project: Project, staged: list[Staged], *, now: dt.datetime
) -> Provenance:
    """What the staged sources were made of."""
    day = day_of(now, project.timezone)
    caseless = [s.source.name for s in staged if s.source.into == "interactions" and _any(engine, s, _nobody(s))]
    dated = [
        s.source.name
        for s in staged
        if s.source.into == "profiles" and not s.source.timeless and _any(engine, s, f"occurred_at = {day}")
    ]
    views = {s.source.name: s.views for s in staged}
    texts = texts_digest(project)
    return Provenance(settings_digest(project), now.isoformat(), views, tuple(caseless), tuple(dated), texts)


def _nobody(staged: Staged) -> str:
    return "customer_id is null and external_id is null and reason is null" if staged.mapped.has("case_id") else "false"


def _any(engine: duckdb.DuckDBPyConnection, staged: Staged, where: str) -> bool:
    query = f"select 1 from read_parquet({literal(staged.file)}) where {where} limit 1"
    return engine.execute(query).fetchone() is not None


def _stage(
    engine: duckdb.DuckDBPyConnection,
    project: Project,
    files: dict[str, tuple[FileSet, ...]],
    fresh: NewFiles,
    known: Provenance,
    before: Snapshot,
    scratch: Path,
    *,
    now: dt.datetime,
    progress: Progress,
) -> list[Staged]:
    """The new files of interactions, all identities, and all profiles where any changed."""
    staged: list[Staged] = []
    for number, source in enumerate(project.source):
        file = scratch / f"source-{number:03d}.parquet"
        if source.name in fresh.interactions:
            progress(f"reading new files of {source.name}")
            staged.append(
                _stage_new(
                    engine, source, fresh.interactions[source.name][0], known, file, before, now, project.timezone
                )
            )
        elif source.into == "identities" or (source.into == "profiles" and fresh.profiles):
            staged.append(stage_source(engine, source, files[source.name], file, now=now, zone=project.timezone))
    return staged


def _stage_new(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    files: FileSet,
    known: Provenance,
    file: Path,
    before: Snapshot,
    now: dt.datetime,
    zone: str,
) -> Staged:
    if not source.told_twice and not is_rowwise(engine, source.select):
        raise NotAppended(f"the `select` of {source.name} may look at several rows at once")
    old = known.views[source.name][files.name]
    if source.told_twice:
        covered = before.folder / COVERED
        found = stage_delivered(engine, source, files, file, now=now, zone=zone, cover=cover_of(covered, source.name))
    else:
        tests = joined_tests(old.tests, column_tests(engine, files, source=source.name))
        found = stage_source(engine, source, (files,), file, now=now, zone=zone, tests={files.name: tests})
    if found.views[files.name].types != old.types:
        raise NotAppended(f"with the new files columns of {source.name} have other names or types")
    if source.name in known.caseless or _any(engine, found, _nobody(found)):
        raise NotAppended(f"rows of {source.name} take their customer from other rows of their case")
    return found


def _refuse_acquainted(
    engine: duckdb.DuckDBPyConnection, staged: list[Staged], resolved: dict[str, Resolved], before: Snapshot
) -> None:
    """Raise where a new row is a version or an equal of an old one."""
    old = f"read_parquet({literals([before.interactions(b) for b in range(before.buckets)])})"
    for one in staged:
        if one.source.into != "interactions":
            continue
        name = literal(one.source.name)
        rows = f"read_parquet({literal(one.file)}) where reason is null"
        given = "interaction_id" if one.mapped.has("interaction_id") else "null::varchar"
        engine.execute(
            "create or replace temp table acquainted as "
            f"select distinct coalesce({given}, content) as key, {given} is null as made from {rows}"
        )
        made = "left(o.interaction_id, 20) = a.key and regexp_full_match(o.interaction_id, '[0-9a-f]{20}-[0-9]+')"
        for what, where in {
            "new versions of rows in old files": "semi join acquainted a on not a.made and a.key = o.interaction_id",
            "rows equal to rows in old files": f"semi join acquainted a on a.made and {made}",
        }.items():
            found = engine.execute(f"select 1 from {old} o {where} where o.source = {name} limit 1").fetchone()
            if found:
                raise NotAppended(f"{one.source.name} has {what}")
        unseen = f"read_parquet({literal(before.folder / UNSEEN)}) o"
        if engine.execute(
            f"select 1 from {unseen} semi join acquainted a on a.key = o.interaction_id where o.source = {name} limit 1"
        ).fetchone():
            raise NotAppended(f"{one.source.name} has new versions of rows that were corrected or withdrawn before")


def _write_quarantine(
    engine: duckdb.DuckDBPyConnection,
    staged: list[Staged],
    resolved: dict[str, Resolved],
    before: Snapshot,
    folder: Path,
) -> None:
    """The new quarantined rows beside the old ones, of which those of sources read anew are left out."""
    anew = [s.source.name for s in staged if s.source.into == "profiles"]
    kept = folder / "scratch" / "quarantine-before.parquet"
    without = f" where source not in ({literals(anew)[1:-1]})" if anew else ""
    engine.execute(
        f"copy (from read_parquet({literal(before.quarantine)}){without}) to {literal(kept)} (format parquet)"
    )
    files = [q for r in resolved.values() for q in r.quarantine]
    write_quarantine(engine, [kept, *files], folder / "quarantine.parquet")


def _summed(before: Snapshot, fresh: list[SourceSummary]) -> list[SourceSummary]:
    """The summaries of all sources; of those with new files the sum of old and new."""
    found = {s.name: s for s in fresh}
    return [
        added(old, found[old.name]) if old.into == "interactions" and old.name in found else found.get(old.name, old)
        for old in before.sources
    ]


def _joined(old: Provenance, new: Provenance, appended: set[str]) -> Provenance:
    """The provenance of both: of `appended` sources only new files were read."""
    views = old.views | new.views
    for source in appended:
        views[source] = old.views[source] | {
            n: replace(v, stamps=old.views[source][n].stamps + v.stamps) for n, v in new.views[source].items()
        }
    caseless = tuple(sorted({*old.caseless, *new.caseless}))
    dated = {*(name for name in old.dated_now if name not in new.views), *new.dated_now}
    return replace(new, views=views, caseless=caseless, dated_now=tuple(sorted(dated)))
