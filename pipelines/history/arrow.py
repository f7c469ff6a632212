"""From the lake's Arrow tables to a `History` of customers or of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.history.encoding import codes, fixed, fixed_point, instants, superseded
from tenure.pipelines.history.history import History
from tenure.pipelines.history.log import FOREVER, Ints, Log
from tenure.pipelines.history.messages import with_messages
from tenure.pipelines.settings.text import Text

CONTRACT_KINDS = ("signup", "renewal", "renewal_due", "notice", "cancellation", "plan_changed", "price_changed")
"""Kinds that say something of a contract; a person's other contracts are seen through them."""

NUMBERS = ("amount", "wait_seconds", "handle_seconds", "rating")
CODES = ("kind", "channel", "direction", "case_id", "agent_id", "team_id", "product_id")

Pairs = tuple[Ints, Ints]
"""Units and the rows that belong to them, as two columns."""


def read_history(
    interactions: pa.Table,
    profiles: pa.Table,
    *,
    calendar: Calendar,
    observed_from: int,
    unit: str = "customer",
    numeric_profiles: frozenset[str] = frozenset(),
    gaps: Mapping[str, tuple[tuple[int, int], ...]] | None = None,
    text: Text | None = None,
    texts: pa.Table | None = None,
) -> History:
    """Build the history of all customers in the tables, or of all their contracts.

    A contract's history is its own rows and those of its customer that name no contract.
    `gaps` are stretches (milliseconds) without data, by kind; `observed_from` is when the data begin.
    Messages are read as `text` says (None: not at all); `texts` holds what is known of them already.
    """
    owners = _Owners.of(interactions, unit)
    coded = {name: codes(interactions, name) for name in CODES if name in interactions.column_names}
    coded["reason"] = _reasons(interactions)
    kinds, channels = coded["kind"][1], coded["channel"][1]
    columns, read = with_messages(_columns(interactions, coded), interactions, text, texts)

    contract_codes = [kinds.index(k) for k in CONTRACT_KINDS if k in kinds]
    events = owners.of_person(np.flatnonzero(np.isin(coded["kind"][0], contract_codes)))
    event_owner = owners.row_owner[events[1]]
    own = ((event_owner == events[0]) | (event_owner < 0)).astype(
        np.int64
    )  # a row without a contract is everyone's own
    contract, _ = codes(interactions, "contract_id")
    held, levels = _profiles(profiles, owners, calendar, numeric_profiles)
    every_gap = tuple(sorted({gap for found in (gaps or {}).values() for gap in found}))
    return History(
        calendar=calendar,
        unit_ids=owners.unit_ids,
        customer_ids=owners.people[owners.person_of_unit],
        kinds=kinds,
        channels=channels,
        directions=coded["direction"][1],
        reasons=coded["reason"][1],
        rows=_rows(columns, owners, calendar).with_gaps(every_gap),
        contracts=_log(columns, events, owners, calendar, own=own, contract=contract[events[1]]),
        profiles=held,
        levels=levels,
        gaps=dict(gaps or {}),
        observed_from=observed_from,
        texts=read,
        words={name: coded[name][1] for name in ("agent_id", "team_id") if name in coded},
    )


@dataclass(frozen=True)
class _Owners:
    """Who owns which row. `row_owner` is -1 for a row that names no contract."""

    unit_ids: NDArray[np.object_]
    people: NDArray[np.object_]
    person_of_unit: Ints
    person_of_row: Ints
    row_owner: Ints
    per_contract: bool

    @classmethod
    def of(cls, table: pa.Table, unit: str) -> _Owners:
        person, people = codes(table, "customer_id")
        names = np.array(people, dtype=object)
        if unit == "customer":
            return cls(names, names, np.arange(len(names)), person, person, per_contract=False)
        owner, contracts = codes(table, "contract_id")
        first = np.full(len(contracts), -1, dtype=np.int64)
        held = np.flatnonzero(owner >= 0)[::-1]
        first[owner[held]] = person[held]
        return cls(np.array(contracts, dtype=object), names, first, person, owner, per_contract=True)

    def rows(self) -> Pairs:
        held = np.flatnonzero(self.row_owner >= 0)
        unit, row = self.of_person(np.flatnonzero(self.row_owner < 0))
        return np.concatenate([self.row_owner[held], unit]), np.concatenate([held, row])

    def of_person(self, rows: Ints) -> Pairs:
        """Give each row to every unit of its person."""
        return _spread(self.person_of_unit, self.person_of_row[rows], rows)


def _spread(person_of_unit: Ints, wanted: Ints, rows: Ints) -> Pairs:
    order = np.argsort(person_of_unit, kind="stable")
    people = person_of_unit[order]
    first, last = np.searchsorted(people, wanted, "left"), np.searchsorted(people, wanted, "right")
    lengths = last - first
    before = np.cumsum(lengths) - lengths
    places = np.repeat(first - before, lengths) + np.arange(int(lengths.sum()))
    return order[places], np.repeat(rows, lengths)


def _reasons(table: pa.Table) -> tuple[Ints, tuple[str, ...]]:
    """The attribute `reason`, by which an outcome tells why a contract ended."""
    if "attributes" not in table.column_names or not len(table):
        return np.full(len(table), -1, dtype=np.int64), ()
    found = pc.map_lookup(table["attributes"], query_key=pa.scalar("reason"), occurrence="first")
    return codes(pa.table({"reason": found}), "reason")


def _columns(table: pa.Table, coded: Mapping[str, tuple[Ints, tuple[str, ...]]]) -> dict[str, Ints]:
    columns = {name: found for name, (found, _) in coded.items()}
    columns |= {name: fixed_point(table, name) for name in NUMBERS if name in table.column_names}
    columns["due_at"] = instants(table, "due_at")
    return columns | _times(table)


def _times(table: pa.Table) -> dict[str, Ints]:
    return {
        "time": instants(table, "occurred_at"),
        "known": instants(table, "known_at", round_up=True),
        "superseded": superseded(table),
    }


def _rows(columns: Mapping[str, Ints], owners: _Owners, calendar: Calendar) -> Log:
    """The rows of every unit; those of contracts say whether they name the contract (1) or only its person (0)."""
    pairs = owners.rows()
    if not owners.per_contract:
        return _log(columns, pairs, owners, calendar)
    return _log(columns, pairs, owners, calendar, named=(owners.row_owner[pairs[1]] >= 0).astype(np.int64))


def _log(columns: Mapping[str, Ints], pairs: Pairs, owners: _Owners, calendar: Calendar, **extra: Ints) -> Log:
    unit, row = pairs
    time = columns["time"][row]
    if len(unit) > 1 and np.any((unit[1:] < unit[:-1]) | ((unit[1:] == unit[:-1]) & (time[1:] < time[:-1]))):
        order = np.lexsort((row, time, unit))
        unit, row, time = unit[order], row[order], time[order]
        extra = {name: column[order] for name, column in extra.items()}
    if len(row) != len(columns["time"]) or not np.array_equal(row, np.arange(len(row))):
        columns = {name: column[row] for name, column in columns.items()}
    values = {name: column for name, column in columns.items() if name not in ("time", "known", "superseded")}
    day = calendar.days_of(time)
    known, superseded = columns["known"], columns["superseded"]
    plain = not np.any((known > calendar.midnights_after(day)) | (superseded != FOREVER))
    return Log(
        calendar=calendar,
        starts=np.searchsorted(unit, np.arange(len(owners.unit_ids) + 1)).astype(np.int64),
        time=time,
        known=None if plain else known,
        superseded=None if plain else superseded,
        day=day,
        values=values | extra,
    )


def _profiles(
    table: pa.Table, owners: _Owners, calendar: Calendar, numeric: frozenset[str]
) -> tuple[dict[str, Log], dict[str, tuple[str, ...]]]:
    logs: dict[str, Log] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name in sorted(set(table["name"].to_pylist())):
        part = table.filter(pc.equal(table["name"], name))
        columns = _times(part)
        if name in numeric:
            columns["value"] = fixed(_as_numbers(part["value"]), f"profile {name}")
        else:
            columns["value"], levels[name] = codes(part, "value")
        logs[name] = _log(columns, _profile_rows(part, owners), owners, calendar)
    return logs, levels


def _as_numbers(values: pa.ChunkedArray) -> NDArray[np.float64]:
    return pd.to_numeric(values.to_pandas(), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _profile_rows(table: pa.Table, owners: _Owners) -> Pairs:
    person, people = codes(table, "customer_id")
    place = {p: i for i, p in enumerate(owners.people)}
    known_person = np.array([place.get(p, -1) for p in people], dtype=np.int64)[person]
    contract, contracts = codes(table, "contract_id")
    unit_place = {u: i for i, u in enumerate(owners.unit_ids)}
    named = np.array([unit_place.get(c, -1) for c in (*contracts, None)], dtype=np.int64)[contract]
    by_contract = (contract >= 0) & owners.per_contract
    own = np.flatnonzero(by_contract & (named >= 0))
    free = np.flatnonzero(~by_contract)
    unit, row = _spread(owners.person_of_unit, known_person[free], free)
    return np.concatenate([named[own], unit]), np.concatenate([own, row])
