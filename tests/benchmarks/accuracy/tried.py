"""What was tried to make the race better: other settings and other members, beside the race as it is.

    python tests/benchmarks/accuracy/tried.py [--set NAME ...] [--variant NAME ...] [--seeds 2] --out FOLDER

Everything is measured on the origins for work, on the same rows. It writes `tried.json` and prints a table: what a
variant has more (or less) than the race, the mean over the questions, and the least and most of them. A variant is
kept in the product where it pays on that mean.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # this folder is the package `accuracy`

from accuracy import ours, simple
from accuracy.rival import Rival, Said
from accuracy.rows import Task
from accuracy.run import question
from accuracy.sets import Absent, opened, project_files, questions
from accuracy.trees import FIXED
from tenure.models.fit import fit_race
from tenure.models.logistic import LogisticSettings, fit_logistics, prepare
from tenure.models.odds import Floats, log_odds, probability
from tenure.models.settings import RaceSettings

METRICS = ("roc_auc", "average_precision", "log_loss", "brier", "calibration_error")

SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "up to 600 trees": {"boosted": {"trees": (50, 100, 150, 300, 600)}},
    "three seeds averaged": {"boosted": {"seeds": 3}},
    "boosted .3 of the blend": {"risk": {"share": 0.3}},
    "boosted .7 of the blend": {"risk": {"share": 0.7}},
    "half-life 182 days": {"half_life_days": 182.0},
    "half-life 364 days": {"half_life_days": 364.0},
    "leaves of 50": {"boosted": {"leaf_rows": 50}},
    "leaves of 200": {"boosted": {"leaf_rows": 200}},
    "4 leaves": {"boosted": {"leaves": 4}},
    "15 leaves": {"boosted": {"leaves": 15}},
    "half the learning rate": {"boosted": {"learning_rate": 0.03, "trees": (100, 200, 300)}},
    "wider penalties": {"logistic": {"strengths": (0.0003, 0.001, 0.003, 0.01, 0.03)}},
    "level not carried over": {"level_kept": 0.0},
    "level carried over whole": {"level_kept": 1.0},
}
"""Settings of the race by the name of a variant; within `boosted`, `logistic` and `risk` those of the part."""


def with_settings(changed: Mapping[str, Any], settings: RaceSettings) -> RaceSettings:
    """The settings with some of them, or of their parts, changed."""
    parts = {
        name: replace(getattr(settings, name), **value) if isinstance(value, Mapping) else value
        for name, value in changed.items()
    }
    return replace(settings, **parts)


def another_race(changed: Mapping[str, Any], task: Task, seed: int) -> Said:
    """The race with other settings."""
    settings = with_settings(changed, replace(task.settings, seed=seed))
    race = fit_race(task.ours(task.training), features=task.features(), settings=settings, threads=1)
    return Said(race.predict(task.ours(task.test))["risk"].to_numpy())


def blended(other: Callable[[Task, int], Floats], task: Task, seed: int) -> Said:
    """Half the race and half another member, as log-odds."""
    race, _ = ours.race_of(task, seed)
    said = np.clip(other(task, seed), 1e-5, 1.0 - 1e-5)
    return Said(probability(0.5 * log_odds(race["risk"].to_numpy()) + 0.5 * log_odds(said)))


def matrices(task: Task) -> tuple[Floats, Floats]:
    """The features of the training rows and of the test rows."""
    names = [feature.name for feature in task.features()]
    return task.training[names].to_numpy(dtype=np.float64), task.test[names].to_numpy(dtype=np.float64)


def extra_trees(task: Task, seed: int) -> Floats:
    """Two hundred extremely random trees (Geurts, Ernst and Wehenkel 2006)."""
    fit, ask = matrices(task)
    terms = prepare(fit, settings=LogisticSettings())
    leaf = max(20, len(fit) // 500)
    model = ExtraTreesClassifier(200, min_samples_leaf=leaf, max_features=0.3, random_state=seed)
    model.fit(terms.terms(fit), task.labels, sample_weight=task.weights)
    return np.asarray(model.predict_proba(terms.terms(ask))[:, 1])


def splines(task: Task, seed: int) -> Floats:
    """A logistic line on quadratic splines of every term."""
    fit, ask = matrices(task)
    terms = prepare(fit, settings=LogisticSettings())
    bends = SplineTransformer(n_knots=4, degree=2, knots="quantile", include_bias=False)
    line = LogisticRegression(C=0.0003, max_iter=100, solver="newton-cholesky")
    model = make_pipeline(bends, StandardScaler(), line)
    model.fit(terms.terms(fit), task.labels, logisticregression__sample_weight=task.weights)
    return np.asarray(model.predict_proba(terms.terms(ask))[:, 1])


def trees_on_the_line(task: Task, seed: int) -> Floats:
    """Sixty trees that go on from where the logistic line ends."""
    fit, ask = matrices(task)
    (line,) = fit_logistics(fit, task.labels, task.weights, settings=LogisticSettings(), strengths=(0.003,))
    rows = lightgbm.Dataset(fit, task.labels, weight=task.weights, init_score=line.log_odds(fit))
    given = {**FIXED, "num_leaves": 6, "min_data_in_leaf": max(5, min(100, len(fit) // 20)), "lambda_l2": 10.0}
    grown = lightgbm.train({**given, "feature_fraction": 0.3, "seed": seed}, rows, 60)
    return probability(line.log_odds(ask) + np.asarray(grown.predict(ask, raw_score=True)))


def money_and_recency(task: Task, seed: int) -> Floats:
    """The line on recency, frequency and money."""
    return simple.rfm(task, seed).probabilities


VARIANTS: tuple[Rival, ...] = (
    *(Rival(name, partial(another_race, changed), drawn=True) for name, changed in SETTINGS.items()),
    Rival("half extra trees", partial(blended, extra_trees), drawn=True),
    Rival("half a line of splines", partial(blended, splines), drawn=True),
    Rival("half trees on the line", partial(blended, trees_on_the_line), drawn=True),
    Rival("half recency, frequency, money", partial(blended, money_and_recency), drawn=True),
)


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure every variant on every question, and write it down."""
    asked = _arguments().parse_args(words)
    chosen = [variant for variant in VARIANTS if not asked.variant or variant.name in asked.variant]
    rivals = [next(rival for rival in ours.RIVALS if rival.name == ours.OURS), *chosen]
    found: dict[str, Any] = {}
    files = project_files()
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, outcomes in questions(asked.set, files).items():
        with tempfile.TemporaryDirectory(prefix="tried-") as scratch:
            try:
                for study in opened(files[name], Path(scratch), outcomes):
                    said = question(study, rivals, development=True, seeds=asked.seeds)
                    if "absent" not in said:
                        found[f"{name}/{study.name}"] = said
            except Absent as missing:
                print(f"{name}: {missing}", file=sys.stderr)
        content = {"seeds": asked.seeds, "questions": found, "means": means(found)}
        (asked.out / "tried.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return content


def means(found: Mapping[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """Of every variant and figure: the mean, the least and the most of its differences to the race over questions."""
    names = {name for question in found.values() for name in question["rivals"]} - {ours.OURS}
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name in names:
        each = [q["rivals"][name]["minus_ours"] for q in found.values() if "minus_ours" in q["rivals"].get(name, {})]
        if len(each) == len(found):
            values = pd.DataFrame([{metric: one[metric]["value"] for metric in METRICS} for one in each])
            table[name] = {
                m: {"mean": values[m].mean(), "least": values[m].min(), "most": values[m].max()} for m in METRICS
            }
    return {variant.name: table[variant.name] for variant in VARIANTS if variant.name in table}


def as_table(content: Mapping[str, Any]) -> str:
    """The means as a table in Markdown."""
    lines = ["| tried | ROC AUC | AP | log loss | calibration error |", "| --- | --- | --- | --- | --- |"]
    for name, row in content["means"].items():
        cells = [
            f"{row[m]['mean']:+.4f} ({row[m]['least']:+.4f} to {row[m]['most']:+.4f})" for m in METRICS if m != "brier"
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--set", action="append", help="a set, or one of its outcomes as SET/OUTCOME; may be repeated")
    parser.add_argument("--variant", action="append", help="a variant; may be repeated")
    parser.add_argument("--seeds", type=int, default=2, help="seeds whose median is told")
    parser.add_argument("--out", type=Path, required=True, help="where tried.json is written")
    return parser


if __name__ == "__main__":
    print(as_table(main()))
