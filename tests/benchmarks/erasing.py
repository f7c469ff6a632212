"""How long an erasure takes, and who has to wait for it: `python tests/benchmarks/erasing.py [UNITS]`.

A shop with `UNITS` customers (200,000 where left out) with some rows each, and a score set of all of them with reasons;
the customer in the middle of the list is erased. `reading` is the longest that a look-up had to wait meanwhile.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.privacy.erasing import Reason, erase
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.store.connections import following
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.pipelines.store.served import served_risk

NOW = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
ROWS_EACH = 10
LIMITS = {"erase_seconds": 60.0, "reading_milliseconds": 250.0}
REASON = {"theme": "silence", "text": "no purchase for 19 days; usually every 4", "sayable": True, "log_odds": 1.2}


def main(units: int) -> None:
    """Measure, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names = [f"c{n:07d}" for n in range(units)]
        _write(root / "till.parquet", names)
        source = {"name": "till", "files": "till.parquet", "select": "select *, 'purchase' as kind from source"}
        outcome = {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28}}
        project = parse_project({"project": {"name": "big"}, "source": [source], "outcome": outcome}, root=root)
        store = open_store(project.data)
        snapshot = import_sources(project, now=NOW, store=store)
        made = {"outcome": "lapse", "as_of": dt.date(2024, 7, 1), "model_version": "1", "created_at": NOW}
        about = {"snapshot_id": snapshot.snapshot_id, "definition": "a silence", "verdict": "use"}
        publish(store, "lapse", write_score_set(store, _scores(names), **made, **about))
        stop, waits = threading.Event(), list[float]()
        reader = threading.Thread(target=_read, args=(project.data, names[-1], stop, waits))
        reader.start()
        begun = time.perf_counter()
        erase(project, store, names[units // 2], who="me", reason=Reason.request, now=NOW, say=lambda _: None)
        seconds = time.perf_counter() - begun
        stop.set()
        reader.join()
    found = {"erase_seconds": round(seconds, 2), "reading_milliseconds": round(1000 * max(waits), 1)}
    about_it = {"units": units, "interactions": units * ROWS_EACH, "buckets": snapshot.buckets, "reads": len(waits)}
    print(json.dumps({**about_it, **found, "limits": LIMITS}, indent=1))
    if any(found[name] > limit for name, limit in LIMITS.items()):
        raise SystemExit(1)


def _write(file: Path, names: list[str]) -> None:
    rng = np.random.default_rng(5)
    days = rng.integers(0, 360, size=len(names) * ROWS_EACH)
    moments = np.datetime64("2023-07-01") + days.astype("timedelta64[D]")
    table = {
        "customer_id": np.repeat(names, ROWS_EACH),
        "occurred_at": pa.array(moments.astype("datetime64[us]"), pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table({**table, "amount": rng.gamma(3, 9, size=len(days))}), file)


def _scores(names: list[str]) -> pd.DataFrame:
    risk = np.linspace(0.9, 0.01, len(names))
    place = pd.Series(np.arange(1, len(names) + 1), dtype="Int64")
    frame = pd.DataFrame(
        {"unit_id": names, "customer_id": names, "status": "scored", "probability": risk, "band": "low"}
    )
    reasons = pd.Series([[REASON] if n < 20_000 else None for n in range(len(names))], dtype=object)
    return frame.assign(reasons=reasons, value=100.0, gain=risk * 10, place=place)


def _read(data: Path, name: str, stop: threading.Event, waits: list[float]) -> None:
    """Look a customer up again and again, as a service does."""
    store = open_store(data)
    with following(store) as connection:
        while not stop.is_set():
            begun = time.perf_counter()
            served_risk(connection, "lapse", name)
            waits.append(time.perf_counter() - begun)
            time.sleep(0.005)
    store.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
