"""Worlds in which there is nothing to target: how often the verdict on contacts says so.

`python tests/benchmarks/uplift_null.py [--seeds 200] [--people 3000] [--world none|alike]`. Invented people of whom
a fifth leave, half of them contacted at random: in *none* contacts change nothing, in *alike* they keep everybody
with the same probability. A feature `risk` is given, as in a project that has a model (`--unknown-risk`: is not).
Prints JSON: verdicts counted, with the shares they are to reach.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from tenure.models.feature import Feature
from tenure.models.odds import probability
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.study import study_effect
from tenure.models.uplift.trial import Trial

RIGHT = {"none": "cannot show an effect", "alike": "use risk x value"}
LEAST = 0.95
EFFECT = {"none": 0.0, "alike": 0.08}
FEATURES = 10


def invented(world: str, *, people: int, seed: int, known: bool) -> Trial:
    """Ten features, of which four tell who leaves, and the risk; the effect is that of the world, for everybody."""
    generator = np.random.default_rng(seed)
    columns = generator.normal(size=(people, FEATURES))
    seen = -1.9 + columns[:, :4] @ np.array([0.6, 0.4, -0.4, 0.2])
    odds = seen + generator.normal(0.0, 0.5, people)
    treated = (generator.random(people) < 0.5).astype(np.float64)
    # Whoever would leave with less than the effect is given as much risk, so that the effect is alike for all.
    risk = EFFECT[world] + (1.0 - EFFECT[world]) * probability(odds)
    left = (generator.random(people) < risk - treated * EFFECT[world]).astype(np.float64)
    names = [f"feature_{place}" for place in range(FEATURES)]
    frame = pd.DataFrame(columns, columns=names)
    if known:
        names.append("risk")
        frame["risk"] = probability(seen + generator.normal(0.0, 0.3, people))
    return Trial.of(
        frame,
        features=tuple(Feature(name) for name in names),
        treated=treated,
        left=left,
        propensity=0.5,
        persons=np.arange(people),
    )


def main(world: str, *, people: int, seeds: int, known: bool) -> dict[str, Any]:
    """The verdicts of one world, counted."""
    counted: Counter[str] = Counter()
    for seed in range(seeds):
        trial = invented(world, people=people, seed=seed, known=known)
        counted[study_effect(trial, capacity=0.2, settings=EffectSettings(seed=seed), replicates=200).verdict.name] += 1
        if seed % 10 == 9:
            print(f"{world}: {seed + 1} of {seeds}: {dict(counted)}", file=sys.stderr)
    share = counted[RIGHT[world]] / seeds
    return {
        "people": people,
        "seeds": seeds,
        "verdicts": dict(counted),
        "right": RIGHT[world],
        "share": share,
        "required": LEAST,
        "reached": share >= LEAST,
    }


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=200)
    asked.add_argument("--people", type=int, default=3_000)
    asked.add_argument("--world", choices=sorted(RIGHT), action="append")
    asked.add_argument("--unknown-risk", action="store_true")
    given = asked.parse_args()
    answers = {
        name: main(name, people=given.people, seeds=given.seeds, known=not given.unknown_risk)
        for name in given.world or sorted(RIGHT)
    }
    print(json.dumps(answers, indent=1))
