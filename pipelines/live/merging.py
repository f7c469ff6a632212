"""A customer's rows in the lake together with what was delivered since, as the next import will have them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tenure.pipelines.lake.covering import COVERED, covered_until
from tenure.pipelines.lake.order import in_order
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.feed import as_table

NEVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)

Key = tuple[str, str]
"""A source and the id of an interaction in it."""


class Event(NamedTuple):
    """One delivered row."""

    event_id: int
    source: str
    row: dict[str, Any]


def untold(events: Sequence[Event], snapshot: Snapshot) -> list[Event]:
    """The events of which no file of the snapshot tells: see `tenure.pipelines.lake.covering`."""
    cases = {(event.source, event.row["case_id"]) for event in events if event.row.get("case_id")}
    until = covered_until(snapshot.folder / COVERED, cases)
    return [event for event in events if not _told(event, until.get((event.source, event.row.get("case_id", ""))))]


def _told(event: Event, until: dt.datetime | None) -> bool:
    return until is not None and dt.datetime.fromisoformat(event.row["occurred_at"]) <= until


class _Version(NamedTuple):
    """A version of an interaction: from when on it holds, and where it is, in the lake or among the delivered."""

    known_at: dt.datetime
    in_lake: bool
    place: int


def with_events(lake: pa.Table, events: Sequence[Event]) -> pa.Table:
    """The rows of the lake and the delivered ones, each superseded by the next version of it, in the lake's order.

    What lies in the lake already is not added again. A version that withdraws its interaction has no row.
    `lake` needs the columns that order rows, and `superseded_at`; none of its columns is a dictionary.
    """
    if not events:
        return lake
    given = as_table([event.row for event in events])
    ends = {True: lake["superseded_at"].to_pylist(), False: [NEVER] * len(events)}
    doubled: set[int] = set()
    for versions in _versions(lake, events, given).values():
        moments = sorted({version.known_at for version in versions})
        for moment, following in zip_longest(moments, moments[1:], fillvalue=NEVER):
            same = [version for version in versions if version.known_at == moment]
            for version in same:
                ends[version.in_lake][version.place] = min(ends[version.in_lake][version.place], following)
            delivered = [version.place for version in same if not version.in_lake]
            doubled.update(delivered[0 if len(delivered) < len(same) else 1 :])  # copies of each other, or of it
    kept = [n for n, event in enumerate(events) if n not in doubled and not event.row.get("retracted")]
    names = pa.array([event.source for event in events], pa.string())
    fresh = given.append_column("source", names).append_column("superseded_at", _instants(ends[False])).take(kept)
    old = lake.set_column(lake.column_names.index("superseded_at"), "superseded_at", _instants(ends[True]))
    return in_order(pa.concat_tables([old, _fitting(fresh, old.schema)]))


def _versions(lake: pa.Table, events: Sequence[Event], given: pa.Table) -> dict[Key, list[_Version]]:
    """All versions of the interactions of which any was delivered."""
    found: dict[Key, list[_Version]] = defaultdict(list)
    known = given["known_at"].to_pylist()
    for place, event in enumerate(events):
        found[event.source, event.row["interaction_id"]].append(_Version(known[place], False, place))
    ids = pa.array([key[1] for key in found], pa.string())
    whole = lake["interaction_id"].combine_chunks()  # of a column without chunks PyArrow gives no indices, it crashes
    held = pc.indices_nonzero(pc.is_in(whole, value_set=ids))
    rows = lake.select(["source", "interaction_id", "known_at"]).take(held)
    for place, row in zip(held.to_pylist(), rows.to_pylist(), strict=True):
        key = (row["source"], row["interaction_id"])
        if key in found:
            found[key].append(_Version(row["known_at"], True, place))
    return found


def _instants(values: list[dt.datetime]) -> pa.Array:
    return pa.array(values, pa.timestamp("us", "UTC"))


def _fitting(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`, empty where the table has none."""
    columns = {
        name: table[name] if name in table.column_names else pa.nulls(len(table), schema.field(name).type)
        for name in schema.names
    }
    return pa.table(columns)
