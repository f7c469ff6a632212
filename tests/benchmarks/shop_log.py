"""An invented event log of any size, written month by month as Parquet files in the order of time.

Two years of a shop with a help desk: seven kinds of interactions, cases with agents, waits,
channels and ratings, and one profile. Everything is drawn from fixed seeds. A customer has about
40 interactions, some have thousands. `python tests/benchmarks/shop_log.py ROWS FOLDER` writes one.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_CUSTOMER = 40
MONTHS = 24
FIRST = dt.date(2023, 1, 1)
CUTOFFS = tuple(dt.date(2024, month, 1) for month in range(1, 13))
"""Twelve monthly cut-offs, each with a year of data before it."""

KINDS = ("purchase", "self_service", "contact_opened", "assigned", "message_out", "resolved", "survey_answered")
PURCHASE, SELF_SERVICE, OPENED, ASSIGNED, MESSAGE, RESOLVED, SURVEY = range(len(KINDS))
CHANNELS = ("in_person", "web", "phone", "email", "chat")
AGENTS, TEAMS, INDUSTRIES = 400, 20, 20
CASE_SHARE = 0.4
"""The share of rows that belong to cases."""
ROWS_A_CASE = 4.5
DAY = 86_400_000_000


def write_log(rows: int, folder: Path) -> None:
    """Write `log-MM.parquet` files of `rows` interactions in all, and `customers.parquet`."""
    folder.mkdir(parents=True, exist_ok=True)
    customers = max(rows // ROWS_A_CUSTOMER, 1)
    rng = np.random.default_rng(7)
    weight = rng.gamma(0.8, size=customers) + 0.02
    joined = np.where(rng.random(customers) < 0.5, 0, rng.integers(0, MONTHS, customers))
    left = np.where(rng.random(customers) < 0.6, MONTHS, joined + 1 + rng.integers(0, MONTHS, customers))
    names = pa.array([f"c{number:08d}" for number in range(customers)])
    per_month = np.diff(np.linspace(0, rows, MONTHS + 1).astype(np.int64))
    written = 0
    for month, count in enumerate(per_month):
        chances = np.cumsum(weight * ((joined <= month) & (month < left)))
        new = np.flatnonzero(joined == month)
        table = _month(np.random.default_rng([7, month]), month, int(count), chances, names, new, written)
        pq.write_table(table, folder / f"log-{month:02d}.parquet", compression="zstd", store_schema=False)
        written += int(count)
    pq.write_table(_customers(rng, names), folder / "customers.parquet", store_schema=False)


def log_files(folder: Path) -> list[str]:
    """The files of a log."""
    return [str(path) for path in sorted(folder.glob("log-*.parquet"))]


def _month(
    rng: np.random.Generator,
    month: int,
    count: int,
    chances: np.ndarray,
    names: pa.Array,
    new: np.ndarray,
    written: int,
) -> pa.Table:
    cases = int(CASE_SHARE * count / ROWS_A_CASE)
    parts = [_cases(rng, month, cases, chances, written)]
    parts.append(_singles(rng, month, count - len(parts[0]["time"]), chances, new))
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(columns["time"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    return pa.table(
        {
            "interaction_id": written + np.arange(count),
            "customer_id": _words(columns["customer"], names),
            "occurred_at": pa.array(columns["time"]).cast(pa.timestamp("us", "UTC")),
            "kind": _words(columns["kind"], pa.array(KINDS)),
            "channel": _words(columns["channel"], pa.array(CHANNELS)),
            "case_id": _case_names(columns["case"]),
            "agent_id": _words(columns["agent"], pa.array([f"agent{n:03d}" for n in range(AGENTS)])),
            "team_id": _words(
                columns["agent"] % TEAMS, pa.array([f"team{n:02d}" for n in range(TEAMS)]), columns["agent"]
            ),
            "amount": pa.array(columns["amount"], from_pandas=True),
            "wait_seconds": pa.array(columns["wait"], from_pandas=True),
            "rating": pa.array(columns["rating"], from_pandas=True),
        }
    )


def _singles(
    rng: np.random.Generator, month: int, count: int, chances: np.ndarray, new: np.ndarray
) -> dict[str, np.ndarray]:
    """Purchases and self-service, each by itself; every new customer has at least one."""
    kind = np.where(rng.random(count) < 0.75, PURCHASE, SELF_SERVICE)
    bought = kind == PURCHASE
    return {
        "customer": np.concatenate([new, _drawn(rng, count - len(new), chances)]),
        "time": _times(rng, month, count),
        "kind": kind,
        "channel": np.where(bought, rng.integers(0, 2, count), 1),
        "case": np.full(count, -1),
        "agent": np.full(count, -1),
        "amount": np.where(bought, np.round(rng.gamma(2.0, 20.0, count), 2), np.nan),
        "wait": np.full(count, np.nan),
        "rating": np.full(count, np.nan),
    }


def _cases(
    rng: np.random.Generator, month: int, cases: int, chances: np.ndarray, written: int
) -> dict[str, np.ndarray]:
    """Cases: opened, assigned once or twice, answered once to three times, mostly resolved, sometimes rated."""
    assigned, answered = 1 + (rng.random(cases) < 0.15), 1 + rng.binomial(2, 0.15, cases)
    resolved, rated = rng.random(cases) < 0.9, rng.random(cases) < 0.15
    steps = np.column_stack([np.ones(cases, dtype=np.int64), assigned, answered, resolved, rated])
    kind = np.repeat(np.tile([OPENED, ASSIGNED, MESSAGE, RESOLVED, SURVEY], cases), steps.ravel())
    case = np.repeat(np.arange(cases), steps.sum(axis=1))
    count, agent = len(case), rng.integers(0, AGENTS, cases)[case]
    begun = np.concatenate([[True], case[1:] != case[:-1]])
    waited = np.where(begun, 0, rng.gamma(0.7, 0.6 * DAY, count)).astype(np.int64)
    since = np.cumsum(waited)
    since -= np.repeat(since[begun], np.diff(np.append(np.flatnonzero(begun), count)))
    moved = (kind == ASSIGNED) & (rng.random(count) < 0.2)
    return {
        "customer": _drawn(rng, cases, chances)[case],
        "time": _times(rng, month, cases)[case] + since,
        "kind": kind,
        "channel": rng.integers(2, len(CHANNELS), cases)[case],
        "case": written + case,
        "agent": np.where(kind == OPENED, -1, np.where(moved, (agent + 7) % AGENTS, agent)),
        "amount": np.full(count, np.nan),
        "wait": np.where(kind == MESSAGE, np.round(waited / 1e6), np.nan),
        "rating": np.where(kind == SURVEY, rng.integers(0, 5, count) / 4, np.nan),
    }


def _drawn(rng: np.random.Generator, count: int, chances: np.ndarray) -> np.ndarray:
    return np.minimum(np.searchsorted(chances, rng.random(count) * chances[-1]), len(chances) - 1)


def _times(rng: np.random.Generator, month: int, count: int) -> np.ndarray:
    """Instants of a month in microseconds, whole seconds."""
    first = dt.date(FIRST.year + month // 12, month % 12 + 1, 1)
    last = dt.date(FIRST.year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    start = (first - dt.date(1970, 1, 1)).days * DAY
    return start + rng.integers(0, (last - first).days * DAY // 1_000_000, count) * 1_000_000


def _words(codes: np.ndarray, words: pa.Array, missing: np.ndarray | None = None) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=(codes if missing is None else missing) < 0), words)


def _case_names(cases: np.ndarray) -> pa.Array:
    found, places = np.unique(cases[cases >= 0], return_inverse=True)
    codes = np.full(len(cases), -1)
    codes[cases >= 0] = places
    return _words(codes, pa.array([f"k{number}" for number in found]))


def _customers(rng: np.random.Generator, names: pa.Array) -> pa.Table:
    industries = pa.array([f"industry{n:02d}" for n in range(INDUSTRIES)])
    return pa.table(
        {"customer_id": names, "industry": industries.take(pa.array(rng.integers(0, INDUSTRIES, len(names))))}
    )


if __name__ == "__main__":
    write_log(int(sys.argv[1]), Path(sys.argv[2]))
