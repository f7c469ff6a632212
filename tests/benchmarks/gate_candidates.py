"""How often the gate promotes candidates that are better, equal or worse by three margins, by the number of positives.

`python tests/benchmarks/gate_candidates.py --out gate.json` takes about three minutes on one core. Each candidate is a
pair of invented models whose true difference in ROC AUC is known, with new customers at four dates; the scores of both
correlate as those of real models do, of which one was trained later. What happens to promotion is the whole gate:
ranking, expected profit and calibration, with the margins of the defaults.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from rivals import Rivals, calm_auc

from tenure.models.gate import Margins, decide

CHAMPION = 0.83
"""How well the champion sees the truth: its ROC AUC is .785."""

DATES, CAPACITY, CANDIDATES = 4, 50, 100
CUSTOMERS = (500, 750, 1_000, 1_500, 3_000, 6_000)
"""Customers at each date; it happens to 11 of 100."""

LIMITS = {"worse": 2, "better": 90}
HOLDS_AT = 1_000
"""Customers at each date from which on the limits are to hold."""


def main() -> None:
    """Measure and print or write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    given = parser.parse_args()
    found = measured(given.candidates)
    text = json.dumps(found, indent=1)
    print(text) if given.out is None else given.out.write_text(text + "\n", encoding="utf-8")


def measured(candidates: int) -> dict[str, Any]:
    """The rates by size and kind of candidate, and whether they are what they are to be."""
    started, three = time.perf_counter(), 3 * Margins().auc
    grips = {
        "better": grip_of(calm_auc(CHAMPION) + three),
        "equal": CHAMPION,
        "worse": grip_of(calm_auc(CHAMPION) - three),
    }
    rivals = {kind: Rivals.of(grip, CHAMPION, seed=7) for kind, grip in grips.items()}
    sizes = [of_size(rivals, customers, candidates) for customers in CUSTOMERS]
    held = [size for size in sizes if size["customers"] >= HOLDS_AT]
    kept = all(
        size["worse"]["promoted"] * 100 <= LIMITS["worse"] * candidates
        and size["better"]["promoted"] * 100 >= LIMITS["better"] * candidates
        for size in held
    )
    return {
        "champion_auc": round(calm_auc(CHAMPION), 4),
        "three_margins": three,
        "dates": DATES,
        "capacity": CAPACITY,
        "sizes": sizes,
        "limits_of_100": LIMITS,
        "limits_hold_from_positives": held[0]["positives"],
        "limits_hold": kept,
        "seconds": round(time.perf_counter() - started, 1),
    }


def grip_of(auc: float) -> float:
    """How well a model sees the truth whose ROC AUC is this."""
    low, high = 0.5, 1.0
    for _ in range(30):
        middle = (low + high) / 2.0
        low, high = (middle, high) if calm_auc(middle) < auc else (low, middle)
    return low


def of_size(rivals: dict[str, Rivals], customers: int, candidates: int) -> dict[str, Any]:
    """The decisions on candidates of each kind with so many customers at each date."""
    found: dict[str, Any] = {"customers": customers}
    for kind, pair_of in rivals.items():
        names: Counter[str] = Counter()
        stopped: Counter[str] = Counter()
        figures, gains, correlations = [], [], []
        for number in range(candidates):
            generator = np.random.default_rng([customers, number])
            drawn = [pair_of.pair(customers, generator, capacity=CAPACITY, day=day) for day in range(DATES)]
            pairs = [pair for pair, _ in drawn]
            decision = decide(pairs, [None] * DATES, verdict="use")
            names[decision.name] += 1
            stopped.update(check.name for check in decision.checks if not check.passed)
            figures.append(next(c.figures for c in decision.checks if c.name == "ranking"))
            gains.append(np.mean([gain for _, gain in drawn]))
            correlations.append(np.corrcoef(pairs[0].one, pairs[0].other)[0, 1])
        found["positives"] = round(float(np.mean([one["positives"] for one in figures])))
        found[kind] = {
            "promoted": names["promote"],
            "kept_out": names["keep"],
            "cannot_tell": names["cannot tell"],
            "stopped_by": dict(stopped),
            "auc_difference": round(float(np.mean([one["difference"] for one in figures])), 4),
            "true_profit_difference": round(float(np.mean(gains)), 3),
            "correlation": round(float(np.mean(correlations)), 3),
        }
    return found


if __name__ == "__main__":
    main()
