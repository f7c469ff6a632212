"""Importing an export: read it into staging, replay its cases, and bring the result into the feed."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tenure.pipelines.importers.documents import Broken, Document, find_exports, read_documents
from tenure.pipelines.importers.feed import Feed, enter_interactions
from tenure.pipelines.importers.interaction import SCHEMA
from tenure.pipelines.importers.mapped.mapping import MappingFile
from tenure.pipelines.importers.mapped.rows import MappedReader, tool_of
from tenure.pipelines.importers.people import Key, gather_people, write_identities, write_profiles
from tenure.pipelines.importers.replaying import replay_cases
from tenure.pipelines.importers.report import ImportReport, counted
from tenure.pipelines.importers.staging import Staging, Table, Unreadable
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.values import NotAMoment
from tenure.pipelines.sources.engine import open_engine

Progress = Callable[[str], None]
MEMORY = "512MB"
"""What DuckDB may take before it spills to disk."""


class NothingImported(ValueError):
    """An export holds no interaction that can be used."""


@dataclass(frozen=True)
class Work:
    """One import under way: where its export lies, how it is read, and for which feed."""

    folder: Path
    feed: Feed
    name: str
    key: Key
    reading: Reading
    say: Progress


@dataclass(frozen=True)
class Reader:
    """A tool, and for mapped files what already made rows of the records."""

    tool: Tool
    rows: MappedReader | None = None


def import_export(
    folder: Path,
    tool: Tool,
    *,
    out: Path,
    name: str,
    reading: Reading | None = None,
    key: Key = "external_id",
    progress: Progress | None = None,
) -> ImportReport:
    """Read the export in `folder` and bring it into the feed in `out`.

    Import exports in the order in which they were made. The feed of before stays in force until
    the new one is complete. Raises `ExportFolderError` where there is nothing to read and
    `NothingImported` where nothing of it can be used.
    """
    work = Work(folder, Feed(out), name, key, reading or Reading(), progress or _silent)
    return _import(work, lambda _incoming: Reader(tool))


def import_mapped(
    folder: Path,
    mapping: MappingFile,
    *,
    out: Path,
    reading: Reading | None = None,
    key: Key = "external_id",
    progress: Progress | None = None,
) -> ImportReport:
    """Read the files in `folder` by the rules of a mapping file and bring them into the feed in `out`."""

    def reader(incoming: Table) -> Reader:
        rows = MappedReader(mapping, incoming)
        return Reader(tool_of(mapping, rows), rows)

    return _import(Work(folder, Feed(out), mapping.name, key, reading or Reading(), progress or _silent), reader)


def _import(work: Work, reader_for: Callable[[Table], Reader]) -> ImportReport:
    files = find_exports(work.folder)
    work.feed.folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".import-", dir=work.feed.folder))
    try:
        incoming, staging = Table(scratch / "incoming.parquet", SCHEMA), Staging(scratch)
        reader = reader_for(incoming)
        _read(files, reader.tool, work, staging)
        with open_engine(scratch, folders=[work.feed.folder], memory=MEMORY) as engine:
            gather_people(engine, staging.people.file)
            work.say("replaying cases")
            cases, kinds = replay_cases(engine, staging, reader.tool, incoming)
            kinds += reader.rows.kinds if reader.rows else Counter()
            incoming.close()
            staging.quarantine.close()
            if not kinds:
                raise _nothing(work.folder, reader.tool, staging)
            work.say("writing the feed")
            return _enter(engine, work, staging, incoming.file, scratch, files=len(files), cases=cases, kinds=kinds)
    finally:
        shutil.rmtree(scratch)


def _read(files: list[Path], tool: Tool, work: Work, staging: Staging) -> None:
    for file in files:
        work.say(f"reading {file.name}")
        for document in read_documents(file, collections=tool.collections):
            staging.read += 1
            _take(document, tool, work.reading, staging)
    staging.close()


def _take(document: Document | Broken, tool: Tool, reading: Reading, staging: Staging) -> None:
    if isinstance(document, Broken):
        staging.refuse(document, document.reason)
        return
    try:
        tool.read(document, staging, reading)
    except (Unreadable, NotAMoment) as error:
        staging.refuse(document, str(error))


def _enter(
    engine: duckdb.DuckDBPyConnection,
    work: Work,
    staging: Staging,
    incoming: Path,
    scratch: Path,
    *,
    files: int,
    cases: int,
    kinds: Counter[str],
) -> ImportReport:
    feed = work.feed
    entered = enter_interactions(
        engine, feed, incoming=incoming, texts=staging.texts.file, cases=staging.cases.file, scratch=scratch
    )
    merges, facts = staging.merges.file, staging.facts.file
    people, matched = write_identities(engine, feed, name=work.name, key=work.key, merges=merges, scratch=scratch)
    profiles = write_profiles(engine, feed, facts=facts, scratch=scratch)
    staging.quarantine.file.replace(feed.quarantine)
    if entered.twice:
        staging.skip("the same event under two cases", count=entered.twice)
    return ImportReport(
        files, staging.read, cases, counted(kinds), counted(staging.skipped), counted(staging.quarantined), entered,
        people, matched, profiles, feed,
    )  # fmt: skip


def _nothing(folder: Path, tool: Tool, staging: Staging) -> NothingImported:
    why = [f"  {n:,} x {reason}" for reason, n in (staging.quarantined + staging.skipped).most_common(6)]
    return NothingImported(
        f"{folder}: {staging.read:,} records of {tool.name} were read and none gives an interaction:\n"
        + "\n".join(why)
        + "\nIs it an export of this tool, with its audits or histories? The feed is left as it was."
    )


def _silent(_message: str) -> None:
    return None
