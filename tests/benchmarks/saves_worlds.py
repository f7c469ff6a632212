"""How often the interval of `tenure saves` covers the truth in worlds of which everything is known.

Run by hand: `python tests/benchmarks/saves_worlds.py [--world plain] [--repetitions 200] [--seed 1]`. Each repetition is
a world of its own: lists by risk every four weeks, a tenth held out, the others contacted. Whom a contact keeps is known
from the same course of events with it and without. Prints JSON with the limits, and ends with 1 where one is missed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time

import numpy as np
import pandas as pd
from saves_coverage import CLAIMS_OF_NOTHING, COVERED

from tenure.models.saves import CLAIMED, measure_saves, once_a_period
from tenure.models.trust import ratio_wrong, sample_ratios
from tenure.pipelines.simulation.parameters import WORLDS, Parameters, load_world
from tenure.pipelines.simulation.world import World

BEGIN = dt.date(2024, 3, 4)
HORIZON = dt.timedelta(days=28)
CUSTOMERS, LISTS, PLACES, SHARE = 8_000, 3, 1_500, 0.1


def campaign(parameters: Parameters, seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """The members of the lists of a campaign in a world, and what is true of those who were to be contacted."""
    generator = np.random.default_rng(seed)
    world = World(parameters, customers=CUSTOMERS, seed=seed, days=7 * 9 + 28 * LISTS).advance(BEGIN)
    parts = []
    for number in range(LISTS):
        day = world.today
        listed = world.at(day, futures=2).nlargest(PLACES, "risk", keep="first")
        listed = listed.merge(world.fates(day), on="customer_id")
        held_out = generator.random(len(listed)) < SHARE
        world.advance(day + HORIZON, contacts=dict.fromkeys(listed.loc[~held_out, "customer_id"], day))
        gone = world.left().reindex(listed["customer_id"]).notna().to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "list": number,
                    "period": number,
                    "draw": number,
                    "unit": listed["customer_id"],
                    "person": listed["customer_id"],
                    "held_out": held_out,
                    "contacted": ~held_out,
                    "left": gone.astype(float),
                    "risk": listed["risk"],
                    "propensity": 1 - SHARE,
                    "value": listed["value"],
                    "kept": listed["without"].astype(float) - listed["with_contact"].astype(float),
                }
            )
        )
    members = once_a_period(pd.concat(parts, ignore_index=True))
    asked = members[~members["held_out"]]
    return members, {"effect": float(asked["kept"].mean()), "value": float((asked["kept"] * asked["value"]).sum())}


def repeat(parameters: Parameters, repetitions: int, seed: int) -> dict[str, float]:
    """How often the truth is covered and an effect claimed, with the mean truth, estimate and width."""
    rows = []
    for number in range(repetitions):
        members, truth = campaign(parameters, seed * 100_000 + number)
        found = measure_saves(members)
        assert found.value is not None
        rows.append(
            {
                "covered_effect": found.effect.low <= truth["effect"] <= found.effect.high,
                "covered_value": found.value.low <= truth["value"] <= found.value.high,
                "claimed": found.p_value < CLAIMED,
                "interval_excludes_0": found.effect.low > 0 or found.effect.high < 0,
                "ratio_alarm": ratio_wrong(sample_ratios(members)),
                "true_effect": truth["effect"],
                "estimate": found.effect.value,
                "width": found.effect.high - found.effect.low,
                "left_held_out": found.rate_held_out,
            }
        )
    return {name: round(float(value), 4) for name, value in pd.DataFrame(rows).astype(float).mean().items()}


def main() -> int:
    """Run a world with its effects and without any, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=WORLDS, default="plain")
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.perf_counter()
    with_effect = repeat(load_world(asked.world), asked.repetitions, asked.seed)
    without = repeat(load_world(asked.world, no_effect=True), asked.repetitions, asked.seed)
    low, high = COVERED
    missed = [
        f"{name}: {key} {told[key]}"
        for name, told in (("with effect", with_effect), ("without", without))
        for key in ("covered_effect", "covered_value")
        if not low <= told[key] <= high
    ]
    missed += [f"without: claimed {without['claimed']}"] if without["claimed"] > CLAIMS_OF_NOTHING else []
    told = {
        "world": asked.world,
        "repetitions": asked.repetitions,
        "seed": asked.seed,
        "limits": {"covered": COVERED, "claimed_without_effect": CLAIMS_OF_NOTHING},
        "with_effect": with_effect,
        "without_effect": without,
        "missed": missed,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(told, indent=1))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
