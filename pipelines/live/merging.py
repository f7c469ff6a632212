"""A customer's rows in the lake together with what was delivered since, as the next import will have them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from tenure.pipelines.lake.order import in_order
from tenure.pipelines.live.feed import as_table

NEVER = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)

Key = tuple[str, str]
"""A source and the id of an interaction in it."""


class Event(NamedTuple):
    """One delivered row."""

    event_id: int
    source: str
    row: dict[str, Any]


class _Version(NamedTuple):
    """A version of an interaction: from when on it holds, and where it is, in the lake or among the delivered."""

    known_at: dt.datetime
    in_lake: bool
    place: int


def with_events(lake: pa.Table, events: Sequence[Event]) -> pa.Table:
    """The rows of the lake and the delivered ones, each superseded by the next version of it, in the lake's order.

    What lies in the lake already is not added again. A version that withdraws its interaction has no row.
    `lake` needs the columns that order rows, and `superseded_at`.
    """
    if not events:
        return lake
    given = as_table([event.row for event in events])
    ends = {True: lake["superseded_at"].to_pylist(), False: [NEVER] * len(events)}
    doubled: set[int] = set()
    for versions in _versions(lake, events, given).values():
        versions.sort(key=lambda version: (version.known_at, not version.in_lake))
        standing: list[_Version] = []
        for version in versions:
            if standing and standing[-1].known_at == version.known_at:
                doubled.add(version.place)  # the delivered copy of a row that the lake has, or a second copy
            else:
                standing.append(version)
        for version, following in pairwise(standing):
            ends[version.in_lake][version.place] = min(ends[version.in_lake][version.place], following.known_at)
    kept = [n for n, event in enumerate(events) if n not in doubled and not event.row.get("retracted")]
    names = pa.array([event.source for event in events], pa.string())
    fresh = given.append_column("source", names).append_column("superseded_at", _instants(ends[False])).take(kept)
    old = lake.set_column(lake.column_names.index("superseded_at"), "superseded_at", _instants(ends[True]))
    return in_order(pa.concat_tables([_plain(old), _plain(_fitting(fresh, old.schema))]))


def _versions(lake: pa.Table, events: Sequence[Event], given: pa.Table) -> dict[Key, list[_Version]]:
    """All versions of the interactions of which any was delivered."""
    found: dict[Key, list[_Version]] = defaultdict(list)
    known = given["known_at"].to_pylist()
    for place, event in enumerate(events):
        found[event.source, event.row["interaction_id"]].append(_Version(known[place], False, place))
    ids = pa.array([key[1] for key in found], pa.string())
    held = pc.indices_nonzero(pc.is_in(_text(lake["interaction_id"]), value_set=ids))
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
        name: table[name] if name in table.column_names else pa.nulls(len(table), _plain_type(schema.field(name).type))
        for name in schema.names
    }
    return pa.table(columns)


def _plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, which tables from different files do not share."""
    kinds = [pa.field(field.name, _plain_type(field.type)) for field in table.schema]
    return table.cast(pa.schema(kinds))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string())
