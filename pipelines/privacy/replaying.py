"""Erasing again, after a restore, everybody who was erased since the backup: known again by keyed hashes alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Engine, select

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.access.erasures import Erasure, LedgerBroken
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.lake.snapshot import Snapshot, lake_folder, newest_snapshots
from tenure.pipelines.lake.sweep import only_importer
from tenure.pipelines.privacy.erasing import ALL, remove
from tenure.pipelines.privacy.person import Person, links_in
from tenure.pipelines.privacy.suppression import outside
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.erased_rows import OWN, tables_of_people
from tenure.pipelines.store.erasures import begin_erasure
from tenure.pipelines.store.scrubbing import scrub
from tenure.pipelines.store.tables import scores

REPLAYED = "restore"
"""Who erases, and why, where a ledger is replayed."""


@dataclass(frozen=True)
class Replayed:
    """How many erasures of a ledger were replayed, of how many of them anything was there, and how many rows went."""

    erasures: int = 0
    found: int = 0
    rows: int = 0


def replay_erasures(
    project: Project, store: Engine, since: Iterable[Erasure], *, say: Callable[[str], None]
) -> Replayed:
    """Erase again whoever was erased since; raises `LedgerBroken` where the ledger is of another key.

    To be called before anything that was restored is served.
    """
    pseudonyms, erasures = Pseudonyms(project.data), list(since)
    foreign = next((one for one in erasures if one.key != pseudonyms.mark), None)
    if foreign is not None:
        raise LedgerBroken(
            f"the erasure of {foreign.at} was noted with another key than that of the backup, so that nobody can be "
            "known again; take a backup of the same project that was made later"
        )
    if not erasures:
        return Replayed()
    rows, found = 0, 0
    with only_importer(lake_folder(project)):
        known = _known(project, store, pseudonyms)
        for one in erasures:
            with alone(store) as connection:
                moment = dt.datetime.fromisoformat(one.at)
                begin_erasure(connection, one.of, one.names, who=REPLAYED, reason=REPLAYED, now=moment)
            person = known.person(one)
            if person.names:
                say(f"erasing again who was erased at {one.at}")
                removed = remove(project, store, person, say=say)
                rows += sum(removed.store.values()) + sum(sum(part.values()) for part in removed.lake.values())
                found += 1
    scrub(store, [scores.name, *(table.name for table in tables_of_people())])
    return Replayed(len(erasures), found, rows)


@dataclass
class _Known:
    """Every name that is held anywhere, by its hash."""

    pseudonyms: Pseudonyms
    customers: dict[str, str] = field(default_factory=dict)
    called: dict[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, customers: Iterable[str | None]) -> None:
        """Take in ids of our own."""
        self.customers |= {self.pseudonyms.of(name): name for name in customers if name}

    def take_called(self, source: str, external_ids: Iterable[str | None]) -> None:
        """Take in ids of a source, under all names that a row may have for them."""
        names = [name for name in external_ids if name]
        self.called |= {self.pseudonyms.of(outside(source, name)): (source, name) for name in names}
        self.take(names if source == "" else [f"{source}:{name}" for name in names])

    def person(self, erasure: Erasure) -> Person:
        """Whoever was erased, as far as anything is held of them."""
        customers = tuple(self.customers[one] for one in erasure.names if one in self.customers)
        return Person(customers, tuple(self.called[one] for one in erasure.names if one in self.called))


def _known(project: Project, store: Engine, pseudonyms: Pseudonyms) -> _Known:
    found = _Known(pseudonyms)
    snapshots = newest_snapshots(project, store, limit=ALL)
    with reading(store) as connection:
        for table in (scores, *tables_of_people()):
            found.take(connection.scalars(select(table.c[OWN]).distinct()))
        for source, name, customer in links_in(connection, [one.folder for one in snapshots]):
            found.take([customer])
            found.take_called(source, [name])
    for snapshot in snapshots:
        for bucket in range(snapshot.buckets):
            found.take(read_people(snapshot.folder, bucket).ids)
        for source, row in _quarantined(snapshot):
            found.take([_text(row.get("customer_id"))])
            found.take_called(source, [_text(row.get("external_id"))])
    return found


def _quarantined(snapshot: Snapshot) -> Iterable[tuple[str, dict[str, Any]]]:
    held = pq.read_table(snapshot.quarantine, columns=["source", "row"])
    return ((row["source"], json.loads(row["row"] or "{}")) for row in held.to_pylist())


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip()
