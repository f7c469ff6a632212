"""A page of the list among a million customers, a tenth held out: how long it takes to read, whatever it is filtered by.

    python tests/benchmarks/list_by_worth.py [--customers 1000000]

The set is invented: every contact is worth making, in an order that has nothing to do with risk, which is the dearest
case. `first` is the first time in a process that somebody asks for the page. Prints JSON with the limit that every page
is to keep.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import tempfile
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.store.caring import take_care
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import Filter, count_listed, listed
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.held_places import keep_held_places
from tenure.pipelines.store.orders import Order, first_units
from tenure.pipelines.store.reach import Reach
from tenure.pipelines.store.score_sets import publish, published_set, write_score_set
from tenure.pipelines.store.worth import cut_at

LIMIT_MS = 50.0
SHOWN = 20_000
DAY = dt.date(2024, 6, 1)
NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
PAGES = {
    "first": (Filter(), 0),
    "deep": (Filter(), 500_000),
    "band": (Filter(band="low"), 0),
    "rare band": (Filter(band="critical"), 0),
    "reason": (Filter(theme="silence"), 0),
    "segment": (Filter(segment="north"), 0),
}


def invented(customers: int) -> pd.DataFrame:
    """A score set in which every contact is worth making."""
    generator = np.random.default_rng(7)
    risk = np.sort(generator.beta(1, 12, customers))[::-1]
    names = np.array([f"c{number:07d}" for number in generator.permutation(customers)], dtype=object)
    shown = np.arange(customers) < SHOWN
    theme = [{"theme": "silence", "text": "no visit for 19 days"}]
    gain = generator.gamma(2, 50, customers)
    place = np.empty(customers, dtype=np.int64)
    place[np.argsort(-gain, kind="stable")] = np.arange(1, customers + 1)
    bands = np.select([risk > 0.5, risk > 0.25, risk > 0.1], ["critical", "high", "medium"], "low")
    return pd.DataFrame(
        {
            "unit_id": names, "customer_id": names, "status": "scored", "probability": risk, "band": bands,
            "reasons": pd.Series([theme if one else None for one in shown], dtype=object),
            "segment": np.where(shown, "north", None), "value": 1000.0, "effect": np.nan, "gain": gain, "place": place,
            "barred": None, "never_held_out": False,
        }
    )  # fmt: skip


def main() -> None:
    """Write the set, read pages of it, and print how long each took, the median of twenty."""
    options = argparse.ArgumentParser()
    options.add_argument("--customers", type=int, default=1_000_000)
    customers = options.parse_args().customers
    with tempfile.TemporaryDirectory() as folder:
        engine, rows = open_store(Path(folder)), invented(customers)
        started = time.perf_counter()
        about = {"model_version": "7", "snapshot_id": "1", "created_at": NOW, "definition": "none", "verdict": "use"}
        publish(engine, "lapse", write_score_set(engine, rows, outcome="lapse", as_of=DAY, **about))
        draw = Draw(DAY - dt.timedelta(days=DAY.weekday()), 0.1, "salt", NOW.replace(tzinfo=None))
        began = time.perf_counter()
        keep_held_places(engine, 1, draw)
        kept = time.perf_counter() - began
        written = time.perf_counter() - started
        cared = rows["customer_id"].sample(1_000, random_state=1).tolist()
        take_care(engine, "lapse", cared, who="zoe", now=NOW, owner=None, status="addressed")
        took = {}
        with reading(engine) as connection:
            found = published_set(connection, "lapse")
            assert found is not None
            for by, (name, (wanted, offset)) in product(get_args(Order), PAGES.items()):
                times, asked = [], replace(wanted, reach=Reach(draw))
                for _ in range(20):
                    began = time.process_time()
                    page = listed(connection, found, asked, limit=50, offset=offset, today=DAY, by=by)
                    count_listed(connection, found, asked, today=DAY, by=by)
                    cut_at(connection, first_units(connection, found, 1_000, reach=asked.reach, by=by))
                    times.append(1_000 * (time.process_time() - began))
                middle, first = (round(one, 1) for one in (statistics.median(times), times[0]))
                took[f"{name}, by {by}"] = {"rows": len(page), "milliseconds": middle, "first": first}
    slow = [name for name, one in took.items() if max(one["milliseconds"], one["first"]) > LIMIT_MS]
    told: dict[str, Any] = {"customers": customers, "written_s": round(written, 1), "hold_out_kept_s": round(kept, 1)}
    told |= {"pages": took, "limit_ms": LIMIT_MS, "slow": slow}
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
