"""Whether nothing is found where there is nothing: worlds without signal, and pilots of contacts without effect.

    python tests/benchmarks/world_nothing.py [--part signal|effect] [--world plain] [--seeds 40] [--first-seed 1]
        [--customers 3000] [--people 6000]

*signal*: a world in which nothing drives anybody away (`--no-signal`) is written as a project of `--customers` customers
and back-tested; the verdict is to be *no signal*. *effect*: in a world in which contacts change nothing (`--no-effect`)
half of `--people` customers, drawn at random, are contacted; a model of risk is learnt from the three months before, an
effect model from the pilot, and the verdict is to be *cannot show an effect*. Prints JSON: the verdicts counted, what was
said where another came out, the share of the right one with its interval, and the limit; ends with 1 where it is missed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measured import rounded
from scipy.stats import beta
from world_project import HORIZON, features_of, labelled, lived, study_of

from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.settings import RaceSettings
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.study import study_effect
from tenure.models.uplift.trial import RISK, Trial
from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.proof.backtest import backtest
from tenure.pipelines.simulation.parameters import WORLDS, load_world
from tenure.pipelines.simulation.world import World

LEAST = 0.95
PILOT = dt.date(2024, 9, 30)
MONTHS = 3
CAPACITY = 0.2
PRESENT = 0.4
"""Of all customers that a world will ever have, more than this share are there on the day of the pilot."""


def signal(name: str, *, customers: int, seed: int) -> tuple[str, str]:
    """The verdict of a back-test in a world without signal, and its sentence."""
    world = lived(load_world(name, no_signal=True), customers=customers, seed=seed, days=728)
    with tempfile.TemporaryDirectory() as folder:
        study = study_of(world, Path(folder) / "world")
        found = backtest(study, report_origins(study), processes=1).verdict
    return found.name, found.sentence


def effect(name: str, *, people: int, seed: int) -> tuple[str, str]:
    """The verdict on a randomised pilot in a world in which contacts change nothing, and its sentence."""
    world = World(load_world(name, no_effect=True), customers=round(people / PRESENT), seed=seed)
    months = {}
    for back in range(MONTHS, 0, -1):
        day = PILOT - back * HORIZON
        months[day] = world.advance(day).observed()
    gone, generator = world.advance(PILOT).left(), np.random.default_rng(seed)
    before = pd.concat([labelled(seen, gone, day) for day, seen in months.items()], ignore_index=True)
    seen = world.observed()
    chosen = np.sort(generator.choice(len(seen), people, replace=False))
    asked = seen.iloc[chosen].reset_index(drop=True)
    treated = generator.random(len(asked)) < 0.5
    after = world.advance(PILOT + HORIZON, contacts=dict.fromkeys(asked["customer_id"][treated], PILOT)).left()
    features = features_of(asked)
    race = fit_race(before, features=features, settings=RaceSettings(seed=seed))
    frame = asked[[feature.name for feature in features]].astype(float)
    trial = Trial.of(
        frame.assign(**{RISK: race.predict(frame)["risk"]}),
        features=(*features, Feature(RISK)),
        treated=treated.astype(float),
        left=asked["customer_id"].map(after).notna().to_numpy(dtype=float),
        propensity=0.5,
        persons=asked["customer_id"].to_numpy(),
    )
    found = study_effect(trial, capacity=CAPACITY, value=asked["value"], settings=EffectSettings(seed=seed)).verdict
    return found.name, found.sentence


def counted(verdict: Callable[[int], tuple[str, str]], seeds: range, *, right: str) -> dict[str, Any]:
    """How often which verdict came out, and what was said where it was not the right one."""
    found, others = Counter[str](), {}
    for seed in seeds:
        name, sentence = verdict(seed)
        found[name] += 1
        if name != right:
            others[seed] = sentence
        print(f"seed {seed}: {sentence}", file=sys.stderr, flush=True)
    share = found[right] / len(seeds)
    return {
        "verdicts": dict(found),
        "right": right,
        "share": share,
        "interval": _exact(found[right], len(seeds)),
        "others": others,
        "required": LEAST,
        "reached": share >= LEAST,
    }


def _exact(successes: int, trials: int) -> tuple[float, float]:
    """The interval of 95 % of a share (Clopper and Pearson 1934)."""
    low = beta.ppf(0.025, successes, trials - successes + 1) if successes else 0.0
    high = beta.ppf(0.975, successes + 1, trials - successes) if successes < trials else 1.0
    return float(low), float(high)


def main() -> int:
    """Run the parts asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("signal", "effect"), action="append")
    parser.add_argument("--world", choices=WORLDS, default="plain")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--people", type=int, default=6_000)
    asked = parser.parse_args()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    parts = {
        "signal": lambda: counted(
            lambda seed: signal(asked.world, customers=asked.customers, seed=seed), seeds, right="no signal"
        ),
        "effect": lambda: counted(
            lambda seed: effect(asked.world, people=asked.people, seed=seed), seeds, right="cannot show an effect"
        ),
    }
    found = {name: parts[name]() for name in asked.part or parts}
    print(json.dumps(rounded({"asked": vars(asked)} | found), indent=1))
    return int(not all(part["reached"] for part in found.values()))


if __name__ == "__main__":
    sys.exit(main())
