"""The whole way of an example table, in two steps whose costs are told: what comes beforehand, and describing everybody.

Works for benchmarks (see `measured.py`), each on the project file in a folder.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import partial
from pathlib import Path
from typing import Any

from tenure.pipelines.examples.parts import write_part
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import prepare
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""When the imports take place: after all that is in the logs."""


def load(root: str) -> dict[str, Any]:
    """Import the project with every check."""
    project = load_project(Path(root) / "tenure.toml")
    snapshot = import_sources(project, now=NOW, store=open_store(project.data))
    return {"lake": str(snapshot.folder), "rows": snapshot.rows, "buckets": snapshot.buckets}


def describe(root: str, out: str, cutoffs: list[str], processes: int = 1) -> dict[str, Any]:
    """Make the example table of all cut-offs, a file for each bucket; `order` is that in which they were done."""
    project = load_project(Path(root) / "tenure.toml")
    study = Study.of(project, current_snapshot(project, open_store(project.data)))
    days = {dt.date.fromisoformat(day) for day in cutoffs}
    workers, began = study.workers(processes), _cpu()
    task, _ = prepare(study, days, knowledge={max(days)}, workers=workers)
    ready = _cpu()
    Path(out).mkdir()
    done = dict(workers.map(partial(write_part, folder=Path(out)), task, task.buckets))
    return {
        "rows": sum(rows for rows, _ in done.values()),
        "columns": len(done[0][1]),
        "families": list(study.project.features.families),
        "beforehand_cpu": ready - began,
        "described_cpu": _cpu() - ready,
        "order": " ".join(map(str, done)),
    }


def _cpu() -> float:
    return sum(os.times()[:4])
