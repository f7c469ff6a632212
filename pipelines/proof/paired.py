"""A paired back-test: the same rows and seeds with the columns of a family and without them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tenure.models.bootstrap import Bootstrap, Interval
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.features.family import BUILT_IN
from tenure.pipelines.proof.backtest import BacktestResult, backtest, example_dates

METRICS = ("roc_auc", "average_precision", "log_loss")
"""The metrics whose difference is told; of the log loss less is better."""


class NoSuchFeature(ValueError):
    """There is no feature file of a name."""


@dataclass(frozen=True)
class Paired:
    """Two back-tests that differ in one family: `features` are its columns that were there at the last origin."""

    family: str
    features: tuple[str, ...]
    with_it: BacktestResult
    without: BacktestResult

    def differences(self, model: str = "risk") -> dict[str, Interval]:
        """With minus without, the mean over origins, drawn alike by person."""
        return _differences(self.with_it.summary, self.without.summary, model)

    def at_origins(self, model: str = "risk") -> dict[dt.date, dict[str, Interval]]:
        """With minus without at each origin where both could be measured."""
        pairs = zip(self.with_it.origins, self.without.origins, strict=True)
        return {
            a.as_of: _differences(a.bootstrap, b.bootstrap, model)
            for a, b in pairs
            if a.bootstrap is not None and b.bootstrap is not None
        }


def feature_module(study: Study, name: str) -> str:
    """The entry of `features.modules` for a feature file, given by path or by the name of a file in `features/`."""
    root = study.project.root
    for file in (Path(name), root / name, root / "features" / f"{name}.py"):
        if file.is_file() and file.suffix == ".py":
            return os.path.relpath(file.resolve(), root)
    raise NoSuchFeature(
        f"{name!r} is neither a feature file nor the name of one in {root / 'features'}; "
        f"`tenure feature new {Path(name).stem}` writes one"
    )


def with_module(study: Study, module: str) -> Study:
    """The study with a feature file among its modules, be it there already or not."""
    if Path(module).stem in BUILT_IN:
        raise NoSuchFeature(f"{module}: {Path(module).stem!r} is a family of Tenure's own; give the file another name")
    others = [m for m in study.project.features.modules if Path(m).stem != Path(module).stem]
    features = study.project.features.model_copy(update={"modules": (*others, module)})
    return replace(study, project=study.project.model_copy(update={"features": features}))


def paired(
    study: Study,
    module: str,
    origins: Sequence[dt.date],
    *,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Paired:
    """Back-test a study with a feature file and without it.

    Everything is described once; the columns of other families come from the cache where they are there.
    """
    return paired_family(with_module(study, module), Path(module).stem, origins, processes=processes, progress=progress)


def paired_family(
    study: Study,
    family: str,
    origins: Sequence[dt.date],
    *,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Paired:
    """Back-test a study with all its families and with one of them left out; everything is described once."""
    cutoffs, knowledge = example_dates(study, origins)
    examples = build_examples(study, cutoffs, knowledge=knowledge, processes=processes, progress=progress)
    names = tuple(c.name for c in examples.columns if c.family == family)
    if not names:
        families = sorted({c.family for c in examples.columns})
        raise NoSuchFeature(f"no column of the study is of the family {family!r}; there are {', '.join(families)}")
    found = [
        backtest(study, origins, examples=table, processes=processes, progress=progress)
        for table in (examples, _without(examples, family))
    ]
    return Paired(family, names, *found)


def paired_document(found: Paired, *, seconds: float) -> dict[str, Any]:
    """The comparison as plain data."""
    study = found.with_it.study
    return {
        "schema": 1,
        "outcome": study.name,
        "sample": study.sample,
        "family": found.family,
        "features": list(found.features),
        "origins": [{"as_of": day.isoformat(), "differences": _plain(at)} for day, at in found.at_origins().items()],
        "examples": sum(origin.units for origin in found.with_it.origins),
        "with": _means(found.with_it),
        "without": _means(found.without),
        "differences": {model: _plain(found.differences(model)) for model in ("risk", "logistic", "boosted")},
        "seconds": round(seconds, 1),
    }


def _without(examples: Examples, family: str) -> Examples:
    return replace(examples, columns=tuple(c for c in examples.columns if c.family != family))


def _differences(one: Bootstrap, other: Bootstrap, model: str) -> dict[str, Interval]:
    joined = Bootstrap(
        {"with": one.values[model], "without": other.values[model]},
        {"with": one.draws[model], "without": other.draws[model]},
    )
    return {metric: joined.difference("with", "without", metric) for metric in METRICS}


def _means(result: BacktestResult) -> dict[str, float | None]:
    return {metric: _number(result.summary.values["risk"][metric]) for metric in METRICS}


def _plain(intervals: dict[str, Interval]) -> dict[str, dict[str, float | None]]:
    return {
        metric: {"mean": _number(i.value), "low": _number(i.low), "high": _number(i.high)}
        for metric, i in intervals.items()
    }


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None
