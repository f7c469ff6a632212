"""What estimated effects are worth in a world with known truth: profit against the oracle and against risk.

`python tests/benchmarks/world_uplift.py [--world plain] [--seeds 10] [--customers 200000]`. In the world, 20,000
customers are drawn into a pilot and half of them contacted. A model of risk is learnt from the four months before, from
what records tell of everybody (`World.observed`); the effect from the pilot. Four weeks after its end, those who were
not in it are ranked and the first 5 % contacted: profit is the true effect times the value, less the contact's cost.
What 10 and 20 % would have earned is told besides; the limits go by 5 %.
*oracle* ranks by the true effect times the value, *seen* likewise, as far as causes that leave a trace tell: what no
record tells cannot be learnt. Prints JSON: a row per seed, means, and the limits.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from measured import rounded

from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.odds import Floats
from tenure.models.settings import RaceSettings
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.study import study_effect
from tenure.models.uplift.trial import Trial
from tenure.pipelines.settings.decisions import CONTACT_COST
from tenure.pipelines.simulation.hazard import UNSEEN
from tenure.pipelines.simulation.parameters import WORLDS, load_world
from tenure.pipelines.simulation.world import World

START = dt.date(2024, 9, 30)
HORIZON = dt.timedelta(days=28)
MONTHS = 4
PILOT = 20_000
SHARE, WIDER = 0.05, (0.1, 0.2)
LEAST_OF_ORACLE, LEAST_OVER_RISK = 0.8, 1.3


@dataclass(frozen=True)
class Pilot:
    """What is known of a world: the months before, the pilot, and, of a later day, records and truth of the others."""

    before: pd.DataFrame
    people: pd.DataFrame
    treated: Floats
    left: Floats
    others: pd.DataFrame
    truth: pd.DataFrame


def main(name: str, *, seeds: int, customers: int) -> dict[str, Any]:
    """The rows of every seed, their means, and what they are to reach."""
    rows = [ranked(run_pilot(name, customers=customers, seed=seed), seed=seed) for seed in range(1, seeds + 1)]
    numbers = pd.DataFrame(rows).select_dtypes("number").drop(columns="seed").mean()
    return {
        "seeds": rows,
        "mean": numbers.to_dict(),
        "required_of_oracle": LEAST_OF_ORACLE,
        "of_oracle_reached": bool(numbers["uplift of oracle"] >= LEAST_OF_ORACLE),
        "required_over_risk": LEAST_OVER_RISK,
        "over_risk_reached": bool(numbers["uplift over risk"] >= LEAST_OVER_RISK),
    }


def run_pilot(name: str, *, customers: int, seed: int) -> Pilot:
    """Live through a world until four weeks after the pilot."""
    world = World(load_world(name), customers=customers, seed=seed)
    months = []
    for month in range(MONTHS, 0, -1):
        day = START - month * HORIZON
        months.append((day, world.advance(day).observed()))
    gone = world.advance(START).left()
    before = pd.concat([_labelled(seen, gone, day) for day, seen in months], ignore_index=True)
    seen, generator = world.observed(), np.random.default_rng(seed)
    people = seen.iloc[np.sort(generator.choice(len(seen), PILOT, replace=False))].reset_index(drop=True)
    treated = generator.random(PILOT) < 0.5
    contacts = dict.fromkeys(people["customer_id"][treated], START)
    gone = world.advance(START + HORIZON, contacts=contacts).left()
    left = people["customer_id"].map(gone).notna().to_numpy()
    later = START + 2 * HORIZON
    others, truth = world.advance(later).observed(), world.at(later)
    apart = ~others["customer_id"].isin(people["customer_id"]).to_numpy()
    return Pilot(before, people, treated.astype(float), left.astype(float), others[apart], truth[apart])


def ranked(pilot: Pilot, *, seed: int) -> dict[str, Any]:
    """Fit risk and effect, rank the others, and see what each ranking earns."""
    names = [str(name) for name in pilot.people if name != "customer_id"]
    features = tuple(Feature(name) for name in names)
    race = fit_race(pilot.before, features=features, settings=RaceSettings(seed=seed))

    def with_risk(seen: pd.DataFrame) -> pd.DataFrame:
        frame = seen[names].astype(float)
        return frame.assign(risk=race.predict(frame)["risk"])

    trial = Trial.of(
        with_risk(pilot.people),
        features=(*features, Feature("risk")),
        treated=pilot.treated,
        left=pilot.left,
        propensity=0.5,
        persons=pilot.people["customer_id"].to_numpy(),
    )
    found = study_effect(trial, capacity=SHARE, value=pilot.people["value"], settings=EffectSettings(seed=seed))
    if found.model is None:
        raise SystemExit(found.verdict.sentence)
    frame = with_risk(pilot.others)
    value = pilot.truth["value"].to_numpy()
    keys = {
        "oracle": pilot.truth["saved"].to_numpy() * value,
        "seen": _seen(pilot.truth) * value,
        "uplift": found.model.predict(frame).to_numpy() * value,
        "risk x value": frame["risk"].to_numpy() * value,
        "risk": frame["risk"].to_numpy(),
        "value": value,
    }
    said = {"seed": seed, "verdict": found.verdict.name, "mixture": found.model.report["mixture"]}
    return said | _earned(keys, pilot.truth) | _wider(keys, pilot.truth)


def _labelled(seen: pd.DataFrame, gone: pd.Series, day: dt.date) -> pd.DataFrame:
    """Examples of a month: who left in the four weeks from the day."""
    days = seen["customer_id"].map(gone)
    as_of = pd.Timestamp(day)
    label = ((days >= as_of) & (days < as_of + HORIZON)).astype(float)
    return seen.assign(unit_id=seen["customer_id"], as_of=as_of, label=label, label_end=as_of + HORIZON)


def _seen(truth: pd.DataFrame) -> Floats:
    """The effect as far as causes tell that leave a trace: the hazard without the others, moved by the contact."""
    hazard = truth["log_hazard"] - truth[[f"cause_{cause}" for cause in UNSEEN]].sum(axis=1)
    return np.asarray(-np.exp(hazard) * np.expm1(truth["response"]))


def _earned(keys: dict[str, Floats], truth: pd.DataFrame) -> dict[str, float]:
    """Profit, mean effect and share driven away among the first of each ranking."""
    effect, first = truth["saved"].to_numpy(), _first(keys, SHARE)
    earned = _profits(first, truth)
    found = {f"{name} of oracle": earned[name] / earned["oracle"] for name in keys if name != "oracle"}
    return found | {
        "uplift over risk": earned["uplift"] / earned["risk"],
        "uplift over risk x value": earned["uplift"] / earned["risk x value"],
        "mean effect": float(effect.mean()),
        "driven away": float((effect < 0).mean()),
        **{f"mean effect, {name}": float(effect[rows].mean()) for name, rows in first.items()},
        **{f"driven away, {name}": float((effect[rows] < 0).mean()) for name, rows in first.items()},
    }


def _wider(keys: dict[str, Floats], truth: pd.DataFrame) -> dict[str, float]:
    """What the same rankings would have earned with more contacts."""
    found = {}
    for share in WIDER:
        earned = _profits(_first(keys, share), truth)
        for name in ("seen", "uplift", "risk x value"):
            found[f"{name} of oracle at {share:.0%}"] = earned[name] / earned["oracle"]
        found[f"uplift over risk at {share:.0%}"] = earned["uplift"] / earned["risk"]
    return found


def _first(keys: dict[str, Floats], share: float) -> dict[str, np.ndarray]:
    """The rows that each ranking puts first."""
    return {name: np.argsort(-key, kind="stable")[: int(share * len(key))] for name, key in keys.items()}


def _profits(first: dict[str, np.ndarray], truth: pd.DataFrame) -> dict[str, float]:
    profit = truth["saved"].to_numpy() * truth["value"].to_numpy() - CONTACT_COST
    return {name: float(profit[rows].sum()) for name, rows in first.items()}


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--customers", type=int, default=200_000)
    asked.add_argument("--world", choices=sorted(WORLDS), action="append")
    given = asked.parse_args()
    worlds = given.world or sorted(WORLDS)
    answers = {name: main(name, seeds=given.seeds, customers=given.customers) for name in worlds}
    print(json.dumps(rounded(answers), indent=1))
