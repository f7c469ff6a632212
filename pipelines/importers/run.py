"""Importing an export: read it into staging, replay its cases, and bring the result into the feed."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from tenure.pipelines.importers.documents import Broken, Document, find_exports, read_documents
from tenure.pipelines.importers.feed import NO_REQUESTER, Entered, Feed, enter_interactions
from tenure.pipelines.importers.history import history_of
from tenure.pipelines.importers.interaction import SCHEMA, Interaction
from tenure.pipelines.importers.mapped import MappingFile
from tenure.pipelines.importers.mapped_rows import MappedReader, tool_of
from tenure.pipelines.importers.people import Key, aliases, gather_people, write_identities, write_profiles
from tenure.pipelines.importers.replay import Replay
from tenure.pipelines.importers.staging import Staging, Table, Unreadable
from tenure.pipelines.importers.steps import Step
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.values import NotAMoment
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.quoting import literal

BATCH = 4096


class NothingImported(ValueError):
    """An export holds no interaction that can be used."""


Progress = Callable[[str], None]


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    `kinds` counts the interactions of the export by kind, `skipped` by reason what in it is
    no interaction, `quarantined` by reason what could not be used. `people` are the customers
    in the feed, `matched` those of them with an id of ours or an address.
    """

    files: int
    records: int
    cases: int
    kinds: dict[str, int]
    skipped: dict[str, int]
    quarantined: dict[str, int]
    entered: Entered
    people: int
    matched: int
    profiles: int
    feed: Feed = field(repr=False)

    @property
    def matched_share(self) -> float | None:
        """The share of the customers who are known by more than the tool's own id."""
        return self.matched / self.people if self.people else None


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

    The feed of before stays in force until the new one is complete. Raises
    `ExportFolderError` where there is nothing to read.
    """
    return _import(folder, out, name, key, reading or Reading(), progress or _silent, lambda _incoming: Reader(tool))


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

    return _import(folder, out, mapping.name, key, reading or Reading(), progress or _silent, reader)


def _import(
    folder: Path,
    out: Path,
    name: str,
    key: Key,
    reading: Reading,
    say: Progress,
    reader_for: Callable[[Table], Reader],
) -> ImportReport:
    files = find_exports(folder)
    out.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".import-", dir=out))
    try:
        incoming = Table(scratch / "incoming.parquet", SCHEMA)
        reader = reader_for(incoming)
        staging = _read(files, reader.tool, reading, scratch, say)
        with open_engine(scratch, folders=[out]) as engine:
            gather_people(engine, staging.people.file)
            say("replaying cases")
            cases, kinds = _replay(engine, staging, reader.tool, incoming)
            kinds += reader.rows.kinds if reader.rows else Counter()
            incoming.close()
            staging.quarantine.close()
            if not kinds:
                raise _nothing(folder, reader.tool, staging)
            say("writing the feed")
            return _enter(engine, Feed(out), staging, incoming, name, key, _Counts(len(files), cases, kinds), scratch)
    finally:
        shutil.rmtree(scratch)


@dataclass(frozen=True)
class Reader:
    """A tool, and where its records go straight to rows, what holds them."""

    tool: Tool
    rows: MappedReader | None = None


@dataclass(frozen=True)
class _Counts:
    files: int
    cases: int
    kinds: Counter[str]


def _enter(
    engine: duckdb.DuckDBPyConnection,
    feed: Feed,
    staging: Staging,
    incoming: Table,
    name: str,
    key: Key,
    counts: _Counts,
    scratch: Path,
) -> ImportReport:
    entered = enter_interactions(engine, feed, incoming=incoming.file, cases=staging.cases.file, scratch=scratch)
    people, matched = write_identities(engine, feed, name=name, key=key, merges=staging.merges.file, scratch=scratch)
    profiles = write_profiles(engine, feed, facts=staging.facts.file, scratch=scratch)
    staging.quarantine.file.replace(feed.quarantine)
    if entered.twice:
        staging.skip("the same event under two cases", count=entered.twice)
    return ImportReport(
        counts.files, staging.read, counts.cases, _counted(counts.kinds), _counted(staging.skipped),
        _counted(staging.quarantined), entered, people, matched, profiles, feed,
    )  # fmt: skip


def _read(files: list[Path], tool: Tool, reading: Reading, scratch: Path, say: Progress) -> Staging:
    staging = Staging(scratch)
    for file in files:
        say(f"reading {file.name}")
        for document in read_documents(file, collections=tool.collections):
            staging.read += 1
            _take(document, tool, reading, staging)
    for table in (staging.steps, staging.cases, staging.people, staging.facts, staging.merges):
        table.close()
    return staging


def _take(document: Document | Broken, tool: Tool, reading: Reading, staging: Staging) -> None:
    if isinstance(document, Broken):
        staging.refuse(document, document.reason)
        return
    try:
        tool.read(document, staging, reading)
    except (Unreadable, NotAMoment) as error:
        staging.refuse(document, str(error))


def _replay(
    engine: duckdb.DuckDBPyConnection, staging: Staging, tool: Tool, incoming: Table
) -> tuple[int, Counter[str]]:
    """Replay the cases one after another, each as a whole."""
    names, kinds, cases = aliases(engine), Counter[str](), 0
    for case, rows in groupby(_steps(engine, staging), key=itemgetter("case_id")):
        cases += 1
        found = list(rows)
        roles = {r["actor"]: r["role"] for r in found if r["role"]}
        steps = [Step(**{name: r[name] for name in Step._fields}) for r in found]
        history = history_of(case, steps, requesters=tuple(found[0]["requesters"] or ()), aliases=names)
        if history.copies:
            staging.skip("the same event once more", count=history.copies)
        for row in Replay(history, tool=tool, roles=roles, skipped=staging.skipped).rows():
            _keep(row, incoming, staging, kinds)
    return cases, kinds


def _keep(row: Interaction, incoming: Table, staging: Staging, kinds: Counter[str]) -> None:
    if row.external_id is None:
        # quarantined with its content; a case without a requester is nobody's history
        document = Document(Path(f"case {row.case_id}"), row.sequence, "", row._asdict())
        staging.refuse(document, NO_REQUESTER)
        return
    kinds[row.kind] += 1
    attributes = list(row.attributes.items()) if row.attributes else None
    incoming.add(row._replace(attributes=attributes), characters=len(row.text or ""))  # type: ignore[arg-type]


def _steps(engine: duckdb.DuckDBPyConnection, staging: Staging) -> Iterator[dict[str, Any]]:
    """All steps, sorted out of core by case and time, with the role of who acted and today's requesters."""
    reader = engine.sql(f"""
        with latest as (
            select case_id, arg_max(requesters, coalesce(version, timestamptz '1900-01-01')) as requesters
            from read_parquet({literal(staging.cases.file)}) where len(requesters) > 0 group by 1)
        select s.*, f.role, l.requesters
        from read_parquet({literal(staging.steps.file)}) s
        left join latest l using (case_id) left join folk f on f.person_id = s.actor
        order by s.case_id, s.at, s.position, s.rank, s.key, s.known_at nulls first, s.name""").to_arrow_reader(BATCH)
    for batch in reader:
        yield from batch.to_pylist()


def _nothing(folder: Path, tool: Tool, staging: Staging) -> NothingImported:
    why = [f"  {n:,} x {reason}" for reason, n in (staging.quarantined + staging.skipped).most_common(6)]
    return NothingImported(
        f"{folder}: {staging.read:,} records of {tool.name} were read and none gives an interaction:\n"
        + "\n".join(why)
        + "\nIs it an export of this tool, with its audits or histories? The feed is left as it was."
    )


def _counted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _silent(_message: str) -> None:
    return None
