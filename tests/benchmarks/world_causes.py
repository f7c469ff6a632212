"""Whether the reasons name the causes of leaving in the order of their true strength, in worlds with known truth.

    python tests/benchmarks/world_causes.py [--world plain] [--seeds 10] [--first-seed 1] [--customers 20000]

A world is written as a project, its model trained by the product, and everybody scored on the last day. What the
features add to each customer's log-odds is summed by theme as it is for reasons, and the themes by the cause they speak
of. Reasons are told of what raises a risk, so that the strength of a cause is the sum of what it adds above the average
of these customers: once by the model and once by the truth, as shares of the causes that can be seen. Prints JSON: a row
a seed, whether the order is the same, and the limit, which is one for *plain*; ends with 1 where it is missed there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measured import rounded
from world_project import lived, study_of

from tenure.models.contributions import BASE, feature_contributions
from tenure.models.feature import Feature
from tenure.models.race import Race
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.simulation.parameters import WORLDS, load_world
from tenure.pipelines.simulation.world import World
from tenure.pipelines.training import fit_final, training_date

SAME_ORDER_AT_LEAST = 1.0
CAUSES = ("service", "price", "use")
THEMES = {
    "service": "service",
    "work on cases": "service",
    "complaints": "service",
    "satisfaction": "service",
    "voice": "service",
    "how we speak": "service",
    "price": "price",
    "contract": "contract",
}
"""The cause of which a theme speaks, where it speaks of one."""

KINDS = {
    "usage": "use",
    "any": "use",
    "by_app": "use",
    "by_web": "use",
    "price_changed": "price",
    "dispute": "price",
    "refund": "price",
    "signup": "contract",
    "renewal": "contract",
    "renewal_due": "contract",
    "contact_opened": "service",
    "message_in": "service",
    "message_out": "service",
    "assigned": "service",
    "escalated": "service",
    "resolved": "service",
    "reopened": "service",
    "callback_promised": "service",
    "followed_up": "service",
    "complaint": "service",
    "survey_sent": "service",
    "survey_answered": "service",
    "bot_handover": "service",
    "by": "service",
}
"""The cause of which a theme of counts and silences speaks: that of the kind it counts; most of all rows are usage."""

OTHER = "other"


def cause_of(feature: Feature) -> str:
    """The cause of which the theme of a feature speaks, as seen by the kind that is counted; `other` where of none.

    >>> cause_of(Feature("usage_count_28d", theme="activity")), cause_of(Feature("by_phone_count_28d", theme="activity"))
    ('use', 'service')
    """
    if feature.theme in THEMES:
        return THEMES[feature.theme]
    kinds = [kind for kind in KINDS if feature.name.startswith(f"{kind}_")]
    return KINDS[max(kinds, key=len)] if kinds else OTHER


def raised(parts: pd.DataFrame) -> pd.Series:
    """The sum, by column, of what is added above the average.

    >>> raised(pd.DataFrame({"price": [0.0, 1.0, 2.0]})).to_dict()
    {'price': 1.0}
    """
    return (parts - parts.mean()).clip(lower=0.0).sum()


def told(race: Race, rows: pd.DataFrame) -> pd.DataFrame:
    """What the model adds to the log-odds of each row, by cause; `rows` hold the features."""
    return _added_up(race, rows, cause_of)


def told_by_theme(race: Race, rows: pd.DataFrame) -> pd.DataFrame:
    """The same by theme."""
    return _added_up(race, rows, lambda feature: feature.theme)


def _added_up(race: Race, rows: pd.DataFrame, heading: Callable[[Feature], str]) -> pd.DataFrame:
    parts = feature_contributions(race, rows).drop(columns=BASE)
    return parts.T.groupby([heading(feature) for feature in race.features]).sum().T


def compare(world: World, folder: Path) -> dict[str, Any]:
    """Train on a world, and hold what the model says of everybody against the truth."""
    study = study_of(world, folder)
    until = training_date(study)
    cutoffs = {*training_cutoffs(study, until), world.today}
    race, examples, _ = fit_final(study, build_examples(study, cutoffs, knowledge={until}, processes=1))
    rows = examples.at(world.today, until)
    truth = rows[["customer_id"]].merge(world.at(world.today, futures=1), on="customer_id", validate="one_to_one")
    names = [*CAUSES, "contract"]
    matrix = rows[[feature.name for feature in race.features]]
    found, themes = told(race, matrix), raised(told_by_theme(race, matrix)).sort_values(ascending=False)
    said = found.reindex(columns=[*names, OTHER], fill_value=0.0)
    true = truth[[f"cause_{name}" for name in names]].set_axis(names, axis="columns")
    said_sum, true_sum = raised(said), raised(true)
    order, true_order = (list(sums[list(CAUSES)].sort_values(ascending=False).index) for sums in (said_sum, true_sum))
    return {
        "customers": len(rows),
        "features": len(race.features),
        "risk_is": race.report["risk"],
        "true": _shares(true_sum),
        "said": _shares(said_sum),
        "themes": {str(name): float(value / themes.sum()) for name, value in themes.items()},
        "correlation": {name: float(np.corrcoef(said[name], true[name])[0, 1]) for name in names},
        "true_order": true_order,
        "said_order": order,
        "same_order": order == true_order,
    }


def main() -> int:
    """Compare seed by seed and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--world", choices=WORLDS, action="append")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=728)
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    for name in asked.world or WORLDS:
        rows = []
        for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
            world = lived(load_world(name), customers=asked.customers, seed=seed, days=asked.days)
            with tempfile.TemporaryDirectory() as folder:
                rows.append({"seed": seed} | compare(world, Path(folder) / "world"))
            print(json.dumps(rounded({"world": name} | rows[-1])), file=sys.stderr, flush=True)
        found[name] = {"seeds": rows, "same_order": float(np.mean([row["same_order"] for row in rows]))}
    missed = "plain" in found and found["plain"]["same_order"] < SAME_ORDER_AT_LEAST
    print(json.dumps(rounded(found | {"same_order_in_plain_at_least": SAME_ORDER_AT_LEAST}), indent=1))
    return int(missed)


def _shares(sums: pd.Series) -> dict[str, float]:
    seen = sums[[*CAUSES, "contract"]].sum()
    return {str(name): float(value / seen) for name, value in sums.items()}


if __name__ == "__main__":
    sys.exit(main())
