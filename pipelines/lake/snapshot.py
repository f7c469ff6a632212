"""Snapshots: what one committed import of a project holds. A commit is one row of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.tables import snapshots


class NoSnapshot(LookupError):
    """Nothing has been imported yet, or the imported files are gone."""


class NoSourceOfKinds(LookupError):
    """No source holds any of the kinds asked for."""


@dataclass(frozen=True)
class SourceSummary:
    """What one source gave: usable `rows`, quarantined ones by reason, and how far it is complete.

    `read` counts the rows its `select` gave, `collapsed` the exact repeats of a row with an id, `suppressed` the rows
    of people who were erased, and `expired` those that were too old to be kept; neither are among those read.
    `attributes` are the columns Tenure has no name for. `matched_share` is the share of the
    rows read whose customer is known.
    """

    name: str
    into: str
    rows: int
    quarantined: dict[str, int]
    kinds: dict[str, int]
    first: dt.datetime | None
    last: dt.datetime | None
    complete_until: dt.date
    matched_share: float | None
    read: int = 0
    collapsed: int = 0
    attributes: tuple[str, ...] = ()
    suppressed: int = 0
    expired: int = 0


@dataclass(frozen=True)
class Snapshot:
    """One committed state of the lake, immutable; `folder` holds its Parquet files.

    `rows` counts interactions, `customers` everyone who has an interaction or a profile. Of what was
    delivered live it has everything up to the event `live_until`.
    """

    snapshot_id: str
    folder: Path
    buckets: int
    rows: int
    customers: int
    sources: tuple[SourceSummary, ...] = field(default=())
    fingerprint: str = ""
    live_until: int = 0

    def interactions(self, bucket: int) -> Path:
        """The file with the interactions of one bucket of customers."""
        return self.folder / f"interactions-{bucket:05d}.parquet"

    def profiles(self, bucket: int) -> Path:
        """The file with the profiles of one bucket of customers."""
        return self.folder / f"profiles-{bucket:05d}.parquet"

    @property
    def quarantine(self) -> Path:
        """The file with the rows that could not be used: source, reason, row as JSON."""
        return self.folder / "quarantine.parquet"

    def sources_of(self, kinds: Iterable[str]) -> tuple[SourceSummary, ...]:
        """The sources of interactions that hold any of `kinds`; all of them when `kinds` is empty."""
        wanted = set(kinds)
        found = [s for s in self.sources if s.into == "interactions"]
        return tuple(s for s in found if not wanted or wanted & set(s.kinds))

    def watermark(self, kinds: Iterable[str] = ()) -> dt.date:
        """The day before which everything of `kinds` is known: the earliest over their sources."""
        wanted = tuple(kinds)
        dates = [s.complete_until for s in self.sources_of(wanted)]
        if not dates:
            known = sorted({k for s in self.sources for k in s.kinds})
            raise NoSourceOfKinds(
                f"no source holds a row of kind {', '.join(wanted)}; the data has {', '.join(known[:20]) or 'none'}"
            )
        return min(dates)


def current_snapshot(project: Project, store: Engine) -> Snapshot:
    """The newest committed snapshot; `NoSnapshot` says what to run when there is none."""
    found = newest_snapshots(project, store, limit=1)
    if not found:
        raise NoSnapshot(f"project {project.name!r} has no data yet; run `tenure check` or `tenure train` to import it")
    if not found[0].interactions(0).is_file():
        raise NoSnapshot(f"the files of snapshot {found[0].snapshot_id} are gone from {found[0].folder}; import again")
    return found[0]


def newest_snapshots(project: Project, store: Engine, *, limit: int) -> list[Snapshot]:
    """The last `limit` committed snapshots, newest first."""
    query = select(snapshots).order_by(snapshots.c.snapshot_id.desc()).limit(limit)
    with reading(store) as connection:
        return [_read(row._mapping, lake_folder(project)) for row in connection.execute(query)]


def commit_snapshot(snapshot: Snapshot, store: Engine, *, now: dt.datetime) -> None:
    """Make `snapshot` the current one. This one row is the whole commit."""
    row = {
        "snapshot_id": snapshot.snapshot_id,
        "created_at": now.astimezone(dt.UTC).replace(tzinfo=None),
        "fingerprint": snapshot.fingerprint,
        "summary": _summary(snapshot),
    }
    with store.begin() as connection:
        connection.execute(insert(snapshots), row)


def extend_snapshot(snapshot: Snapshot, store: Engine) -> None:
    """Say anew how far the sources of a committed snapshot are complete; its files are what they were."""
    mine = snapshots.c.snapshot_id == snapshot.snapshot_id
    with store.begin() as connection:
        connection.execute(update(snapshots).where(mine).values(summary=_summary(snapshot)))


def _summary(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "buckets": snapshot.buckets,
        "rows": snapshot.rows,
        "customers": snapshot.customers,
        "sources": [_plain(asdict(s)) for s in snapshot.sources],
        "live_until": snapshot.live_until,
    }


def lake_folder(project: Project) -> Path:
    """Where the snapshots of a project lie."""
    return project.data / "lake"


def _plain(summary: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in summary.items()}


def _read(row: Any, lake: Path) -> Snapshot:
    held = row["summary"]
    sources = tuple(
        SourceSummary(
            **{
                **s,
                "first": s["first"] and dt.datetime.fromisoformat(s["first"]),
                "last": s["last"] and dt.datetime.fromisoformat(s["last"]),
                "complete_until": dt.date.fromisoformat(s["complete_until"]),
                "attributes": tuple(s["attributes"]),
            }
        )
        for s in held["sources"]
    )
    name = row["snapshot_id"]
    numbers = {key: held[key] for key in ("buckets", "rows", "customers")}
    live = held.get("live_until", 0)
    return Snapshot(name, lake / name, **numbers, sources=sources, fingerprint=row["fingerprint"], live_until=live)
