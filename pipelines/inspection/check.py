"""What `tenure check` says about a snapshot before anything is trained on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.catalogue import KINDS, did_you_mean
from tenure.pipelines.inspection.cases import case_notes
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.mapping import tenure_columns

STOPPED_DAYS = 7
"""A source that ends so many days before the latest one looks like a feed that stopped."""


@dataclass(frozen=True)
class CheckReport:
    """Counts, spans and completeness of a snapshot, and what in it deserves a second look.

    `kinds` counts interactions over all sources, the most frequent first. `profiles` counts
    rows by profile name. `notes` are sentences for a reader.
    """

    project: str
    snapshot_id: str
    rows: int
    customers: int
    watermark: dt.date
    sources: tuple[SourceSummary, ...]
    kinds: dict[str, int]
    profiles: dict[str, int]
    notes: tuple[str, ...]


def check(project: Project, snapshot: Snapshot) -> CheckReport:
    """Look at a snapshot; reads the profiles' names and the rows of cases from disk."""
    kinds: dict[str, int] = {}
    for source in snapshot.sources:
        for kind, count in source.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
    kinds = dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    profiles = _profile_names(snapshot)
    notes = (
        *_stopped(snapshot),
        *_quarantined(snapshot),
        *_suppressed(snapshot),
        *_expired(snapshot),
        *_mistyped(snapshot),
        *case_notes(snapshot, calendar=calendar_of(project.timezone)),
        *_absent_kinds(project, kinds),
        *_profile_notes(project, profiles),
    )
    watermark = snapshot.watermark(())
    return CheckReport(
        project.name, snapshot.snapshot_id, snapshot.rows, snapshot.customers, watermark,
        snapshot.sources, kinds, profiles, notes,
    )  # fmt: skip


def _profile_names(snapshot: Snapshot) -> dict[str, int]:
    counts: dict[str, int] = {}
    for bucket in range(snapshot.buckets):
        names = pq.read_table(snapshot.profiles(bucket), columns=["name"])["name"]
        for pair in pc.value_counts(names).to_pylist():
            counts[pair["values"]] = counts.get(pair["values"], 0) + pair["counts"]
    return dict(sorted(counts.items()))


def _stopped(snapshot: Snapshot) -> list[str]:
    """A feed that stopped holds the watermark back; name it."""
    feeds = [s for s in snapshot.sources if s.into == "interactions"]
    latest = max(s.complete_until for s in feeds)
    return [
        f"{s.name} is complete only until {s.complete_until}, {(latest - s.complete_until).days} days behind "
        "the latest source: did its feed stop? Labels and scores that need it end there"
        for s in feeds
        if (latest - s.complete_until).days >= STOPPED_DAYS
    ]


def _suppressed(snapshot: Snapshot) -> list[str]:
    return [
        f"{s.name}: {s.suppressed:,} rows are of people who were erased and are not taken in; remove them at the source"
        for s in snapshot.sources
        if s.suppressed
    ]


def _expired(snapshot: Snapshot) -> list[str]:
    return [
        f"{s.name}: {s.expired:,} rows are older than [retention] interactions_days keeps them"
        for s in snapshot.sources
        if s.expired
    ]


def _quarantined(snapshot: Snapshot) -> list[str]:
    return [
        f"{s.name}: {sum(s.quarantined.values()):,} of {s.read:,} rows are in quarantine ({reasons})"
        for s in snapshot.sources
        if s.quarantined
        and (reasons := ", ".join(f"{count:,} x {reason}" for reason, count in list(s.quarantined.items())[:3]))
    ]


def _mistyped(snapshot: Snapshot) -> list[str]:
    """An attribute whose name is nearly a column's was probably meant to be that column."""
    known = tenure_columns("interactions")
    return [
        f"{s.name}: {name!r} was kept as an attribute{hint}"
        for s in snapshot.sources
        for name in s.attributes
        if (hint := did_you_mean(name, known, cutoff=0.85))
    ]


def _absent_kinds(project: Project, kinds: dict[str, int]) -> list[str]:
    return [
        f"outcome {name}: no row is of kind {kind!r}{did_you_mean(kind, list(kinds))}"
        for name, outcome in project.outcome.items()
        for kind in outcome.kinds
        if kind not in kinds and not (outcome.type == "dissatisfaction" and kind in KINDS)
    ]


def _profile_notes(project: Project, profiles: dict[str, int]) -> list[str]:
    notes = [
        f"[profile] {name} is declared, but no source gives it{did_you_mean(name, list(profiles))}"
        for name in project.profile
        if name not in profiles
    ]
    notes += [
        f"{s.name} is declared timeless: its values are used as if they had always been known"
        for s in project.source
        if s.timeless
    ]
    undeclared = [n for n in profiles if n not in project.profile]
    if undeclared:
        notes.append(f"profiles without a [profile] entry are only displayed: {', '.join(undeclared[:12])}")
    return notes
