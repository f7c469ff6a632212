"""Do the intervals hold what they promise? On later dates of real sets, group by group and tenth by tenth.

    python tests/benchmarks/interval_coverage.py [--set NAME ...] [--sample SHARE] [--report] --out FILE

At every origin the race learns from what was known by then. Who is asked about is divided by the group of their
interval (settled, new, unknown category) and within it into tenths by risk, of at least 50 customers each. A cell is
covered where the share to whom it happened is from the mean low to the mean high end, or outside of it by no more than
chance does with one in twenty of exact ones (binomial). Origins for work unless `--report`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy.rows import Field, by_origin, the_field
from accuracy.sets import Absent, opened, origins_of, project_files, questions

from tenure.models.feature import feature_matrix
from tenure.models.fit import fit_race
from tenure.models.intervals import unsure
from tenure.models.likeness import GROUPS
from tenure.models.odds import Floats
from tenure.models.race import Race
from tenure.models.training_rows import TooFewExamples
from tenure.pipelines.proof.backtest import NothingToTest

LEAST = 50
TENTHS = 10
CHANCE = 0.05


def main(words: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Every question of the sets asked for; written down and printed as JSON."""
    asked = _arguments().parse_args(words)
    files, found = project_files(), []
    for name, outcomes in questions(asked.set, files).items():
        with tempfile.TemporaryDirectory(prefix="coverage-") as scratch:
            try:
                for study in opened(files[name], Path(scratch), outcomes, sample=asked.sample):
                    field = the_field(study, origins_of(study, development=not asked.report))
                    cells = pd.DataFrame(cells_of(field))
                    told = summed_up(cells) if len(cells) else {"not_run": f"no cell has {LEAST} customers"}
                    found.append({"set": name, "outcome": study.name, **told})
                    print(json.dumps(found[-1]), file=sys.stderr)
            except (Absent, NothingToTest, TooFewExamples) as reason:
                found.append({"set": name, "not_run": str(reason)})
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def cells_of(field: Field) -> Iterator[dict[str, Any]]:
    """The cells of all origins: how many, what was said, what happened."""
    truth = field.truth
    labels = truth.set_index(["unit_id", "as_of"])["label"]
    for task in field.tasks():
        race = fit_race(task.ours(task.training), features=task.features(), settings=task.settings, threads=2)
        for day, rows in by_origin(task.test):
            asked = task.ours(rows).reset_index(drop=True)
            happened = labels.loc[list(zip(rows["unit_id"], rows["as_of"], strict=True))].to_numpy(dtype=np.float64)
            for cell in divided(race, asked, happened):
                yield {"origin": str(day), **cell}


def divided(race: Race, asked: pd.DataFrame, happened: Floats) -> Iterator[dict[str, Any]]:
    """The cells of one origin."""
    risk = race.predict(asked)["risk"].to_numpy()
    low, high = race.interval(asked, risk)
    likeness = race.intervals[race.blend.name].likeness
    group = likeness.group(feature_matrix(asked, race.features))
    for place, name in enumerate(GROUPS):
        mine = np.flatnonzero(group == place)
        mine = mine[np.argsort(risk[mine], kind="stable")]
        for part in np.array_split(mine, max(1, min(TENTHS, len(mine) // LEAST))):
            if len(part) >= LEAST:
                yield _cell(name, risk[part], low[part], high[part], happened[part])


def _cell(name: str, risk: Floats, low: Floats, high: Floats, happened: Floats) -> dict[str, Any]:
    count, hits = len(happened), int(happened.sum())
    below, above = float(low.mean()), float(high.mean())
    chance = 1.0
    if hits / count < below:
        chance = float(binom.cdf(hits, count, below))
    elif hits / count > above:
        chance = float(binom.sf(hits - 1, count, above))
    return {
        "group": name,
        "rows": count,
        "positives": hits,
        "said": float(risk.mean()),
        "low": below,
        "high": above,
        "inside": below <= hits / count <= above,
        "covered": chance >= CHANCE,
        "unsure": float(np.mean([bool(unsure(a, b)) for a, b in zip(low, high, strict=True)])),
    }


def summed_up(cells: pd.DataFrame) -> dict[str, Any]:
    """Shares of the cells by group, cells counting by their rows for what customers see and alike for coverage."""
    parts = {"all": cells, **dict(iter(cells.groupby("group")))}
    return {str(name): _figures(part) for name, part in parts.items()}


def _figures(part: pd.DataFrame) -> dict[str, Any]:
    rows = part["rows"].to_numpy(dtype=np.float64)
    mean = {name: float(np.average(part[name], weights=rows)) for name in ("said", "low", "high", "unsure")}
    return {
        "cells": len(part),
        "rows": int(rows.sum()),
        "covered": round(float(part["covered"].mean()), 3),
        "inside": round(float(part["inside"].mean()), 3),
        "happened": round(float(part["positives"].sum() / rows.sum()), 4),
        "said": round(mean["said"], 4),
        "width": round(mean["high"] - mean["low"], 4),
        "low_confidence": round(mean["unsure"], 4),
    }


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", action="append", help="a set, or SET/OUTCOME; left out: all")
    parser.add_argument("--sample", type=float, default=1.0, help="the share of customers")
    parser.add_argument("--report", action="store_true", help="the report origins instead of those for work")
    parser.add_argument("--out", type=Path, required=True, help="a file for the figures")
    return parser


if __name__ == "__main__":
    print(json.dumps(main(), indent=1))
