"""Erasing a person from the lake: the files of their buckets are written anew in every snapshot that is kept."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.building import UNSEEN
from tenure.pipelines.lake.covering import COVERED
from tenure.pipelines.lake.identities import IDENTITIES
from tenure.pipelines.lake.people import people_file, write_people
from tenure.pipelines.lake.rewriting import column_without, rewrite
from tenure.pipelines.lake.snapshot import Snapshot, SourceSummary
from tenure.pipelines.lake.texts import texts_file
from tenure.pipelines.privacy.mentions import is_one_of, mentioned_in
from tenure.pipelines.privacy.person import Person
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.text.reading import text_id


@dataclass
class Gone:
    """What went from one snapshot: rows by what they were, and what they said, as long as the work lasts."""

    interactions: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    profiles: int = 0
    customers: int = 0
    quarantined: Counter[tuple[str, str]] = field(default_factory=Counter)
    cases: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def watch(self, table: pa.Table) -> None:
        """Take in interactions that go."""
        self.interactions.update(table["source"].to_pylist())
        self.kinds.update(zip(table["source"].to_pylist(), table["kind"].to_pylist(), strict=True))
        for held, column in ((self.cases, "case_id"), (self.ids, "interaction_id"), (self.texts, "text")):
            if column in table.column_names:
                held |= {value for value in table[column].to_pylist() if value is not None}

    @property
    def counts(self) -> dict[str, int]:
        """How many rows went, by what they were."""
        found = {"interactions": self.interactions.total(), "profiles": self.profiles}
        return found | {"quarantined rows": self.quarantined.total()}


def erase_from_snapshot(snapshot: Snapshot, person: Person, gone: Gone) -> Snapshot:
    """Erase a person from the files of a snapshot, noting in `gone` what went; the snapshot with what it counts now.

    Who is left of a mapping of identities goes last, so that work that was cut short can be done again.
    """
    folder, names = snapshot.folder, list(person.names)
    for bucket in sorted({bucket_of(name, snapshot.buckets) for name in person.customers}):
        _erase_from_bucket(snapshot, bucket, person, gone)
    spoken = mentioned_in(names)

    def unseen(table: pa.Table) -> pa.Array:
        found = table["interaction_id"].to_pylist()
        return pa.array([not (name in gone.ids or spoken(name or "")) for name in found], pa.bool_())

    def unmentioned(table: pa.Table) -> pa.Array:
        found = [not (row["customer_id"] in names or _is_called(row, person)) for row in table.to_pylist()]
        return pa.array(found, pa.bool_())

    rewrite(folder / UNSEEN, unseen)
    rewrite(folder / COVERED, column_without("case_id", sorted(gone.cases)))
    _erase_from_quarantine(snapshot, names, gone)
    rewrite(folder / IDENTITIES, unmentioned)
    return _recounted(snapshot, gone)


def _is_called(row: dict[str, Any], person: Person) -> bool:
    return (row["source"], row["external_id"]) in person.called or row["external_id"] in person.customers


def _erase_from_bucket(snapshot: Snapshot, bucket: int, person: Person, gone: Gone) -> None:
    stays = column_without("customer_id", list(person.customers))
    rows = rewrite(snapshot.interactions(bucket), stays, watch=gone.watch)
    facts = rewrite(snapshot.profiles(bucket), stays)
    gone.profiles += facts
    if rows:
        _erase_texts(snapshot, bucket)
    if rows or facts:
        before = pq.read_metadata(people_file(snapshot.folder, bucket)).num_rows
        scratch = snapshot.folder / "scratch"
        with open_engine(scratch, folders=[snapshot.folder]) as engine:
            write_people(engine, snapshot.folder, bucket)
        shutil.rmtree(scratch)
        gone.customers += before - pq.read_metadata(people_file(snapshot.folder, bucket)).num_rows


def _erase_texts(snapshot: Snapshot, bucket: int) -> None:
    """Leave in the file of a bucket's texts those that somebody still says."""
    file = texts_file(snapshot.folder, bucket)
    if not file.is_file():
        return
    left = pc.unique(pq.read_table(snapshot.interactions(bucket), columns=["text"])["text"]).drop_null().to_pylist()
    wanted = pa.array([text_id(text) for text in left], pa.string())
    rewrite(file, lambda table: pc.is_in(table["text_id"], value_set=wanted))
    if not len(wanted):
        file.unlink()


def _erase_from_quarantine(snapshot: Snapshot, names: list[str], gone: Gone) -> None:
    """Unusable rows go that have a name of the person in any column, or are of a case of theirs without a customer."""
    goes = _unusable_of(names, gone.cases)

    def stays(table: pa.Table) -> pa.Array:
        return pa.array([not goes(text) for text in table["row"].to_pylist()], pa.bool_())

    def watch(table: pa.Table) -> None:
        gone.quarantined.update(zip(table["source"].to_pylist(), table["reason"].to_pylist(), strict=True))

    rewrite(snapshot.quarantine, stays, watch=watch)


def quarantined_of(snapshot: Snapshot, person: Person) -> list[dict[str, Any]]:
    """The unusable rows that name a person, each with its source and the reason."""
    theirs = _unusable_of(list(person.names), set())
    held = pq.read_table(snapshot.quarantine).to_pylist()
    return [{**row, "row": json.loads(row["row"])} for row in held if theirs(row["row"])]


def _unusable_of(names: list[str], cases: set[str]) -> Callable[[str | None], bool]:
    theirs, in_case = is_one_of(names), is_one_of(cases)

    def goes(text: str | None) -> bool:
        row: dict[str, Any] = json.loads(text or "{}")
        nobody = row.get("customer_id") is None and row.get("external_id") is None
        return any(theirs(value) for value in row.values()) or (nobody and in_case(row.get("case_id")))

    return goes


def _recounted(snapshot: Snapshot, gone: Gone) -> Snapshot:
    return replace(
        snapshot,
        rows=snapshot.rows - gone.interactions.total(),
        customers=snapshot.customers - gone.customers,
        sources=tuple(_source_recounted(source, gone) for source in snapshot.sources),
    )


def _source_recounted(source: SourceSummary, gone: Gone) -> SourceSummary:
    kinds = {kind: count - gone.kinds[source.name, kind] for kind, count in source.kinds.items()}
    reasons = {why: count - gone.quarantined[source.name, why] for why, count in source.quarantined.items()}
    rows = gone.interactions[source.name]
    quarantined = sum(count for (name, _), count in gone.quarantined.items() if name == source.name)
    return replace(
        source,
        rows=source.rows - rows,
        kinds={kind: count for kind, count in kinds.items() if count > 0},
        quarantined={why: count for why, count in reasons.items() if count > 0},
        read=max(0, source.read - rows - quarantined),
    )
