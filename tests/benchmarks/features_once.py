"""Histories are sorted once: the time to describe six origins against the time for one.

Run it with `python tests/benchmarks/features_once.py`. It imports Complete Journey, describes every
household at one origin and at six, in one process, and prints the best of several runs as JSON.
The ratio must stay at or below 4.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
from pathlib import Path

import tenure.serving
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

RUNS = 7
LIMIT = 4.0


def seconds(study: Study, origins: list[dt.date], runs: int = RUNS) -> float:
    """The best time in which all households are described at the origins, reading and sorting included."""
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        build_examples(study, set(origins), knowledge={origins[-1]}, processes=1)
        best = min(best, time.perf_counter() - started)
    return best


def main() -> None:
    """Print both times and their ratio."""
    demo = Path(tenure.serving.__file__).parent / "demo" / "completejourney.toml"
    with tempfile.TemporaryDirectory() as folder:
        project = load_project(demo).model_copy(update={"root": Path(folder)})
        store = open_store(project.data)
        study = Study.of(project, import_sources(project, now=dt.datetime(2018, 1, 1, tzinfo=dt.UTC), store=store))
        origins = sorted(project.backtest.origins)
        one, six = seconds(study, origins[-1:]), seconds(study, origins)
        store.dispose()
    found = {"one_origin": one, "six_origins": six, "ratio": six / one, "limit": LIMIT, "runs": RUNS}
    print(json.dumps({k: round(v, 3) for k, v in found.items()}))


if __name__ == "__main__":
    main()
