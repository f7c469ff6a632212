"""The imported data: a snapshot whose files are whole, and how far it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import NoSourceOfKinds, Snapshot, newest_snapshots
from tenure.serving.doctor.finding import Finding, Patient, days


def snapshot_whole(patient: Patient) -> tuple[Snapshot | None, Finding]:
    """The newest snapshot, and whether its files are there and can be read."""
    found = newest_snapshots(patient.project, patient.store, limit=1)
    if not found:
        return None, Finding("snapshot", "fail", "nothing was imported yet", "run `tenure check`, then `tenure train`")
    snapshot = found[0]
    harmed = [file for file in files_of(snapshot) if not _readable(file)]
    if harmed:
        said = f"{len(harmed)} files of snapshot {snapshot.snapshot_id} are missing or cut, first {harmed[0]}"
        return snapshot, Finding("snapshot", "fail", said, "bring the folder back from a backup, or import again")
    said = f"{snapshot.snapshot_id}: {snapshot.rows:,} interactions of {snapshot.customers:,} customers"
    return snapshot, Finding("snapshot", "ok", said)


def files_of(snapshot: Snapshot) -> list[Path]:
    """The files that everything is computed from."""
    buckets = range(snapshot.buckets)
    return [file(bucket) for bucket in buckets for file in (snapshot.interactions, snapshot.profiles)]


def bytes_of(snapshot: Snapshot) -> int:
    """The room that a snapshot takes."""
    return sum(file.stat().st_size for file in snapshot.folder.glob("*") if file.is_file())


def watermarks(patient: Patient, snapshot: Snapshot) -> Iterator[Finding]:
    """How far the data of each outcome is complete."""
    for outcome in patient.project.outcome:
        name = f"watermark of {outcome}"
        try:
            until = Study.of(patient.project, snapshot, outcome).watermark
        except NoSourceOfKinds as error:
            yield Finding(name, "fail", str(error), "look at the sources with `tenure check`")
            continue
        behind = 0 if patient.today is None else (patient.today - until).days
        if behind <= 0:
            yield Finding(name, "ok", f"complete until {until}")
        else:
            said = f"complete until {until}, {days(behind)} ago, so nobody can be scored as of today"
            remedy = "run `tenure run`; where that changes nothing, bring newer files, or correct `complete_until`"
            yield Finding(name, "warn", said, remedy)


def _readable(file: Path) -> bool:
    """Whether a Parquet file has its end, where its columns are described."""
    try:
        pq.read_metadata(file)
    except (OSError, pa.ArrowException):
        return False
    return True
