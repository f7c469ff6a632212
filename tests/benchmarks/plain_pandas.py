"""The reference features as one would write them in pandas: filter by date, group, aggregate, join.

Written with care: ids and kinds are categories, rows are sorted once, a window is filtered once for
all kinds, only built-in aggregations are used.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from reference import COUNT_TRENDS, KINDS, MEANS, TOTALS, TREND, WINDOWS, trend

COLUMNS = ["customer_id", "occurred_at", "kind", "amount", "wait_seconds", "rating"]


def run(files: list[str], cutoffs: list[str], out: str) -> dict[str, object]:
    """Describe all customers at all cut-offs and write a Parquet file for each cut-off."""
    table = pq.read_table(files, columns=COLUMNS, read_dictionary=["customer_id", "kind"]).unify_dictionaries()
    rows = table.to_pandas().sort_values(["customer_id", "occurred_at"], ignore_index=True)
    del table
    rows["day"] = rows["occurred_at"].dt.floor("D")
    rows["gap"] = rows.groupby("customer_id", observed=True)["day"].diff().dt.days
    written = 0
    for as_of in cutoffs:
        found = _features(rows[rows["occurred_at"] < pd.Timestamp(as_of, tz="UTC")], dt.date.fromisoformat(as_of))
        written += len(found)
        plain = pa.Table.from_pandas(found.reset_index(), preserve_index=False)
        pq.write_table(plain, Path(out) / f"{as_of}.parquet", compression="lz4", use_dictionary=False)
    return {"rows": written, "columns": found.shape[1]}


def _features(past: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    today = pd.Timestamp(as_of, tz="UTC")
    customers = past.groupby("customer_id", observed=True)
    found = customers["gap"].agg(gap_mean="mean", gap_largest="max", gap_last="last")
    found["gap_std"] = customers["gap"].std(ddof=0)
    last = past.groupby(["customer_id", "kind"], observed=True)["day"].last().unstack()
    for kind in KINDS:
        found[f"{kind}_days_since"] = (today - last[kind]).dt.days.astype(float)
    for days in WINDOWS:
        part = past[past["occurred_at"] >= today - pd.Timedelta(days=days)]
        grouped = part.groupby(["customer_id", "kind"], observed=True)
        counts = grouped.size().unstack(fill_value=0)
        for kind in KINDS:
            found[f"{kind}_count_{days}d"] = counts[kind]
        if days in TREND:
            found[f"any_count_{days}d"] = counts.sum(axis=1)
        totals = {n: grouped[n].sum().unstack() for n in dict.fromkeys(n for _, n in TOTALS)}
        for kind, name in TOTALS:
            found[f"{kind}_{name}_total_{days}d"] = totals[name][kind]
        means = {n: grouped[n].mean().unstack() for n in dict.fromkeys(n for _, n in MEANS)}
        for kind, name in MEANS:
            found[f"{kind}_{name}_mean_{days}d"] = means[name][kind]
    found = found.fillna({c: 0.0 for c in found if "_count_" in c or "_total_" in c})
    short, long = TREND
    for name in COUNT_TRENDS:
        found[f"{name}_trend"] = trend(found[f"{name}_count_{short}d"], found[f"{name}_count_{long}d"])
    amounts = [found[f"purchase_amount_total_{days}d"] for days in TREND]
    found["purchase_amount_trend"] = trend(*amounts)
    return found.drop(columns=[f"any_count_{days}d" for days in TREND])
