"""How long rows stay in the lake: from which instant on they are kept, and from which on what was said in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb

from tenure.pipelines.lake.forgotten import Part, forget, write_without
from tenure.pipelines.privacy.suppression import Erased
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.quoting import instant, literal


@dataclass(frozen=True)
class Dropped:
    """What an import drops: the rows of `erased` people, rows from before `rows`, and texts from before `texts`."""

    erased: Erased
    rows: dt.datetime | None = None
    texts: dt.datetime | None = None

    @classmethod
    def at(cls, project: Project, erased: Erased, now: dt.datetime) -> Dropped:
        """What a project drops at a moment; the instants are beginnings of months, so that they move once a month."""
        return cls(erased, *(_month(project, days, now) for days in _days(project)))

    @property
    def instants(self) -> list[str]:
        """From when rows and texts are kept, as a fingerprint takes it; empty where they are kept for good."""
        found = {"rows": self.rows, "texts": self.texts}
        return [f"{name} {moment.isoformat()}" for name, moment in found.items() if moment is not None]


@dataclass(frozen=True)
class Counts:
    """How many rows of a source were dropped: those of erased people, and those that were too old."""

    suppressed: int = 0
    expired: int = 0


def drop(engine: duckdb.DuckDBPyConnection, parts: Sequence[Part], dropped: Dropped) -> dict[str, Counts]:
    """Drop what is to be dropped from staged rows, before anything else looks at them; how many rows, by source."""
    gone = forget(engine, parts, dropped.erased)
    old: dict[str, int] = {}
    for part in parts:
        if part.source.into == "interactions":
            old[part.source.name] = old.get(part.source.name, 0) + _expire(engine, part, dropped)
    return {name: Counts(gone.get(name, 0), old.get(name, 0)) for name in {*gone, *old}}


def _expire(engine: duckdb.DuckDBPyConnection, part: Part, dropped: Dropped) -> int:
    """Drop the rows of a part that are too old, and what was said in those that are not as old; how many rows."""
    rows, count = f"read_parquet({literal(part.file)})", 0
    if dropped.rows is not None:
        old = f"coalesce(occurred_at < {instant(dropped.rows)}, false)"
        count = int(engine.execute(f"select count(*) from {rows} where {old}").fetchall()[0][0])
        if count:
            write_without(engine, f"from {rows} where not {old}", part.file)
    if dropped.texts is not None and part.has_texts:
        kept = f"case when occurred_at >= {instant(dropped.texts)} then text end as text"
        write_without(engine, f"select * replace ({kept}) from {rows}", part.file)
    return count


def _days(project: Project) -> tuple[int | None, int | None]:
    if project.project.clock == "data":  # time stands still, and no row grows old
        return None, None
    return project.retention.interactions_days, project.retention.texts_days


def _month(project: Project, days: int | None, now: dt.datetime) -> dt.datetime | None:
    """The beginning of the month in which the day lies so many days before."""
    if days is None:
        return None
    zone = ZoneInfo(project.timezone)
    first = (now.astimezone(zone).date() - dt.timedelta(days=days)).replace(day=1)
    return dt.datetime.combine(first, dt.time(), zone).astimezone(dt.UTC)
