"""A million customers: what scoring costs beside the `predict` calls it is made of, and how fast the list is read.

`python tests/benchmarks/million.py [--rows 2000000] [--customers 1000000] [--postgres]`. A shop is invented and a model
trained; its feature table is repeated until it has so many customers. `score` (predictions, calibration, blend, reasons
for 20,000) is compared with the sum of the `predict` calls that the artefact makes. The set is written and published,
and pages of the list are asked for over the application. `tenure score` from the lake is told in customers a CPU-second.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import new_feature
import numpy as np
import pandas as pd
from live import database, tenure
from shop_log import write_log

from tenure.models.feature import feature_matrix
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import describe_buckets
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.registry import Registry, model_name
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.scoring.score import EXPLAINED, scoring_task
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.serving.app import create_app
from tenure.serving.scorer import Scorers
from tenure.serving.settings import ServiceSettings

LIMITS = {"score_to_predicts": 2.0, "page_ms": 50.0}
AS_OF = dt.date(2025, 1, 1)


def main() -> None:
    """Print the figures as JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=int, default=2_000_000)
    asked.add_argument("--customers", type=int, default=1_000_000)
    asked.add_argument("--postgres", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch, database(given.postgres) as section:
        folder = Path(scratch)
        write_log(given.rows, folder / "log")
        (folder / "tenure.toml").write_text(new_feature.PROJECT + section)
        tenure("train", str(folder))
        whole = end_to_end(folder)
        model, described = feature_table(folder, given.customers)
        scoring = compare(model, described)
        listing = lists(folder, model, described)
    print(
        json.dumps(
            {"customers": len(described), "postgres": given.postgres, **scoring, **listing, **whole, "limits": LIMITS}
        )
    )


def end_to_end(folder: Path) -> dict[str, Any]:
    """`tenure score` as a program: customers a CPU-second, and memory."""
    code = "from tenure.serving.cli.main import run; run()"
    process = subprocess.Popen([sys.executable, "-c", code, "score", str(folder), "--json"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _, process.returncode, used = os.wait4(process.pid, 0)
    customers = sum(json.loads(said)["counts"].values())
    return {
        "end_to_end_customers_a_cpu_second": round(customers / (used.ru_utime + used.ru_stime)),
        "peak_gib_of_score": round(used.ru_maxrss / 2**20, 2),
    }


def feature_table(folder: Path, customers: int) -> tuple[ScoringModel, pd.DataFrame]:
    """The model, and the features of those who are scored, repeated under new names."""
    project = load_project(folder)
    store = project_store(project)
    study = Study.of(project, current_snapshot(project, store))
    model = open_model(Registry(project.data).with_alias(model_name(project.name, study.name)).directory)
    task = scoring_task(study, model, AS_OF)
    found = describe_buckets(task, study.snapshot.buckets, workers=study.workers(None)).frame
    store.dispose()
    found = found[found["status"] == "scored"]
    many = found.iloc[np.arange(customers) % len(found)].reset_index(drop=True)
    names = [f"c{number:08d}" for number in range(customers)]
    return model, many.assign(unit_id=names, customer_id=names)


def compare(model: ScoringModel, described: pd.DataFrame) -> dict[str, Any]:
    """The CPU of `score` over that of its `predict` calls."""
    race = model.artefact.race
    matrix = feature_matrix(described[model.features], race.features)
    calls: list[Callable[[], Any]] = [lambda: race.recency.log_odds(matrix), lambda: race.logistic.log_odds(matrix)]
    calls += [
        lambda b=b: b.predict(matrix, raw_score=True, num_threads=1, validate_features=False)
        for b in race.boosted.boosters
    ]  # type: ignore[misc]
    predicts = sum(cpu(call) for call in calls)
    score = cpu(lambda: model.score(described, explain=EXPLAINED))
    return {
        "predicts_cpu": round(predicts, 1),
        "score_cpu": round(score, 1),
        "score_to_predicts": round(score / predicts, 2),
    }


def cpu(work: Callable[[], Any]) -> float:
    """CPU-seconds of a piece of work."""
    began = time.process_time()
    work()
    return time.process_time() - began


PAGES = {
    "first": "/v1/at-risk?limit=100",
    "deep": "/v1/at-risk?limit=100&offset=100000",
    "band": "/v1/at-risk?limit=100&band=high",
    "desk": "/",
    "desk_page_1000": "/?page=1000",
    "desk_band": "/?band=high",
    "desk_reason": "/?theme=silence",
    "desk_snoozed": "/?status=snoozed",
}
"""Pages of the list that are timed, by what they are called in the result."""


def lists(folder: Path, model: ScoringModel, described: pd.DataFrame) -> dict[str, Any]:
    """Write and publish all scores, then ask for pages of the list."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient
    project = load_project(folder)
    scored = model.score(described, explain=EXPLAINED)
    rows = scored.assign(band=[project.bands.of(p) for p in scored["probability"]])
    engine = project_store(project)
    about = {
        "model_version": "1",
        "snapshot_id": "s",
        "definition": "d",
        "verdict": "use",
        "created_at": dt.datetime(2025, 1, 1),
    }
    began = time.perf_counter()
    number = write_score_set(engine, rows, outcome="silence", as_of=AS_OF, **about)
    publish(engine, "silence", number)
    written = time.perf_counter() - began
    app = create_app(ServiceSettings(project=project), engine=engine, scorers=Scorers(lambda _o, _v: None))  # type: ignore[arg-type, return-value]
    client, pages = TestClient(app, base_url="http://localhost"), {}
    for name, path in PAGES.items():
        times = []
        for _ in range(30):
            began = time.perf_counter()
            answer = client.get(path)
            times.append(1000 * (time.perf_counter() - began))
            if answer.status_code != 200:
                raise RuntimeError(answer.text)
        pages[f"page_ms_{name}"] = round(median(times), 1)
    app.state.auditor.close()
    engine.dispose()
    return {"written_and_published_seconds": round(written, 1), **pages}


if __name__ == "__main__":
    main()
