"""Six retrains in a world in which contacts work: does the model still know who would leave if nobody called?

    python tests/benchmarks/world_retrains.py [--world plain] [--seeds 5] [--first-seed 1] [--customers 40000]
        [--listed 0.2] [--held-out 0.1] [--strength 2] [--days 28] [--cutoffs 6]

Month by month: a model is trained on the labels known, everybody is scored, the riskiest share is listed, a tenth of
them held out at random and the others contacted. Training goes once with the correction (`untreated`: who was to be
contacted is left out, the hold-out stands for the whole list) and once without, each in a world of its own that goes by
its own lists. Features are what records tell (`World.observed`), models and correction the product's own. Contacts work
`--strength` times as well as the world says, for `--days` days; the correction takes their effect to last a horizon.

After six retrains, calibration in the large (mean prediction less the share that leaves) is measured twice: on those
whom the next list leaves `untreated`, as one sees it (not listed, or held out and standing for the list), and on
`everybody` in the same course of events without that list, which only a world can tell. A seed's interval is the chance
in who leaves; the interval of the mean over the seeds is made from their spread, in which the model's own error counts
too. `truth` is the mean prediction less the true risk. Prints JSON with the limits, and ends with 1 where one is missed:
over the seeds, 0 lies within all three intervals with the correction, and within none without.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from measured import rounded
from scipy.stats import t as student
from world_project import HORIZON, features_of, labelled

from tenure.models.fit import fit_race
from tenure.models.odds import Floats, Mask
from tenure.models.race import Race
from tenure.models.settings import RaceSettings
from tenure.pipelines.calendar import day_number
from tenure.pipelines.decisions.contacted import HELD, TREATED, Contacts, untreated
from tenure.pipelines.simulation.parameters import WORLDS, Parameters, Response, load_world
from tenure.pipelines.simulation.world import World

FIRST_LIST = dt.date(2024, 9, 9)
RETRAINS = 6
BOUND = 1.96
GROUPS = ("untreated", "everybody", "truth")


@dataclass(frozen=True)
class Plan:
    """How the campaign goes: the share listed, the share of it held out, how many months the model learns from."""

    listed: float
    held_out: float
    cutoffs: int
    corrected: bool
    seed: int


@dataclass
class Records:
    """What is known so far: who was there each month, and what the lists did with whom."""

    months: dict[dt.date, pd.DataFrame] = field(default_factory=dict)
    treated: list[pd.DataFrame] = field(default_factory=list)
    held: list[pd.DataFrame] = field(default_factory=list)

    def examples(self, gone: pd.Series, *, until: dt.date, cutoffs: int) -> pd.DataFrame:
        """Examples of the newest months whose labels are known by a day."""
        known = [day for day in self.months if day + HORIZON <= until][-cutoffs:]
        return pd.concat([labelled(self.months[day], gone, day) for day in known], ignore_index=True)

    def contacts(self) -> Contacts:
        """What the lists did, as training reads it from the store."""
        empty = pd.DataFrame(columns=list(TREATED)), pd.DataFrame(columns=list(HELD))
        return Contacts(
            pd.concat(self.treated, ignore_index=True) if self.treated else empty[0],
            pd.concat(self.held, ignore_index=True) if self.held else empty[1],
        )

    def note(self, day: dt.date, names: pd.Series, held_out: Mask, propensity: float) -> dict[str, dt.date]:
        """Keep a list; gives the contacts that it leads to."""
        listed = pd.DataFrame({"customer_id": names.to_numpy(), "day": day_number(day)})
        self.treated.append(listed[~held_out])
        self.held.append(listed[held_out].assign(draw=day_number(day), propensity=propensity))
        return dict.fromkeys(names[~held_out], day)


def campaign(parameters: Parameters, customers: int, plan: Plan) -> dict[str, Any]:
    """Live through the months, and see what the model of the last one knows of those whom nobody contacts."""
    generator = np.random.default_rng(plan.seed)
    world, records = World(parameters, customers=customers, seed=plan.seed), Records()
    planned: dict[str, dt.date] = {}
    for month in range(-plan.cutoffs, RETRAINS + 1):
        day = FIRST_LIST + month * HORIZON
        seen = world.advance(day, contacts=planned).observed()
        if month < 0:
            records.months[day] = seen
            continue
        race, changed = _trained(records, world.left(), until=day, plan=plan)
        records.months[day] = seen
        risk = race.predict(seen.drop(columns="customer_id").astype(float))["risk"].to_numpy()
        listed = np.argsort(-risk, kind="stable")[: int(plan.listed * len(seen))]
        held_out = generator.random(len(listed)) < plan.held_out
        if month == RETRAINS:
            return changed | _judged(world, day, risk, listed=listed, held_out=held_out, share=plan.held_out)
        planned = records.note(day, seen["customer_id"].iloc[listed], held_out, 1.0 - plan.held_out)
    raise AssertionError("the last month gives the answer")


def _trained(records: Records, gone: pd.Series, *, until: dt.date, plan: Plan) -> tuple[Race, dict[str, Any]]:
    rows, said = records.examples(gone, until=until, cutoffs=plan.cutoffs), {}
    if plan.corrected:
        rows, corrected = untreated(rows, records.contacts(), lead_days=0, horizon_days=HORIZON.days)
        said = corrected.parameters()
    features = features_of(records.months[min(records.months)])
    return fit_race(rows, features=features, settings=RaceSettings(seed=plan.seed)), said


def _judged(
    world: World, day: dt.date, risk: Floats, *, listed: np.ndarray, held_out: Mask, share: float
) -> dict[str, Any]:
    """Predictions against what happens to whoever is not contacted, and against the truth."""
    truth, fates = world.at(day, futures=8), world.fates(day)
    left, everybody = fates["without"].to_numpy(dtype=float), np.ones(len(risk))
    untreated_now = everybody.copy()
    untreated_now[listed] = np.where(held_out, 1.0 / share, 0.0)
    gap = risk - truth["risk"].to_numpy()
    return {
        "held_out": int(held_out.sum()),
        "true_risk_of_listed": float(truth["risk"].to_numpy()[listed].mean()),
        "true_bias_of_listed": float(gap[listed].mean()),
        "untreated": in_the_large(risk, left, untreated_now),
        "everybody": in_the_large(risk, left, everybody),
        "truth": {"left": float(truth["risk"].mean()), "predicted": float(risk.mean()), "bias": float(gap.mean())},
    }


def in_the_large(risk: Floats, left: Floats, weight: Floats) -> dict[str, float | bool]:
    """The weighted mean prediction less the share that left, with the interval of chance.

    >>> in_the_large(np.array([0.5, 0.5]), np.array([0.0, 1.0]), np.ones(2))["bias"]
    0.0
    """
    gap, total = risk - left, weight.sum()
    bias = float(weight @ gap / total)
    reach = BOUND * float(np.sqrt(((weight * (gap - bias)) ** 2).sum()) / total)
    return {
        "left": float(weight @ left / total),
        "predicted": float(weight @ risk / total),
        "bias": bias,
        "low": bias - reach,
        "high": bias + reach,
        "within": abs(bias) <= reach,
    }


def over_seeds(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The mean over the seeds with its interval of 95 %, and how many seeds lie within their own, group by group."""
    return {name: _over_seeds([row[name] for row in rows]) for name in GROUPS}


def _over_seeds(found: list[dict[str, Any]]) -> dict[str, Any]:
    bias = np.array([row["bias"] for row in found])
    error = bias.std(ddof=1) / np.sqrt(len(bias)) if len(bias) > 1 else np.inf
    reach, mean = float(student.ppf(0.975, max(len(bias) - 1, 1)) * error), float(bias.mean())
    own = [row["within"] for row in found if "within" in row]
    return {
        "bias": mean,
        "low": mean - reach,
        "high": mean + reach,
        "within": abs(mean) <= reach,
        "of_the_rate": mean / float(np.mean([row["left"] for row in found])),
    } | ({"seeds_within_their_own": sum(own)} if own else {})


def stronger(parameters: Parameters, times: float, days: int) -> Parameters:
    """The same world in which contacts move people so many times as much, for so many days."""
    given = parameters.response
    moved = {name: times * getattr(given, name) for name in ("everybody", "service", "price", "use", "hidden")}
    response = Response.model_validate(given.model_dump() | moved | {"days": days})
    return parameters.model_copy(update={"response": response})


def main() -> int:
    """Live through all seeds, with the correction and without, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--world", choices=WORLDS, default="plain")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=40_000)
    parser.add_argument("--listed", type=float, default=0.2)
    parser.add_argument("--held-out", type=float, default=0.1)
    parser.add_argument("--strength", type=float, default=2.0)
    parser.add_argument("--days", type=int, default=HORIZON.days)
    parser.add_argument("--cutoffs", type=int, default=6)
    asked = parser.parse_args()
    parameters = stronger(load_world(asked.world), asked.strength, asked.days)
    rows: dict[str, list[dict[str, Any]]] = {"corrected": [], "uncorrected": []}
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        for name, found in rows.items():
            plan = Plan(asked.listed, asked.held_out, asked.cutoffs, name == "corrected", seed)
            found.append({"seed": seed} | campaign(parameters, asked.customers, plan))
            print(json.dumps(rounded({"training": name} | found[-1])), file=sys.stderr, flush=True)
    told = {name: over_seeds(found) for name, found in rows.items()}
    reached = {
        "corrected_within_its_interval": all(told["corrected"][name]["within"] for name in GROUPS),
        "uncorrected_outside_of_its_interval": not any(told["uncorrected"][name]["within"] for name in GROUPS),
    }
    print(json.dumps(rounded({"asked": vars(asked), "seeds": rows, "over_seeds": told, "reached": reached}), indent=1))
    return int(not all(reached.values()))


if __name__ == "__main__":
    sys.exit(main())
