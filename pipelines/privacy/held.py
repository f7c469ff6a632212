"""Everything that is held on a person, as plain data: what they have a right to see (Art. 15 of the GDPR)."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, Table, select

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.lake.buckets import NEVER, bucket_of
from tenure.pipelines.lake.snapshot import Snapshot, newest_snapshots
from tenure.pipelines.privacy.erasing import find_person
from tenure.pipelines.privacy.lake import quarantined_of
from tenure.pipelines.privacy.person import Person
from tenure.pipelines.privacy.roster import trained_with
from tenure.pipelines.privacy.webhooks import records_about
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.erased_rows import OWN, tables_of_people
from tenure.pipelines.store.tables import audit, events, score_sets, scores

SCHEMA = 1


def held_on(project: Project, store: Engine, customer_id: str, *, now: dt.datetime) -> dict[str, Any]:
    """What is held on the person whom a customer is; raises `NobodyHeld` where that is nothing.

    Instants are in UTC. `interactions` and `profiles` are those of the newest snapshot, `delivered` what came since;
    the other parts are the rows of the store by table. `audit` says who looked or did what, `models` whose training
    had the person in it.
    """
    person = find_person(project, store, customer_id)
    newest = newest_snapshots(project, store, limit=1)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "project": project.name,
        "customer_id": customer_id,
        "made_at": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "names": {"customers": list(person.customers), "outside": [list(one) for one in person.called]},
    }
    for snapshot in newest:
        found["interactions"] = list(_of_lake(snapshot, snapshot.interactions, person))
        found["profiles"] = list(_of_lake(snapshot, snapshot.profiles, person))
        found["quarantined"] = quarantined_of(snapshot, person)
    with reading(store) as connection:
        after = newest[0].live_until if newest else 0
        found["delivered"] = _rows(connection, events, person, lambda row: row["event_id"] > after)
        found["scores"] = _scores(connection, person)
        for table in tables_of_people():
            if table.name != events.name:
                found[table.name] = _rows(connection, table, person)
        found["webhooks"] = [_plain(record) for record in records_about(connection, person)]
        found["audit"] = _audited(connection, project, person)
    found["models"] = trained_with(project.data, person.customers)
    return found


def _of_lake(snapshot: Snapshot, file_of: Callable[[int], Path], person: Person) -> Iterator[dict[str, Any]]:
    """The rows of a person in their buckets, without empty columns."""
    wanted = pa.array(person.customers, pa.string())
    for bucket in sorted({bucket_of(name, snapshot.buckets) for name in person.customers}):
        with pq.ParquetFile(file_of(bucket)) as held:
            for group in range(held.num_row_groups):
                table = held.read_row_group(group)
                mine = table.filter(pc.is_in(table["customer_id"].cast(pa.string()), value_set=wanted))
                for row in mine.to_pylist():
                    yield {name: _plain(value) for name, value in row.items() if value not in (None, NEVER)}


def _rows(
    connection: Connection, table: Table, person: Person, chosen: Callable[[dict[str, Any]], bool] | None = None
) -> list[dict[str, Any]]:
    query = select(table).where(table.c[OWN].in_(person.customers)).order_by(*table.primary_key.columns)
    rows = (dict(row._mapping) for row in connection.execute(query))
    return [_filled(row) for row in rows if chosen is None or chosen(row)]


def _scores(connection: Connection, person: Person) -> list[dict[str, Any]]:
    """The scores of all sets that are kept, each with what it was asked and by which model."""
    about = (score_sets.c.outcome, score_sets.c.as_of, score_sets.c.model_version, score_sets.c.definition)
    query = select(*about, scores).join(score_sets, score_sets.c.score_set_id == scores.c.score_set_id)
    rows = connection.execute(query.where(scores.c.customer_id.in_(person.customers)).order_by(score_sets.c.as_of))
    return [_filled(dict(row._mapping)) for row in rows]


def _audited(connection: Connection, project: Project, person: Person) -> list[dict[str, Any]]:
    hashes = Pseudonyms(project.data).all_of(person.customers)
    query = select(audit.c.at, audit.c.who, audit.c.what).where(audit.c.of.in_(hashes)).order_by(audit.c.audit_id)
    return [_filled(dict(row._mapping)) for row in connection.execute(query)]


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    """A value as JSON has it; of a map, which Parquet gives as pairs, an object."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, list) and value and all(isinstance(one, tuple) for one in value):
        return {str(name): _plain(one) for name, one in value}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return json.loads(json.dumps(value, default=str))
