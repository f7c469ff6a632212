"""Summing up what one source gave to a snapshot."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from tenure.pipelines.lake.resolve import Resolved
from tenure.pipelines.lake.snapshot import SourceSummary
from tenure.pipelines.settings.source import Source
from tenure.pipelines.sources.checks import NO_CUSTOMER, UNMATCHED
from tenure.pipelines.sources.mapping import Mapped
from tenure.pipelines.sources.quoting import literal

NEVER = dt.date(1970, 1, 1)


def sum_up(engine: duckdb.DuckDBPyConnection, mapped: Mapped, resolved: Resolved, *, zone: str) -> SourceSummary:
    """Count one source's rows and kinds, and find how far it is complete.

    Without a declared `complete_until` that is the last local midnight at or before the
    source's last `known_at`.
    """
    source, rows = mapped.source, resolved.rows
    count, first, last, midnight = _span(engine, rows, zone)
    kinds = {}
    if source.into == "interactions":
        kinds = dict(engine.execute(f"select kind, count(*) from {rows} group by 1 order by 2 desc, 1").fetchall())
    strangers = sum(resolved.reasons.get(r, 0) for r in (NO_CUSTOMER, UNMATCHED))
    return SourceSummary(
        name=source.name,
        into=source.into,
        rows=count,
        quarantined=resolved.reasons,
        kinds=kinds,
        first=first,
        last=last,
        complete_until=source.complete_until or midnight or NEVER,
        matched_share=1 - strangers / resolved.read if resolved.read else None,
        read=resolved.read,
        collapsed=resolved.collapsed,
        attributes=tuple(mapped.extras),
    )


def sum_up_identities(engine: duckdb.DuckDBPyConnection, source: Source, staged: Path) -> SourceSummary:
    """Count the rows of a source of identities."""
    query = f"select reason, count(*) from read_parquet({literal(staged)}) group by 1"
    counts = dict(engine.execute(query).fetchall())
    good = counts.pop(None, 0)
    until = source.complete_until or NEVER
    return SourceSummary(
        source.name, source.into, good, counts, {}, None, None, until, None, good + sum(counts.values())
    )


def _span(
    engine: duckdb.DuckDBPyConnection, rows: str, zone: str
) -> tuple[int, dt.datetime | None, dt.datetime | None, dt.date | None]:
    # epochs, since the driver would want pytz to hand over instants
    query = f"""select count(*), epoch_us(min(occurred_at)), epoch_us(max(occurred_at)),
        timezone({literal(zone)}, max(known_at))::date from {rows}"""
    count, first, last, midnight = engine.execute(query).fetchall()[0]
    return count, _moment(first), _moment(last), midnight


def _moment(microseconds: int | None) -> dt.datetime | None:
    if microseconds is None:
        return None
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
