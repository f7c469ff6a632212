"""All cases of an export, one after another: sorted out of core, each replayed as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import duckdb

from tenure.pipelines.importers.documents import Document
from tenure.pipelines.importers.history import history_of
from tenure.pipelines.importers.interaction import Interaction
from tenure.pipelines.importers.people import aliases
from tenure.pipelines.importers.replay import Replay
from tenure.pipelines.importers.staging import Staging, Table
from tenure.pipelines.importers.steps import Step
from tenure.pipelines.importers.tool import Tool
from tenure.pipelines.sources.quoting import literal

BATCH = 4096
NO_REQUESTER = "no requester is known"
Told = tuple[Step, str | None, list[str] | None]
"""A step, the role of who acted, and today's requesters of the case."""


def replay_cases(
    engine: duckdb.DuckDBPyConnection, staging: Staging, tool: Tool, incoming: Table
) -> tuple[int, Counter[str]]:
    """Write the interactions of all cases to `incoming`; returns the number of cases and counts by kind.

    Needs the table `folk` of `people.gather_people`.
    """
    names, kinds, cases = aliases(engine), Counter[str](), 0
    for case, rows in groupby(_steps(engine, staging), key=_case):
        cases += 1
        for row in replay_case(case, list(rows), names=names, tool=tool, staging=staging):
            _keep(row, incoming, staging, kinds)
    return cases, kinds


def replay_case(
    case: str, told: list[Told], *, names: Mapping[str, str], tool: Tool, staging: Staging
) -> list[Interaction]:
    """The interactions of one case, whose steps are in order; `names` are second ids of people."""
    roles = {step.actor: role for step, role, _ in told if role and step.actor}
    steps = [step for step, _, _ in told]
    history = history_of(case, steps, requesters=tuple(told[0][2] or ()), aliases=names)
    if history.copies:
        staging.skip("the same event once more", count=history.copies)
    return Replay(history, tool=tool, roles=roles, skipped=staging.skipped).rows()


def _keep(row: Interaction, incoming: Table, staging: Staging, kinds: Counter[str]) -> None:
    if row.external_id is None:
        document = Document(Path(f"case {row.case_id}"), row.sequence, "", row._asdict())
        staging.refuse(document, NO_REQUESTER)
        return
    kinds[row.kind] += 1
    incoming.add(row.as_row(), characters=len(row.text or ""))


def _steps(engine: duckdb.DuckDBPyConnection, staging: Staging) -> Iterator[Told]:
    """All steps, sorted by case and time."""
    columns = ", ".join(f"s.{name}" for name in Step._fields)
    reader = engine.sql(f"""
        with latest as (
            select case_id, arg_max(requesters, coalesce(version, timestamptz '1900-01-01')) as requesters
            from read_parquet({literal(staging.cases.file)}) where len(requesters) > 0 group by 1)
        select {columns}, f.role, l.requesters
        from read_parquet({literal(staging.steps.file)}) s
        left join latest l using (case_id) left join folk f on f.person_id = s.actor
        order by s.case_id, s.at, s.position, s.rank, s.key, s.known_at nulls first, s.name""").to_arrow_reader(BATCH)
    for batch in reader:
        for *step, role, requesters in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield Step._make(step), role, requesters


def _case(told: Told) -> str:
    return told[0].case_id
