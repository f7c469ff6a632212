"""OULAD as it was published: who leaves in the next seven days, weeks 1 to 10, three folds of students.

    python tests/benchmarks/oulad_grouped.py [--peer PYTHON] [--seeds 5] [--sample SHARE] [--keep FILE]

The rows are all registrations that stand at the end of week 1 to 10 of each of the 22 runs. Students are dealt into
three folds; a fold is predicted by models fitted on the two others. That flatters: the same weeks of the same runs are
on both sides, and no model in use can know them. It is here for the comparison with what was published on such folds,
and is no option of the product. As in what was published, gender, age, disability and the run itself are features here,
which our project file does without. Beside our race, with settings for so many rows (`SETTINGS`), CatBoost learns from
the same features of the same rows, in an interpreter that has it (set up for the run where none is given). Figures are
means over folds, of each seed, and the median over seeds; a seed deals the folds anew.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tomli_w
from accuracy.sets import Absent, opened, project_files
from replay_feed import absolute

from tenure.models.boosted import BoostedSettings
from tenure.models.feature import KEYS, Feature
from tenure.models.fit import fit_race
from tenure.models.metrics import measure
from tenure.models.odds import Floats
from tenure.models.rehearsal import person_codes
from tenure.models.settings import RaceSettings, RiskSettings
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.proof.backtest import race_settings

STARTS = (dt.date(2013, 2, 1), dt.date(2013, 10, 1), dt.date(2014, 2, 1), dt.date(2014, 10, 1))
RUNS = {"2013B": STARTS[0], "2013J": STARTS[1], "2014B": STARTS[2], "2014J": STARTS[3]}
WEEKS = range(1, 11)
FOLDS = 3
HALF_YEAR = "right(code_presentation, 1)::varchar as half_year"
COURSE_RUN = "code_module || '_' || code_presentation as course_run"
PUBLISHED = {"rows": 271_663, "roc_auc": 0.8436, "average_precision": 0.1589}
WANTED = {"roc_auc": 0.853, "average_precision": 0.165}
METRICS = ("roc_auc", "average_precision", "brier", "log_loss")
SETTINGS: dict[str, Any] = {
    "most_rows": None,
    "boosted": BoostedSettings(leaves=15, trees=(300,), learning_rate=0.05, seeds=3),
    "risk": RiskSettings(share=0.8),
}
NEEDS = ("catboost", "pandas<3", "pyarrow")
CATBOOST = """
import sys, pandas as pd
from catboost import CatBoostClassifier
folder, seed = sys.argv[1], int(sys.argv[2])
fit, ask = (pd.read_parquet(f"{folder}/{name}.parquet") for name in ("fit", "ask"))
model = CatBoostClassifier(random_seed=seed, thread_count=2, verbose=False, allow_writing_files=False)
model.fit(fit.drop(columns="label"), fit["label"])
pd.DataFrame({"said": model.predict_proba(ask)[:, 1]}).to_parquet(f"{folder}/said.parquet")
"""
"""CatBoost as it comes: a thousand trees, its own learning rate."""

Rival = Callable[[pd.DataFrame, pd.DataFrame, int], Floats]
"""Fits on some rows and says what it thinks of others, with a seed."""


def main(words: Sequence[str] | None = None) -> dict[str, Any]:
    """Describe the rows once, then let everybody answer for every fold."""
    asked = _arguments().parse_args(words)
    with tempfile.TemporaryDirectory(prefix="grouped-") as scratch:
        frame, features, settings = rows(Path(scratch), asked.sample)
        if asked.keep is not None:
            pd.to_pickle((frame, features, settings), asked.keep)
        rivals: dict[str, Rival] = {
            "risk": lambda fit, ask, seed: _ours(fit, ask, features, replace(settings, seed=seed, **SETTINGS)),
            "catboost": _catboost(asked.peer or _set_up(Path(scratch) / "peer"), features),
        }
        figures: dict[str, list[dict[str, float]]] = {name: [] for name in rivals}
        seconds = dict.fromkeys(rivals, 0.0)
        for seed in range(asked.seeds):
            for name, rival in rivals.items():
                started = time.perf_counter()
                figures[name].append(over_folds(frame, rival, settings.seed + seed))
                seconds[name] += (time.perf_counter() - started) / asked.seeds
                print(f"seed {seed}: {name} {figures[name][-1]}", file=sys.stderr)
    return {
        "rows": len(frame),
        "students": int(frame["customer_id"].nunique()),
        "positives": int(frame["label"].sum()),
        "features": len(features),
        "seeds": asked.seeds,
        "sample": asked.sample,
        **{name: {**median(found), "seconds": round(seconds[name], 1)} for name, found in figures.items()},
        "published": PUBLISHED,
        "wanted": WANTED,
    }


def rows(scratch: Path, sample: float) -> tuple[pd.DataFrame, tuple[Feature, ...], RaceSettings]:
    """Every registration that stands at the end of every week of its run, described as of then, with its label."""
    try:
        study = next(opened(published_features(scratch), scratch / "work", ["withdrawal"], sample=sample))
    except Absent as missing:
        raise SystemExit(f"OULAD is not there: {missing}") from missing
    cutoffs = {start + dt.timedelta(7 * week) for start in STARTS for week in WEEKS}
    until = study.watermark
    examples = build_examples(study, cutoffs, knowledge={until})
    frame = examples.training(until)
    starts = pd.to_datetime(frame["unit_id"].str.split("_").str[1].map(RUNS))
    week = (pd.to_datetime(frame["as_of"]) - starts).dt.days / 7
    features = examples.features(until)
    own = {column.name for column in examples.columns if column.family == "own_history"}
    chosen = tuple(feature for feature in features if feature.name not in own)
    frame = frame.loc[week.isin(list(WEEKS))].reset_index(drop=True)
    return frame, chosen, race_settings(study, chosen)


def published_features(folder: Path) -> Path:
    """Our project file with what the published features have besides: protected attributes, and the run."""
    file = project_files()["oulad"]
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    for source in content["source"]:
        source["files"] = absolute(source["files"], file.parent)
        source["select"] = source["select"].replace(HALF_YEAR, f"{COURSE_RUN}, {HALF_YEAR}")
    if not any(COURSE_RUN in source["select"] for source in content["source"]):
        raise SystemExit(f"{file} was to select {HALF_YEAR!r}, beside which the run is put; it does not")
    content["profile"]["course_run"] = {"type": "category", "role": "feature"}
    protected = [name for name, one in content["profile"].items() if one["role"] == "protected"]
    content["fairness"] = {"allow": protected}
    made = folder / "published.toml"
    made.write_text(tomli_w.dumps(content), encoding="utf-8")
    return made


def over_folds(frame: pd.DataFrame, rival: Rival, seed: int) -> dict[str, float]:
    """The mean over folds of every figure; each student is in one fold, with all her rows."""
    persons = person_codes(frame["customer_id"])
    dealt = np.random.default_rng(seed).permutation(int(persons.max()) + 1) % FOLDS
    found = []
    for fold in range(FOLDS):
        asked = dealt[persons] == fold
        said = rival(frame.loc[~asked], frame.loc[asked], seed)
        found.append(measure(frame.loc[asked, "label"].to_numpy(dtype=np.float64), said, capacity=100))
    return {metric: round(float(np.mean([one[metric] for one in found])), 5) for metric in METRICS}


def median(found: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median over seeds, and the least and the most of ROC AUC."""
    areas = [one["roc_auc"] for one in found]
    middle = {metric: round(float(np.median([one[metric] for one in found])), 5) for metric in METRICS}
    return {**middle, "least_roc_auc": min(areas), "most_roc_auc": max(areas)}


def _ours(fit: pd.DataFrame, ask: pd.DataFrame, features: tuple[Feature, ...], settings: RaceSettings) -> Floats:
    names = [feature.name for feature in features]
    keys = [key for key in KEYS if key in fit]
    race = fit_race(fit[keys + names].reset_index(drop=True), features=features, settings=settings, threads=2)
    return np.asarray(race.predict(ask[keys + names].reset_index(drop=True))["risk"])


def _catboost(python: str, features: tuple[Feature, ...]) -> Rival:
    names = [feature.name for feature in features]
    plain = [f"column_{place}" for place in range(len(names))]

    def rival(fit: pd.DataFrame, ask: pd.DataFrame, seed: int) -> Floats:
        with tempfile.TemporaryDirectory(prefix="catboost-") as folder:
            given = fit[names].set_axis(plain, axis="columns").assign(label=fit["label"].to_numpy())
            given.to_parquet(f"{folder}/fit.parquet")
            ask[names].set_axis(plain, axis="columns").to_parquet(f"{folder}/ask.parquet")
            subprocess.run([python, "-c", CATBOOST, folder, str(seed)], check=True)
            return pd.read_parquet(f"{folder}/said.parquet")["said"].to_numpy(dtype=np.float64)

    return rival


def _set_up(folder: Path) -> str:
    """An interpreter with CatBoost, which is not among our requirements."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", *NEEDS], check=True)
    return python


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer", help="an interpreter with CatBoost")
    parser.add_argument("--seeds", type=int, default=5, help="how often the folds are dealt")
    parser.add_argument("--sample", type=float, default=1.0, help="the share of students")
    parser.add_argument("--keep", type=Path, help="a file for the described rows")
    return parser


if __name__ == "__main__":
    print(json.dumps(main(), indent=2))
