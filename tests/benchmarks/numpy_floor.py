"""The reference features as bare NumPy: sort once, cumulate, look up positions. No rule of Tenure is kept.

Nothing is validated, partitioned, late or withdrawn; all rows must fit into memory. It is what the
arithmetic alone costs, and so the floor against which the kernel is measured.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from reference import COUNT_TRENDS, KINDS, MEANS, TOTALS, TREND, WINDOWS, gap_features, trend

DAY = 86_400_000
COLUMNS = ["customer_id", "occurred_at", "kind", "amount", "wait_seconds", "rating"]


def run(files: list[str], cutoffs: list[str], out: str) -> dict[str, object]:
    """Describe all customers at all cut-offs and write a Parquet file for each cut-off."""
    table = pq.read_table(files, columns=COLUMNS, read_dictionary=["customer_id", "kind"]).unify_dictionaries()
    customer, names = _codes(table["customer_id"])
    kind, kinds = _codes(table["kind"])
    time = table["occurred_at"].cast(pa.int64()).to_numpy() // 1000
    numbers = {name: table[name].to_numpy() for name in ("amount", "wait_seconds", "rating")}
    del table
    origin, span = int(time.min()), int(time.max() - time.min()) + 1
    key = customer * (span + 1) + (time - origin)
    order = np.argsort(key)
    key, kind, day = key[order], kind[order], time[order] // DAY
    customer = customer[order]
    numbers = {name: values[order] for name, values in numbers.items()}
    units = np.arange(len(names)) * (span + 1)
    rows = _Rows(key, units, origin, day, {})
    gap = np.diff(day, prepend=day[:1])
    gap[np.diff(customer, prepend=-1) > 0] = 0
    by_kind = {}
    for name in KINDS:
        mask = kind == kinds.index(name)
        held = {n: numbers[n][mask] for k, n in {*TOTALS, *MEANS} if k == name}
        by_kind[name] = _Rows(key[mask], units, origin, day[mask], held)
    written = 0
    for as_of in map(dt.date.fromisoformat, cutoffs):
        seen = rows.before(as_of) > rows.before(dt.date(1970, 1, 2))
        columns = {"customer_id": names.take(pa.array(np.flatnonzero(seen)))}
        columns |= {name: values[seen] for name, values in _features(rows, by_kind, customer, gap, as_of)}
        pq.write_table(pa.table(columns), Path(out) / f"{as_of}.parquet", compression="lz4", use_dictionary=False)
        written += int(seen.sum())
        for each in (rows, *by_kind.values()):
            each.found.clear()
    return {"rows": written, "columns": len(columns) - 1}


class _Rows:
    """Sorted rows with running totals of their numbers."""

    def __init__(self, key: np.ndarray, units: np.ndarray, origin: int, day: np.ndarray, numbers: dict) -> None:
        self.key, self.units, self.origin, self.day = key, units, origin, day
        self.totals = {n: _running(np.rint(np.nan_to_num(v) * 10_000).astype(np.int64)) for n, v in numbers.items()}
        self.given = {n: _running(~np.isnan(v)) for n, v in numbers.items()}
        self.found: dict[dt.date, np.ndarray] = {}

    def before(self, day: dt.date) -> np.ndarray:
        if day not in self.found:
            edge = max((day - dt.date(1970, 1, 1)).days * DAY - self.origin, 0)
            self.found[day] = np.searchsorted(self.key, self.units + edge)
        return self.found[day]

    def since(self, as_of: dt.date, days: int) -> np.ndarray:
        return self.before(as_of - dt.timedelta(days=days))

    def count(self, as_of: dt.date, days: int) -> np.ndarray:
        return (self.before(as_of) - self.since(as_of, days)).astype(np.float64)

    def total(self, name: str, as_of: dt.date, days: int) -> np.ndarray:
        running = self.totals[name]
        return (running[self.before(as_of)] - running[self.since(as_of, days)]) / 10_000


def _features(
    rows: _Rows, by_kind: dict[str, _Rows], customer: np.ndarray, gap: np.ndarray, as_of: dt.date
) -> Iterator[tuple[str, np.ndarray]]:
    today, first = (as_of - dt.date(1970, 1, 1)).days, dt.date(1970, 1, 2)
    for kind in KINDS:
        past = by_kind[kind]
        for days in WINDOWS:
            yield f"{kind}_count_{days}d", past.count(as_of, days)
        end = past.before(as_of)
        last = past.day[np.maximum(end - 1, 0)]
        yield f"{kind}_days_since", np.where(end > past.before(first), today - last, np.nan)
    for kind, name in TOTALS:
        for days in WINDOWS:
            yield f"{kind}_{name}_total_{days}d", by_kind[kind].total(name, as_of, days)
    for kind, name in MEANS:
        past = by_kind[kind]
        for days in WINDOWS:
            count = past.given[name][past.before(as_of)] - past.given[name][past.since(as_of, days)]
            total = past.total(name, as_of, days)
            yield (
                f"{kind}_{name}_mean_{days}d",
                np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0),
            )
    yield from _gaps(rows, customer, gap, as_of)
    short, long = TREND
    for name in COUNT_TRENDS:
        past = rows if name == "any" else by_kind[name]
        yield f"{name}_trend", trend(past.count(as_of, short), past.count(as_of, long))
    past = by_kind["purchase"]
    yield "purchase_amount_trend", trend(past.total("amount", as_of, short), past.total("amount", as_of, long))


def _gaps(rows: _Rows, customer: np.ndarray, gap: np.ndarray, as_of: dt.date) -> Iterator[tuple[str, np.ndarray]]:
    if not rows.totals:
        top = int(gap.max()) + 1
        rows.totals = {
            "gap": _running(gap),
            "squares": _running(gap**2),
            "largest": np.maximum.accumulate(customer * top + gap) - customer * top,
        }
    begin, end = rows.before(dt.date(1970, 1, 2)), rows.before(as_of)
    count = np.maximum(end - begin - 1, 0).astype(np.float64)
    total, squares = (rows.totals[n][end] - rows.totals[n][begin] for n in ("gap", "squares"))
    yield from gap_features(count, total.astype(np.float64), squares.astype(np.float64))
    last = np.maximum(end - 1, 0)
    yield "gap_largest", np.where(count > 0, rows.totals["largest"][last], np.nan)
    yield "gap_last", np.where(count > 0, gap[last], np.nan)


def _running(values: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(values, dtype=np.int64)])


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str] | pa.Array]:
    whole = column.combine_chunks()
    words = whole.dictionary
    return whole.indices.to_numpy().astype(np.int64), words if len(words) > 100 else words.to_pylist()
