"""What worlds with known truth are like, and what they cost; and how often a world without signal is seen through.

    python tests/benchmarks/worlds.py [--customers 200000] [--seeds 3]
    python tests/benchmarks/worlds.py --verdicts 20 --customers 3000

The first prints, for every world and seed, shares and spreads of the truth, what rankings earn of what the ranking by
the true effect and value earns at 5 % of the customers, and the cost of a million rows. The second writes worlds
without signal and back-tests each: the share that ends in "no signal". Both print JSON with the limits to be reached.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from measured import answer, cost_of

from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.proof.backtest import backtest
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.simulation.hazard import CAUSES, UNSEEN
from tenure.pipelines.simulation.parameters import WORLDS, load_world
from tenure.pipelines.simulation.world import World
from tenure.pipelines.store.engine import open_store

DAY = dt.date(2024, 12, 30)
SHARE = 0.05
LIMITS = {
    "plain_unseen_share_at_least": 0.5,
    "plain_effect_spread_at_most": 1.5,
    "million_rows_cpu_seconds_at_most": 10.0,
    "million_rows_gib_at_most": 1.0,
    "no_signal_share_at_least": 0.95,
}


def main() -> None:
    """Measure and print."""
    if answer({"write": write}):
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--verdicts", type=int, default=0)
    told = parser.parse_args()
    if told.verdicts:
        found: dict[str, Any] = verdicts(told.verdicts, told.customers)
    else:
        found = {
            "truth": [
                {"world": name, "seed": seed} | truth(name, seed, told.customers)
                for name in WORLDS
                for seed in range(1, told.seeds + 1)
            ],
            "writing": writing(),
        }
    print(json.dumps(found | {"limits": LIMITS}, indent=1))


def truth(name: str, seed: int, customers: int) -> dict[str, Any]:
    """Shares and spreads of the truth a year after the beginning."""
    world = World(load_world(name), customers=customers, seed=seed).advance(DAY)
    found, fates = world.at(DAY), world.fates(DAY)
    spread = {cause: round(float(found[f"cause_{cause}"].std()), 3) for cause in CAUSES}
    unseen = found[[f"cause_{cause}" for cause in UNSEEN]].sum(axis=1)
    return {
        "customers": len(found),
        "risk": round(float(found["risk"].mean()), 4),
        "left": round(float(fates["without"].mean()), 4),
        "mean_effect": round(float(found["saved"].mean()), 5),
        "difference_of_fates": round(float(fates["without"].mean() - fates["with_contact"].mean()), 5),
        "effect_spread": round(float(found["saved"].std() / found["saved"].mean()), 3),
        "driven_away": round(float((found["saved"] < 0).mean()), 3),
        "unseen_share": round(float(unseen.var() / found["log_hazard"].var()), 3),
        "cause_spread": spread,
        "fates": fates["fate"].value_counts(normalize=True).round(4).to_dict(),
        "earned_of_oracle": earned(found),
    }


def earned(found: pd.DataFrame) -> dict[str, float]:
    """What the best customers by each ranking bring, as a share of the best by true effect and value."""
    worth = (found["saved"] * found["value"]).to_numpy()
    seen = found["log_hazard"] - found[[f"cause_{cause}" for cause in UNSEEN]].sum(axis=1)
    keys = {
        "risk": found["risk"],
        "risk_value": found["risk"] * found["value"],
        "seen_risk": seen,
        "seen_effect_value": np.exp(seen) * -np.expm1(found["response"]) * found["value"],
    }
    many = int(SHARE * len(found))
    best = np.sort(worth)[::-1][:many].sum()
    return {
        name: round(float(worth[np.argsort(-key.to_numpy(), kind="stable")[:many]].sum() / best), 3)
        for name, key in keys.items()
    }


def writing() -> dict[str, Any]:
    """The cost of writing about a million rows, in a process of its own."""
    cost = cost_of(Path(__file__), "write", customers=25_000, days=182)
    rows = cost.said["rows"]
    return {
        "rows": rows,
        "cpu_seconds": round(cost.cpu, 2),
        "million_rows_cpu_seconds": round(cost.cpu * 1e6 / rows, 2),
        "wall_seconds": round(cost.wall, 2),
        "rows_a_cpu_second": round(rows / cost.cpu),
        "gib": round(cost.gib, 2),
    }


def write(customers: int, days: int) -> dict[str, Any]:
    """Live through a world and write it."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(load_world("plain"), customers=customers, seed=1, days=days)
        world.advance(dt.date(2024, 1, 1) + dt.timedelta(days=days))
        world.write(Path(folder) / "world")
        return {"rows": sum(pq.read_metadata(f).num_rows for f in (Path(folder) / "world" / "data").glob("*.parquet"))}


def verdicts(seeds: int, customers: int) -> dict[str, Any]:
    """The verdicts on worlds without signal, one a seed."""
    found: dict[str, int] = {}
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            name = _verdict(Path(folder), seed, customers)
        found[name] = found.get(name, 0) + 1
    return {"verdicts_without_signal": found, "no_signal_share": found.get("no signal", 0) / seeds}


def _verdict(folder: Path, seed: int, customers: int) -> str:
    world = World(load_world("plain", no_signal=True), customers=customers, seed=seed)
    last = dt.date(2024, 1, 1) + dt.timedelta(days=world.days)
    project = load_project(world.advance(last).write(folder / "world"))
    store = open_store(project.data)
    now = dt.datetime(last.year, last.month, last.day, tzinfo=dt.UTC) + dt.timedelta(days=1)
    study = Study.of(project, import_sources(project, now=now, store=store), None)
    return backtest(study, report_origins(study)).verdict.name


if __name__ == "__main__":
    main()
