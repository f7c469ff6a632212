"""Rows of records as columns of numbers, and how they become Arrow tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tenure.pipelines.catalogue import CHANNELS, DIRECTIONS, KINDS
from tenure.pipelines.simulation.draws import Floats, Ints, Mask
from tenure.pipelines.simulation.people import PLANS
from tenure.pipelines.simulation.weeks import FIRST_DAY

DAY_MS = 86_400_000
START_MS = (FIRST_DAY - dt.date(1970, 1, 1)).days * DAY_MS
INSTANT = pa.timestamp("ms", tz="UTC")

KIND, CHANNEL = tuple(KINDS), tuple(CHANNELS)
INBOUND, OUTBOUND = (tuple(DIRECTIONS).index(name) for name in ("inbound", "outbound"))
REASONS = ("service", "not_needed", "price", "moved", "not_stated")
"""What people say when they leave."""

AGENTS, TEAMS = 40, 4

CODES: Mapping[str, Sequence[str]] = {
    "kind": KIND,
    "channel": CHANNEL,
    "direction": tuple(DIRECTIONS),
    "agent_id": tuple(f"agent-{number:02d}" for number in range(AGENTS)),
    "team_id": tuple(f"team-{number}" for number in range(TEAMS)),
    "product_id": tuple(f"extra-{number}" for number in range(6)),
    "reason": REASONS,
    "plan": tuple(plan.name for plan in PLANS),
}
"""Columns held as places in a table of words; -1 is none."""

NUMBERS = ("amount", "wait_seconds", "handle_seconds", "rating")
"""Columns held as numbers; NaN is none."""


@dataclass(frozen=True)
class Rows:
    """Rows of one kind: whose, on which day (with its fraction, from the first day of the records), and columns.

    `late` are days after which a row could be known. `due` is a day, `case` a number, `text` a place in the words.
    """

    kind: str
    customer: Ints
    day: NDArray
    columns: Mapping[str, NDArray] = field(default_factory=dict)
    late: Floats | None = None

    def where(self, mask: Mask) -> Rows:
        """The rows for which a mask holds."""
        columns = {name: column[mask] for name, column in self.columns.items()}
        late = None if self.late is None else self.late[mask]
        return Rows(self.kind, self.customer[mask], self.day[mask], columns, late)


def code(name: str, word: str, size: int) -> Ints:
    """The same word for all rows, as its place in the table of a column."""
    return np.full(size, list(CODES[name]).index(word), dtype=np.int64)


def instants(days: Floats) -> Ints:
    """Days from the first of the records as milliseconds since 1970."""
    return START_MS + np.rint(days * DAY_MS).astype(np.int64)


def interactions(rows: Sequence[Rows], *, customers: pa.Array, texts: pa.Array, mark: str, first: int) -> pa.Table:
    """One table of rows, in the order of `rows`, with ids that begin with `mark` and count on from `first`."""
    sizes = [len(one.customer) for one in rows]
    numbers = np.arange(first, first + sum(sizes))
    whole = {name: _column(rows, name, sizes) for name in (*CODES, *NUMBERS, "case", "text", "due")}
    whole["kind"] = np.repeat([KIND.index(one.kind) for one in rows], sizes)
    day = np.concatenate([one.day for one in rows])
    late = np.concatenate([np.zeros(n) if one.late is None else one.late for one, n in zip(rows, sizes, strict=True)])
    occurred = instants(day)
    columns = {
        "interaction_id": _named(mark, numbers),
        "customer_id": customers.take(pa.array(np.concatenate([one.customer for one in rows]))),
        "occurred_at": pa.array(occurred).cast(INSTANT),
        "known_at": pa.array(np.maximum(instants(day + late), occurred)).cast(INSTANT),
        "due_at": pa.array(instants(np.nan_to_num(whole["due"])), mask=np.isnan(whole["due"])).cast(INSTANT),
        "case_id": _named("case-", whole["case"]),
        "text": texts.take(_places(whole["text"])),
    }
    columns |= {name: pa.array(list(words)).take(_places(whole[name])) for name, words in CODES.items()}
    columns |= {name: pa.array(whole[name], from_pandas=True) for name in NUMBERS}
    return pa.table(columns)


def _column(rows: Sequence[Rows], name: str, sizes: Sequence[int]) -> Floats | Ints:
    missing = np.nan if name in (*NUMBERS, "due") else -1
    held = [one.columns.get(name) for one in rows]
    return np.concatenate([np.full(n, missing) if one is None else one for one, n in zip(held, sizes, strict=True)])


def _places(codes: Ints | Floats) -> pa.Array:
    places = codes.astype(np.int64)
    return pa.array(places, mask=places < 0)


def _named(mark: str, numbers: Ints | Floats) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(mark), _places(numbers).cast(pa.string()), "")
