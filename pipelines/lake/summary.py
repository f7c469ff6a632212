"""Summing up what one source gave to a snapshot."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
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
    return SourceSummary(
        name=source.name,
        into=source.into,
        rows=count,
        quarantined=resolved.reasons,
        kinds=kinds,
        first=first,
        last=last,
        complete_until=source.complete_until or midnight or NEVER,
        matched_share=_matched(resolved.reasons, resolved.read),
        read=resolved.read,
        collapsed=resolved.collapsed,
        attributes=tuple(mapped.extras),
    )


def added(old: SourceSummary, new: SourceSummary) -> SourceSummary:
    """The summary of a source to which new files were added."""
    reasons = _counted(old.quarantined, new.quarantined)
    read = old.read + new.read
    return replace(
        new,
        rows=old.rows + new.rows,
        quarantined=reasons,
        kinds=_counted(old.kinds, new.kinds),
        first=min((t for t in (old.first, new.first) if t is not None), default=None),
        last=max((t for t in (old.last, new.last) if t is not None), default=None),
        complete_until=max(old.complete_until, new.complete_until),
        matched_share=_matched(reasons, read),
        read=read,
        collapsed=old.collapsed + new.collapsed,
        suppressed=old.suppressed + new.suppressed,
        expired=old.expired + new.expired,
    )


def _counted(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """Counts of both by name, the most frequent first."""
    sums = {name: one.get(name, 0) + other.get(name, 0) for name in one.keys() | other.keys()}
    return dict(sorted(sums.items(), key=lambda found: (-found[1], found[0])))


def _matched(reasons: dict[str, int], read: int) -> float | None:
    strangers = sum(reasons.get(reason, 0) for reason in (NO_CUSTOMER, UNMATCHED))
    return 1 - strangers / read if read else None


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
