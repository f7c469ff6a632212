"""Taking a delivery of interactions into the store: once acknowledged it is there, however often it is sent."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, tuple_

from tenure.pipelines.privacy.suppression import Suppression
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.tables import deliveries, events

Row = Mapping[str, Any]
"""An interaction as plain data: text, numbers, and instants in UTC as ISO text; `interaction_id`, `customer_id`,
`occurred_at` and `kind` are there."""

TURN = "events"
"""Deliveries wait for each other, so that their numbers have the order in which they were acknowledged."""

NAMED = 5
"""Ids named in an error."""


class ClashingRows(ValueError):
    """A row has the id and `known_at` of another row, and other content."""


class ReusedKey(ValueError):
    """A delivery key was used before for another delivery."""


@dataclass(frozen=True)
class Delivered:
    """How many rows were new, how many were known already, and how many were of people who were erased."""

    accepted: int
    duplicates: int
    suppressed: int = 0


def deliver(
    engine: Engine,
    source: str,
    rows: Sequence[Row],
    *,
    now: dt.datetime,
    key: str | None = None,
    suppression: Suppression | None = None,
) -> Delivered:
    """Keep all rows or none, but for those of people who were erased; when this returns, they are on disk.

    A row that was delivered before changes nothing. A row with the id of another and a later `known_at`
    is a new version of it. `key` marks the delivery as a whole: sent again, it is answered as at first.
    Raises `ClashingRows` and `ReusedKey`.
    """
    digest = _digest([digest_of(row) for row in rows])
    with alone(engine, TURN) as connection:
        if key is not None:
            before = connection.execute(select(deliveries).where(deliveries.c.delivery_key == key)).one_or_none()
            if before is not None:
                if before.digest != digest:
                    raise ReusedKey(f"the key {key[:60]!r} was used for another delivery; give every delivery its own")
                return Delivered(**before.answer)
        found = keep_rows(connection, source, rows, now=now, suppression=suppression)
        if key is not None:
            about = {"delivery_key": key, "received_at": _plain(now), "digest": digest, "answer": asdict(found)}
            connection.execute(insert(deliveries), about)
    return found


def keep_rows(
    connection: Connection,
    source: str,
    rows: Sequence[Row],
    *,
    now: dt.datetime,
    suppression: Suppression | None = None,
) -> Delivered:
    """Keep the rows that are new, as a part of a transaction that has the turn `TURN`; raises `ClashingRows`.

    Without `suppression` nobody was ever erased.
    """
    customers = {row["customer_id"] for row in rows}
    erased = suppression.among(connection, customers) if suppression else set[str]()
    wanted = [_event(source, row, now) for row in rows if row["customer_id"] not in erased]
    fresh = _new_ones(connection, source, wanted)
    if fresh:
        connection.execute(insert(events), fresh)
    return Delivered(len(fresh), len(wanted) - len(fresh), len(rows) - len(wanted))


def digest_of(row: Row) -> str:
    """A digest of what a row says."""
    return _digest(_held(row))


def _held(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _event(source: str, row: Row, now: dt.datetime) -> dict[str, Any]:
    held = _held(row)
    return {
        "received_at": _plain(now),
        "source": source,
        "interaction_id": held["interaction_id"],
        "customer_id": held["customer_id"],
        "known_at": _plain(dt.datetime.fromisoformat(held.get("known_at", held["occurred_at"]))),
        "digest": _digest(held),
        "row": held,
    }


def _new_ones(connection: Connection, source: str, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events that are not there yet, each once."""
    keys = [(event["interaction_id"], event["known_at"]) for event in wanted]
    columns = tuple_(events.c.interaction_id, events.c.known_at)
    query = select(events.c.interaction_id, events.c.known_at, events.c.digest)
    known: dict[tuple[str, dt.datetime], str] = {}
    for start in range(0, len(keys), 200):
        part = query.where(events.c.source == source, columns.in_(keys[start : start + 200]))
        known |= {(row[0], row[1]): row[2] for row in connection.execute(part)}
    fresh, clashing = [], []
    for key, event in zip(keys, wanted, strict=True):
        if key not in known:
            known[key] = event["digest"]
            fresh.append(event)
        elif known[key] != event["digest"]:
            clashing.append(key[0])
    if clashing:
        named = ", ".join(repr(name) for name in clashing[:NAMED])
        raise ClashingRows(
            f"{len(clashing)} rows have the id and known_at of other rows and other content, first {named}; "
            "a correction needs a later known_at"
        )
    return fresh


def _digest(value: Any) -> str:
    content = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return blake2b(content.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
