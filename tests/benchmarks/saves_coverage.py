"""How often the interval of `tenure saves` covers the truth: seeded repetitions of invented campaigns.

Run by hand: `python tests/benchmarks/saves_coverage.py [--repetitions 600] [--seed 1]`. Prints JSON with the limits
that are to be reached, and ends with 1 where one is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from tenure.models.saves import CLAIMED, measure_saves, once_a_period

COVERED = (0.92, 0.98)
CLAIMS_OF_NOTHING = 0.05


@dataclass(frozen=True)
class Campaign:
    """Lists of the riskiest of some people, who come back to later ones, and what contacts do.

    Whoever would leave is kept by a contact in `kept` of the cases. Contacts reach `reached` of those who were to be
    contacted and `leaked` of those held out. `shares` are held out, in turn. `frailty` is what is not known of a
    person and lasts; `spread` that of the logarithm of their value.
    """

    people: int = 6_000
    lists: int = 1
    places: int = 2_000
    shares: tuple[float, ...] = (0.1,)
    base: float = -2.2
    kept: float = 0.3
    reached: float = 1.0
    leaked: float = 0.0
    frailty: float = 0.5
    spread: float = 0.5


CAMPAIGNS = {
    "one list": Campaign(),
    "one list, few": Campaign(people=900, places=300),
    "few leave": Campaign(base=-4.0),
    "12 lists": Campaign(lists=12, places=1_000),
    "12 lists, returning": Campaign(people=1_200, lists=12, places=400, frailty=2.0),
    "12 lists, small": Campaign(people=400, lists=12, places=50),
    "varying shares": Campaign(lists=6, places=800, shares=(0.05, 0.1, 0.5)),
    "contamination": Campaign(lists=4, places=1_500, reached=0.7, leaked=0.08),
    "strong effect": Campaign(kept=0.8),
    "no effect": Campaign(lists=4, kept=0.0),
    "no effect, few": Campaign(people=900, places=300, kept=0.0),
}


def simulate(campaign: Campaign, seed: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """The members of the lists of a campaign, and what is true of them."""
    generator = np.random.default_rng(seed)
    known = generator.normal(0.0, 1.0, campaign.people)
    hidden = generator.normal(0.0, campaign.frailty, campaign.people)
    value = np.round(100 * np.exp(generator.normal(0.0, campaign.spread, campaign.people)), 2)
    parts = []
    for number in range(campaign.lists):
        now = campaign.base + known + generator.normal(0.0, 0.7, campaign.people)
        chosen = np.argsort(-now, kind="stable")[: campaign.places]
        share = campaign.shares[number % len(campaign.shares)]
        odds = now + hidden + 0.2 * np.sin(number)
        would_leave = generator.random(campaign.people) < 1 / (1 + np.exp(-odds))
        held_out = generator.random(campaign.people) < share
        lots = generator.random((2, campaign.people))
        contacted = np.where(held_out, lots[0] < campaign.leaked, lots[0] < campaign.reached)
        saved = would_leave & (lots[1] < campaign.kept)
        parts.append(
            pd.DataFrame(
                {
                    "list": number,
                    "period": number,
                    "unit": chosen,
                    "person": chosen,
                    "held_out": held_out[chosen],
                    "contacted": contacted[chosen],
                    "left": (would_leave & ~(contacted & saved))[chosen].astype(float),
                    "risk": 1 / (1 + np.exp(-now[chosen])),
                    "propensity": 1 - share,
                    "value": value[chosen],
                    "savable": saved[chosen],
                }
            )
        )
    members = once_a_period(pd.concat(parts, ignore_index=True))
    return members, _truth(members, campaign)


def _truth(members: pd.DataFrame, campaign: Campaign) -> dict[str, float]:
    """What contacts did to those who were to be contacted, of all that is known to the simulation."""
    asked = members[~members["held_out"]]
    savable = asked["savable"].to_numpy()
    net = (campaign.reached - campaign.leaked) * savable
    if campaign.reached == 1.0 and campaign.leaked == 0.0:
        net = savable.astype(float)
    return {
        "effect": float(net.mean()),
        "on_contacted": float(savable.mean()),
        "value": float((net * asked["value"].to_numpy()).sum()),
    }


def repeat(campaign: Campaign, repetitions: int, seed: int) -> dict[str, float]:
    """How often each interval covers the truth, how wide it is, and how often an effect is claimed."""
    covered: dict[str, list[bool]] = {"effect": [], "on_contacted": [], "value": []}
    claimed, excluded, widths, bias = [], [], [], []
    for number in range(repetitions):
        members, truth = simulate(campaign, seed * 100_000 + number)
        if members["held_out"].nunique() < 2:
            continue
        found = measure_saves(members)
        for name, held in covered.items():
            estimate = getattr(found, name)
            if estimate is not None:
                held.append(estimate.low <= truth[name] <= estimate.high)
        claimed.append(found.p_value < CLAIMED)
        excluded.append(found.effect.low > 0 or found.effect.high < 0)
        widths.append(found.effect.high - found.effect.low)
        bias.append(found.effect.value - truth["effect"])
    return {
        **{f"covered_{name}": float(np.mean(held)) for name, held in covered.items()},
        "claimed": float(np.mean(claimed)),
        "interval_excludes_0": float(np.mean(excluded)),
        "mean_width": float(np.mean(widths)),
        "bias": float(np.mean(bias)),
        "repetitions": len(widths),
    }


def missed(name: str, found: dict[str, float]) -> list[str]:
    """The limits that are not reached."""
    low, high = COVERED
    wrong = [
        f"{name}: {key} {value:.3f}"
        for key, value in found.items()
        if key.startswith("covered_") and not low <= value <= high
    ]
    if CAMPAIGNS[name].kept == 0 and found["claimed"] > CLAIMS_OF_NOTHING:
        wrong.append(f"{name}: claimed {found['claimed']:.3f}")
    return wrong


def main() -> int:
    """Run all campaigns and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began, found, wrong = time.perf_counter(), {}, []
    for name, campaign in CAMPAIGNS.items():
        figures = repeat(campaign, asked.repetitions, asked.seed)
        found[name] = {**{key: round(value, 4) for key, value in figures.items()}, "campaign": asdict(campaign)}
        wrong += missed(name, figures)
    limits = {"covered": COVERED, "claimed_without_effect": CLAIMS_OF_NOTHING}
    seconds = round(time.perf_counter() - began, 1)
    print(json.dumps({"limits": limits, "campaigns": found, "missed": wrong, "seconds": seconds}, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
