"""What a cluster costs beside one machine: the same log imported and described by both, with all default families.

`python tests/benchmarks/spark_sizes.py [ROWS ...]` invents logs (2 and 20 million interactions), imports each and makes
the examples of two cut-offs, here with two processes and on a cluster of two workers of one core on loopback. It prints
JSON: seconds of the clock and of CPU for each step (Java's included; in `all` also for starting the cluster), the
ratios, how much a million rows more cost, and whether both engines gave the same table. An own process does each, so
peaks of memory are its own.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from cluster import Cluster
from measured import answer, cost_of, family, rounded
from shop_log import write_log

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.spark.session import close_session
from tenure.pipelines.store.engine import open_store

SIZES = (2_000_000, 20_000_000)
CORES = 2
CUTOFFS = {dt.date(2024, 6, 1), dt.date(2024, 12, 1)}
NOW = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
PROJECT = """
[project]
name = "shop"
clock = "data"
cache_gigabytes = 0
data = "{data}"
engine = "{engine}"
[spark]
master = "{master}"
[[source]]
name = "log"
files = "log-*.parquet"
complete_until = 2025-01-01
select = "select * from source"
[[source]]
name = "customers"
into = "profiles"
files = "customers.parquet"
timeless = true
select = "select customer_id, 'industry' as name, industry as value from source"
[profile]
industry = {{ type = "category", role = "peer_group" }}
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
eligible = {{ active_days = 91 }}
horizon_days = 28
"""


def run(folder: str, engine: str) -> dict[str, Any]:
    """Import a log and make its examples with one engine; the cost of each step."""
    root = Path(folder)
    running, begun = None, _cpu()
    if engine == "spark":
        running = Cluster(root / "cluster").start(CORES)
    text = PROJECT.format(data=f".{engine}", engine=engine, master=running.master if running else "local[1]")
    (root / f"{engine}.toml").write_text(text)
    project = load_project(root / f"{engine}.toml")
    try:
        steps: dict[str, Any] = {}
        snapshot = _step(steps, "import", lambda: import_sources(project, now=NOW, store=open_store(project.data)))
        study = Study.of(project, snapshot)
        table = _step(
            steps, "examples", lambda: build_examples(study, CUTOFFS, knowledge={max(CUTOFFS)}, processes=CORES)
        )
        steps["all"] = {"wall": sum(s["wall"] for s in steps.values()), "cpu": _cpu() - begun}
        close_session()
    finally:
        if running is not None:
            running.stop()
    return {
        "steps": steps,
        "buckets": snapshot.buckets,
        "shape": list(table.frame.shape),
        "print": int(pd.util.hash_pandas_object(table.frame, index=False).sum()),
    }


def main(sizes: list[int]) -> None:
    """Measure all sizes and print what was found."""
    found: dict[str, Any] = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            write_log(rows, Path(scratch))
            costs = {e: cost_of(Path(__file__), "run", folder=scratch, engine=e) for e in ("local", "spark")}
        local, spark = (costs[engine].said for engine in ("local", "spark"))
        found[str(rows)] = {
            **{engine: {"gib": cost.gib, **cost.said["steps"]} for engine, cost in costs.items()},
            "spark over local": {
                step: {what: spark["steps"][step][what] / spent[what] for what in spent}
                for step, spent in local["steps"].items()
            },
            "buckets": local["buckets"],
            "examples and columns": local["shape"],
            "equal": local["print"] == spark["print"] and local["shape"] == spark["shape"],
        }
    if len(sizes) > 1:
        found["CPU seconds for a million rows more"] = {
            engine: {step: _slope(found, sizes, engine, step) for step in ("import", "examples")}
            for engine in ("local", "spark")
        }
    print(json.dumps(rounded(found), indent=1))


def _slope(found: dict[str, Any], sizes: list[int], engine: str, step: str) -> float:
    few, many = min(sizes), max(sizes)
    spent = [found[str(rows)][engine][step]["cpu"] for rows in (few, many)]
    return float((spent[1] - spent[0]) / (many - few) * 1e6)


def _step(steps: dict[str, Any], name: str, work: Callable[[], Any]) -> Any:
    started, before = time.perf_counter(), _cpu()
    made = work()
    steps[name] = {"wall": time.perf_counter() - started, "cpu": _cpu() - before}
    return made


def _cpu() -> float:
    """CPU seconds of this process, of all that live below it, and of those that ended and were waited for."""
    total = 0
    for pid in family(os.getpid()):
        try:
            total += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return total / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__" and not answer({"run": run}):
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
