"""Two real trials: e-mails of a shop (Hillstrom, one arm with something to target, one without), a gate in a game.

`python tests/benchmarks/uplift_real.py [--seeds 5] [--gate]`. Needs ../shared/data. The effect is turned so that it
raises what is wanted: `left` is "no visit within two weeks" and "not back after seven days". Features are what was
known before. Prints JSON: effects with their intervals, Qini, calibration, verdict, a row per seed, and the limits.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measured import rounded

from tenure.models.bootstrap import Interval
from tenure.models.feature import Feature
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.study import study_effect
from tenure.models.uplift.trial import Trial

DATA = Path(__file__).parents[2].parent / "shared" / "data"
CAPACITY = 0.3
NUMBERS = ["recency", "history", "mens", "womens", "newbie"]
NAMES = ["zip_code", "channel"]
EXPECTED = {
    "Womens E-Mail": {"effect": 0.0452, "verdict": "use uplift"},
    "Mens E-Mail": {"effect": 0.0766, "verdict": "use risk x value"},
}
GATE = -0.0082
"""What moving the gate to level 40 does to coming back after seven days."""


def emails(arm: str) -> Trial:
    """One e-mail against none; each customer was drawn into an arm with the same chance."""
    table = pd.read_csv(DATA / "hillstrom" / "hillstrom.csv.gz")
    table = table[table["segment"].isin([arm, "No E-Mail"])].reset_index(drop=True)
    frame = pd.concat([table[NUMBERS], pd.get_dummies(table[NAMES])], axis=1).astype(np.float64)
    return Trial.of(
        frame,
        features=tuple(Feature(str(name)) for name in frame),
        treated=table["segment"] == arm,
        left=1 - table["visit"],
        propensity=0.5,
        persons=np.arange(len(table)),
    )


def main(arm: str, *, seeds: int) -> dict[str, Any]:
    """One e-mail, judged with several deals of the folds."""
    trial, expected, rows = emails(arm), EXPECTED[arm], []
    for seed in range(1, seeds + 1):
        found = study_effect(trial, capacity=CAPACITY, settings=EffectSettings(seed=seed))
        if found.measures is None or found.model is None:
            raise SystemExit(found.verdict.sentence)
        measures = found.measures
        names = ("difference", "average", "qini", "top", "slope", "over_random", "over_risk")
        rows.append(
            {
                "seed": seed,
                "verdict": found.verdict.name,
                **{name: ends(getattr(measures, name)) for name in names},
                "relative_qini": measures.relative_qini,
                "mixture": found.model.report["mixture"],
                "kept": found.model.report["kept"],
                "sentence": found.verdict.sentence,
            }
        )
    right = sum(row["verdict"] == expected["verdict"] for row in rows)
    effect = rows[0]["difference"][0]
    return {
        "people": len(trial),
        "effect": effect,
        "required_effect": expected["effect"],
        "effect_reached": round(effect, 4) == expected["effect"],
        "required_verdict": expected["verdict"],
        "right_verdicts": f"{right} of {seeds}",
        "seeds": rows,
    }


def gate(*, replicates: int = 2_000) -> dict[str, Any]:
    """The gate at level 40 against 30; there is nothing known before, so only the average can be told."""
    table = pd.read_csv(DATA / "cookie_cats" / "cookie_cats.csv.gz")
    late = table["version"] == "gate_40"
    back = table["retention_7"].astype(np.float64)
    after, before = back[late].to_numpy(), back[~late].to_numpy()
    generator = np.random.default_rng(1)
    # Redrawing 0s and 1s with replacement is drawing their number.
    draws = generator.binomial(len(after), after.mean(), replicates) / len(after)
    draws = draws - generator.binomial(len(before), before.mean(), replicates) / len(before)
    effect = float(after.mean() - before.mean())
    low, high = np.quantile(draws, [0.025, 0.975])
    return {
        "people": len(table),
        "effect": [effect, float(low), float(high)],
        "required_effect": GATE,
        "effect_reached": round(effect, 4) == GATE,
    }


def ends(found: Interval) -> list[float]:
    """The value, and the ends of its interval."""
    return [found.value, found.low, found.high]


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--gate", action="store_true", help="the game alone")
    given = asked.parse_args()
    answers: dict[str, Any] = {"Cookie Cats": gate()}
    if not given.gate:
        answers |= {arm: main(arm, seeds=given.seeds) for arm in EXPECTED}
    print(json.dumps(rounded(answers), indent=1))
