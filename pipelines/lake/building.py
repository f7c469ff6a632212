"""Building: staged sources resolved together and written as the sorted buckets of a snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import empty_rows, take_over, write_buckets
from tenure.pipelines.lake.covering import COVERED, cover_by, uncovered, without_copies, write_cover
from tenure.pipelines.lake.forgotten import Part
from tenure.pipelines.lake.identities import build_periods
from tenure.pipelines.lake.keeping import Counts, Dropped, drop
from tenure.pipelines.lake.people import people_file, write_people
from tenure.pipelines.lake.provenance import ViewRead, stamps
from tenure.pipelines.lake.quarantine import refuse_too_many
from tenure.pipelines.lake.resolve import Resolved, resolve
from tenure.pipelines.lake.snapshot import SourceSummary
from tenure.pipelines.lake.summary import sum_up, sum_up_identities
from tenure.pipelines.settings.source import DELIVERED, Source
from tenure.pipelines.sources.files import FileSet, SourceFileError
from tenure.pipelines.sources.mapping import Mapped, map_source
from tenure.pipelines.sources.quoting import identifier, literal
from tenure.pipelines.sources.staging import stage
from tenure.pipelines.sources.views import Tests, column_tests, create_view

Progress = Callable[[str], None]

UNSEEN = "unseen.parquet"
"""Ids that occur in the sources but perhaps not in the lake, or not with their whole story."""


@dataclass(frozen=True)
class Staged:
    """A source whose rows lie typed and judged in `file`, and how its files were read."""

    mapped: Mapped
    file: Path
    views: dict[str, ViewRead]
    cover: Path | None = None
    """How far files tell of each case, where rows were delivered beside them."""

    @property
    def source(self) -> Source:
        """The source."""
        return self.mapped.source

    @property
    def part(self) -> Part:
        """The same as those see it who look for erased people."""
        has_cases = self.source.into == "interactions" and self.mapped.has("case_id")
        has_texts = self.source.into == "interactions" and self.mapped.has("text")
        return Part(self.source, self.file, has_cases, has_texts, self.cover)


def stage_source(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    files: tuple[FileSet, ...],
    file: Path,
    *,
    now: dt.datetime,
    zone: str,
    tests: Mapping[str, Tests] | None = None,
) -> Staged:
    """Read a source into `file`. `tests` say by view which types CSV columns get; left out, they are made now."""
    if source.told_twice:
        return _stage_both(engine, source, files, file, now=now, zone=zone)
    mapped, views = map_files(engine, source, files, tests=tests)
    stage(engine, mapped, file=file, now=now, zone=zone)
    for name in views:
        engine.execute(f"drop view {identifier(name)}")
    return Staged(mapped, file, views)


def stage_delivered(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    delivered: FileSet,
    file: Path,
    *,
    now: dt.datetime,
    zone: str,
    cover: str,
) -> Staged:
    """Read into `file` what was delivered to a source and is not told by its files, whose `cover` is SQL."""
    whole = file.with_name(f"{file.stem}-delivered.parquet")
    alone = source.model_copy(update={"files": {}, "select": f"select * from {DELIVERED}"})
    staged = stage_source(engine, alone, (delivered,), whole, now=now, zone=zone)
    rows = uncovered(f"read_parquet({literal(whole)})", cover)
    engine.execute(f"copy (from {rows}) to {literal(file)} (format parquet, compression lz4)")
    return replace(staged, mapped=replace(staged.mapped, source=source), file=file)


def _stage_both(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    files: tuple[FileSet, ...],
    file: Path,
    *,
    now: dt.datetime,
    zone: str,
) -> Staged:
    """The rows of the files, and of what was delivered that of which the files do not tell."""
    parts = [file.with_name(f"{file.stem}-{name}.parquet") for name in ("files", "cover", "live")]
    told, cover, rest = (f"read_parquet({literal(part)})" for part in parts)
    alone = source.model_copy(update={"live": False})
    ours = stage_source(engine, alone, files[:-1], parts[0], now=now, zone=zone)
    known = cover_by(told) if ours.mapped.has("case_id") else "(select '' as case_id, now() as until where false)"
    engine.execute(f"copy (from {known}) to {literal(parts[1])} (format parquet, compression lz4)")
    theirs = stage_delivered(engine, source, files[-1], parts[2], now=now, zone=zone, cover=cover)
    fresh = without_copies(rest, told) if ours.mapped.has("interaction_id") else rest
    engine.execute(f"""copy (
        select * replace (coalesce(retracted, false) as retracted) from (from {told} union all by name from {fresh}))
        to {literal(file)} (format parquet, compression lz4)""")
    mapped = replace(ours.mapped, source=source, types=ours.mapped.types | theirs.mapped.types)
    return Staged(mapped, file, ours.views | theirs.views, parts[1])


def map_files(
    engine: duckdb.DuckDBPyConnection,
    source: Source,
    files: tuple[FileSet, ...],
    *,
    tests: Mapping[str, Tests] | None = None,
) -> tuple[Mapped, dict[str, ViewRead]]:
    """Make the files of a source selectable, and check its `select` against them."""
    views = {one.name: _view(engine, source, one, (tests or {}).get(one.name)) for one in files}
    for one in files if not source.live else ():
        if engine.execute(f"select 1 from {identifier(one.name)} limit 1").fetchone() is None:
            raise SourceFileError(f"source {source.name!r}: {one.paths[0]} is empty: it has a header and no rows")
    return map_source(engine, source, columns={name: list(view.types) for name, view in views.items()}), views


def _view(engine: duckdb.DuckDBPyConnection, source: Source, files: FileSet, tests: Tests | None) -> ViewRead:
    found = column_tests(engine, files, source=source.name) if tests is None else tests
    create_view(engine, files, source=source.name, tests=found)
    types = {row[0]: row[1] for row in engine.execute(f"describe {identifier(files.name)}").fetchall()}
    return ViewRead(stamps(files), types, found, files.hive)


def resolve_all(
    engine: duckdb.DuckDBPyConnection, staged: list[Staged], *, zone: str, dropped: Dropped, progress: Progress
) -> tuple[list[SourceSummary], dict[str, Resolved]]:
    """Resolve the staged sources with each other; a summary of each, and the rows of all but identities.

    What is `dropped` goes first.
    """
    gone = drop(engine, [one.part for one in staged], dropped)
    identities = [s.file for s in staged if s.source.into == "identities"]
    merged = build_periods(engine, identities, live=[s.source.name for s in staged if s.source.live])
    summaries, resolved = [], {}
    for one in staged:
        if one.source.into == "identities":
            summaries.append(sum_up_identities(engine, one.source, one.file))
            continue
        found = resolve(engine, one.mapped, one.file, merged=merged)
        resolved[one.source.name] = found
        summaries.append(sum_up(engine, one.mapped, found, zone=zone))
        progress(f"checked {one.source.name}: {summaries[-1].rows:,} rows")
    return [replace(one, **asdict(gone.get(one.name, Counts()))) for one in summaries], resolved


def check_quarantine(
    engine: duckdb.DuckDBPyConnection,
    staged: list[Staged],
    resolved: Mapping[str, Resolved],
    whole: Mapping[str, SourceSummary],
) -> None:
    """Refuse sources of which too much is unusable; `whole` sums up each with what was imported before."""
    for one in staged:
        if one.source.name in resolved:
            found, summed = resolved[one.source.name], whole[one.source.name]
            refuse_too_many(
                engine, one.source, list(found.quarantine), read=summed.read, reasons=dict(summed.quarantined)
            )


def union_of(into: str, staged: list[Staged], resolved: Mapping[str, Resolved]) -> str:
    """The rows of all sources of one kind as SQL; each keeps only the columns it has."""
    parts = [
        f"select *, {literal(s.source.name)} as source from {resolved[s.source.name].rows}"
        for s in staged
        if s.source.into == into
    ]
    return f"({' union all by name '.join(parts)})" if parts else empty_rows(into)


def write_rows(
    engine: duckdb.DuckDBPyConnection,
    rows: Mapping[str, str],
    folder: Path,
    scratch: Path,
    *,
    buckets: int,
    progress: Progress,
    onto: Mapping[str, Path | None] | None = None,
) -> int:
    """Write the buckets of interactions and profiles, and who is in them; gives the number of customers.

    `onto` names by kind of row the folder of an older snapshot whose rows stay.
    """
    everyone = " union ".join(f"select customer_id from {sql}" for sql in rows.values())
    engine.execute(f"""create table customers as
        select customer_id, (md5_number_lower(customer_id) % {buckets})::integer as bucket from ({everyone})""")
    older = onto or {}
    written: set[int] = set()
    for into, sql in rows.items():
        written |= write_buckets(
            engine, into, sql, folder=folder, scratch=scratch, buckets=buckets, progress=progress, onto=older.get(into)
        )
    before = next((folder for folder in older.values() if folder), None)
    for bucket in range(buckets):
        if bucket in written or before is None:
            write_people(engine, folder, bucket)
        else:
            take_over(people_file(before, bucket), people_file(folder, bucket))
    return sum(pq.read_metadata(people_file(folder, bucket)).num_rows for bucket in range(buckets))


def write_unseen(
    engine: duckdb.DuckDBPyConnection, resolved: Mapping[str, Resolved], folder: Path, before: Path | None = None
) -> None:
    """Keep the ids that a later row would have to be compared with, by source."""
    parts = [
        f"select {literal(name)} as source, interaction_id from ({sql})"
        for name, r in resolved.items()
        for sql in r.unseen
    ]
    if before is not None:
        parts.append(f"from read_parquet({literal(before / UNSEEN)})")
    rows = " union ".join(parts) or "select null::varchar as source, null::varchar as interaction_id where false"
    engine.execute(f"copy ({rows}) to {literal(folder / UNSEEN)} (format parquet, compression zstd)")


def write_covered(engine: duckdb.DuckDBPyConnection, staged: Iterable[Staged], folder: Path) -> None:
    """Keep how far files tell of the cases of sources that are live too; refreshers and later imports ask."""
    parts = [(one.source.name, f"read_parquet({literal(one.cover)})") for one in staged if one.cover is not None]
    write_cover(engine, parts, folder / COVERED)
