"""Quarantine: rows that cannot be used, each kept with its reason; past a stated share the import stops."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.checks import EARLY
from tenure.pipelines.sources.quoting import literal, literals


class QuarantineRefused(ValueError):
    """More of a source's rows are unusable than its `max_quarantined` allows."""


def quarantine(engine: duckdb.DuckDBPyConnection, rows: str, *, source: str, file: Path) -> None:
    """Keep the `rows` (SQL with `reason` and `row`) of `source` in `file`."""
    engine.execute(
        f"copy (select {literal(source)} as source, reason, row from {rows}) to {literal(file)} (format parquet)"
    )


def quarantined_by_reason(engine: duckdb.DuckDBPyConnection, files: list[Path]) -> dict[str, int]:
    """How many rows each reason has, the most frequent first."""
    if not files:
        return {}
    found = engine.execute(
        f"select reason, count(*) from read_parquet({literals(files)}) group by 1 order by 2 desc, 1"
    ).fetchall()
    return dict(found)


def refuse_too_many(
    engine: duckdb.DuckDBPyConnection, source: Source, files: list[Path], *, read: int, reasons: dict[str, int]
) -> None:
    """Raise `QuarantineRefused` when the share of quarantined rows is above the source's limit.

    Rows of a live source whose time is still to come do not count: they were acknowledged by a clock that was
    ahead, nobody can correct them, and each import looks at them again.
    """
    bad = sum(count for reason, count in reasons.items() if not (source.live and reason in EARLY))
    if bad <= source.max_quarantined * read:
        return
    samples = engine.execute(f"select row from read_parquet({literals(files)}) order by row limit 3").fetchall()
    lines = [f"  {count:,} x {reason}" for reason, count in list(reasons.items())[:12]]
    raise QuarantineRefused(
        f"source {source.name!r}: {bad:,} of {read:,} rows ({bad / read:.1%}) cannot be used, more than "
        f"max_quarantined = {source.max_quarantined:g}:\n"
        + "\n".join(lines)
        + "\nfor example:\n"
        + "\n".join(f"  {row[0][:300]}" for row in samples)
        + "\nCorrect the `select` or the data; or, if these rows are truly worthless, raise max_quarantined in "
        "this [[source]]. The previous snapshot stays in force."
    )


def write_quarantine(engine: duckdb.DuckDBPyConnection, files: list[Path], target: Path) -> None:
    """Put the quarantined rows of all sources into one file."""
    nothing = "(select null::varchar as source, null::varchar as reason, null::varchar as row where false)"
    rows = f"read_parquet({literals(files)})" if files else nothing
    engine.execute(f"copy (from {rows} order by source, reason, row) to {literal(target)} (format parquet)")
