"""Erasing a person: everything that is held of them goes, and nothing of them is taken in again."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.access.erasures import ledger_of, note_erasure
from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.lake.snapshot import Snapshot, extend_snapshot, lake_folder, newest_snapshots
from tenure.pipelines.lake.sweep import only_importer, sweep
from tenure.pipelines.privacy.files import erase_from_files
from tenure.pipelines.privacy.lake import Gone, erase_from_snapshot
from tenure.pipelines.privacy.mentions import mentioned_in
from tenure.pipelines.privacy.person import Person, links_in, person_of
from tenure.pipelines.privacy.receipt import receipt_of
from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.privacy.webhooks import erase_records
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.erased_rows import erase_rows, held_rows
from tenure.pipelines.store.erasures import begin_erasure, finish_erasure
from tenure.pipelines.store.score_sets import GOING
from tenure.pipelines.store.scrubbing import scrub

ALL = 1_000
"""More snapshots than are ever kept."""

Say = Callable[[str], None]


class Reason(StrEnum):
    """Why somebody is erased, as Art. 17 (1) of the GDPR has it; no free text, which could name them."""

    request = "request"
    consent = "consent"
    objection = "objection"
    unlawful = "unlawful"
    obligation = "obligation"
    other = "other"


class NobodyHeld(LookupError):
    """Nothing is held on whom somebody asks for."""


@dataclass(frozen=True)
class Removed:
    """What was removed where: rows by table, and what each snapshot and the other files had."""

    store: dict[str, int] = field(default_factory=dict)
    lake: dict[str, dict[str, int]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


def find_person(project: Project, store: Engine, customer_id: str) -> Person:
    """The person whom a customer is, with all names; raises `NobodyHeld` where nothing is held on them."""
    if "\0" in customer_id:  # no import takes such an id, and no database keeps it
        raise NobodyHeld(f"nothing is held on customer {customer_id!r}; check the id")
    snapshots = newest_snapshots(project, store, limit=ALL)
    with reading(store) as connection:
        links = links_in(connection, [one.folder for one in snapshots])
        found = person_of(customer_id, links, [source.name for source in project.source])
        known = found.called or held_rows(connection, found.customers)
        again = Suppression.of(project).among(connection, [customer_id])
    if not known and not again and not any(_holds(one, found) for one in snapshots):
        raise NobodyHeld(f"nothing is held on customer {customer_id!r}; check the id")
    return found


def erase(
    project: Project, store: Engine, customer_id: str, *, who: str, reason: Reason, now: dt.datetime, say: Say
) -> dict[str, Any]:
    """Erase the person whom a customer is from everything that the project has built; the receipt.

    First the ledger and the store say that nothing of them is taken in any more, then rows and files go, then the
    database is written anew. An erasure that was cut short is done again with the same call.
    """
    lake = lake_folder(project)
    pseudonyms = Pseudonyms(project.data)
    with only_importer(lake):
        person = find_person(project, store, customer_id)
        of = pseudonyms.of(customer_id)
        hashes = person.hashes(pseudonyms)
        note_erasure(ledger_of(project), of, names=hashes, key=pseudonyms.mark, now=now)
        with alone(store, GOING) as connection:
            number = begin_erasure(connection, of, hashes, who=who, reason=reason, now=now)
        removed = remove(project, store, person, say=say)
    say("writing the database anew")
    scrub(store, removed.store)
    receipt = receipt_of(project, store, person, asdict(removed), of=of, who=who, reason=reason, now=now)
    receipt["digest"] = finish_erasure(store, number, receipt, now=now)
    return receipt


def remove(project: Project, store: Engine, person: Person, *, say: Say) -> Removed:
    """Remove what is held under the names of a person; the caller holds the lake and scrubs the store afterwards."""
    snapshots = newest_snapshots(project, store, limit=ALL)
    sweep(lake_folder(project), store, keep=[one.snapshot_id for one in snapshots])
    say("deleting rows of the store")
    spoken = mentioned_in(person.names)
    with alone(store, GOING) as connection:
        rows = Counter(erase_records(connection, person))
        rows.update(_rows(connection, person, spoken))
    lake, sources, texts = {}, set[str](), set[str]()
    for snapshot in snapshots:
        say(f"writing buckets of snapshot {snapshot.snapshot_id} anew")
        gone = Gone()
        extend_snapshot(erase_from_snapshot(snapshot, person, gone), store)
        lake[snapshot.snapshot_id] = gone.counts
        sources |= set(gone.interactions)
        texts |= gone.texts
    say("looking through feeds, caches and exports")
    files = erase_from_files(project, person, texts)
    told = sorted(sources | _others(project, lake, rows))
    return Removed(dict(rows), lake, files, tuple(told))


def _rows(connection: Connection, person: Person, spoken: Callable[[str], bool]) -> dict[str, int]:
    return erase_rows(connection, person.customers, person.called, spoken)


def _others(project: Project, lake: dict[str, dict[str, int]], rows: Counter[str]) -> set[str]:
    """The sources of profiles and identities: of these the lake does not say which of them named the person."""
    profiled = any(found["profiles"] for found in lake.values())
    return {
        source.name
        for source in project.source
        if (source.into == "profiles" and profiled) or (source.into == "identities" and rows["external_ids"])
    }


def _holds(snapshot: Snapshot, person: Person) -> bool:
    """Whether a snapshot has interactions or profiles of a person."""
    by_bucket: dict[int, set[str]] = {}
    for name in person.customers:
        by_bucket.setdefault(bucket_of(name, snapshot.buckets), set()).add(name)
    return any(names & set(read_people(snapshot.folder, bucket).ids) for bucket, names in by_bucket.items())
