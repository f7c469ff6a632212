"""A source that is imported and live: how far its files tell of a case, nothing that was delivered tells of it again.

The same change of a case has one id in an export and another in a webhook, so ids cannot say that two rows are one.
But an export tells a case whole, up to the last thing in it. What happened later is known from deliveries alone, until
the next export.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from tenure.pipelines.sources.quoting import literal

COVERED = "covered.parquet"
"""The file of a snapshot that says by source and case how far files tell of it."""

Case = tuple[str, str]
"""A source and the id of a case in it."""


def cover_of(file: Path, source: str) -> str:
    """SQL for the cases of one source in the file of a snapshot."""
    return f"(select case_id, until from read_parquet({literal(file)}) where source = {literal(source)})"


def cover_by(staged: str) -> str:
    """SQL for the cases of which staged rows tell, each with the last time in it."""
    return f"""(select case_id, max(occurred_at) as until from {staged}
        where reason is null and case_id is not null group by 1)"""


def uncovered(delivered: str, cover: str) -> str:
    """SQL for the delivered rows that happened later in their case than the files tell, or in no case of theirs."""
    return f"""(select d.* from {delivered} d left join {cover} c on c.case_id = d.case_id
        where c.until is null or d.occurred_at > c.until)"""


def without_copies(delivered: str, staged: str) -> str:
    """SQL for the delivered rows of which the staged ones have no version with the same id and `known_at`."""
    return (
        f"(from {delivered} d anti join {staged} s on s.interaction_id = d.interaction_id and s.known_at = d.known_at)"
    )


def write_cover(engine: duckdb.DuckDBPyConnection, parts: Iterable[tuple[str, str]], file: Path) -> None:
    """Write the cover (SQL) of each source into the file of a snapshot; none is written where no source has one."""
    rows = [f"select {literal(source)} as source, case_id, until from {cover}" for source, cover in parts]
    if rows:
        query = f"{' union all '.join(rows)} order by case_id, source"
        engine.execute(f"copy ({query}) to {literal(file)} (format parquet, compression zstd)")


def covered_until(file: Path, cases: Collection[Case]) -> dict[Case, dt.datetime]:
    """How far the files of their sources tell of some cases; cases of which they do not tell are absent."""
    if not cases or not file.is_file():
        return {}
    names: Sequence[str] = sorted({case for _, case in cases})
    rows = pq.read_table(file, filters=[("case_id", "in", names)]).to_pylist()
    found = {(row["source"], row["case_id"]): row["until"] for row in rows}
    return {case: until for case, until in found.items() if case in cases}
