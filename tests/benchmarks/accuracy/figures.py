"""The table: means over origins and pooled, with intervals by person, and every rival against ours, paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from accuracy.ours import OURS
from accuracy.rows import by_origin
from tenure.models.bootstrap import Bootstrap, Interval, mean_over
from tenure.models.metrics import ranked
from tenure.models.odds import Floats
from tenure.models.ranking import error_limit
from tenure.models.verdict import Tested
from tenure.pipelines.examples.study import Study
from tenure.pipelines.proof.backtest import drawn_of

METRICS = ("roc_auc", "average_precision", "brier", "log_loss", "calibration_error", "lift_top_decile")
Answers = Mapping[str, Sequence[Floats]]
"""Of every rival its probabilities for all test rows, one array a seed (one alone where seeds change nothing)."""


def compared(study: Study, truth: pd.DataFrame, answers: Answers) -> dict[str, Any]:
    """Figures of every rival on the same rows, the mean over origins and pooled; the median over seeds.

    Persons are drawn alike for all rivals, origins and seeds, so a difference is paired draw by draw.
    """
    seeds = max(len(found) for found in answers.values())
    rounds = [{name: found[min(n, len(found) - 1)] for name, found in answers.items()} for n in range(seeds)]
    means, pooled = zip(*[_drawn(study, truth, predictions) for predictions in rounds], strict=True)
    mean, whole = median_over(means), median_over(pooled)
    limits = {name: _limit(truth, found[0]) for name, found in answers.items()}
    return {
        name: {
            "mean": _intervals(mean, name),
            "pooled": _intervals(whole, name),
            "minus_ours": _differences(mean, name),
            "pooled_minus_ours": _differences(whole, name),
            "calibration_error_limit": limits[name],
        }
        for name in answers
    }


def median_over(parts: Sequence[Bootstrap]) -> Bootstrap:
    """The median over seeds of every value and of every replicate."""
    models, metrics = parts[0].values, next(iter(parts[0].values.values()))
    values = {m: {k: float(np.median([p.values[m][k] for p in parts])) for k in metrics} for m in models}
    draws = {m: {k: np.median([p.draws[m][k] for p in parts], axis=0) for k in metrics} for m in models}
    return Bootstrap(values, draws)


def _drawn(study: Study, truth: pd.DataFrame, predictions: Mapping[str, Floats]) -> tuple[Bootstrap, Bootstrap]:
    said = pd.DataFrame(predictions)
    universe = np.unique(truth["customer_id"].to_numpy(dtype=str))
    parts = []
    for origin, rows in by_origin(truth):
        tested = _tested(str(origin), rows, said)
        if tested.usable:
            parts.append(drawn_of(study, tested, universe))
    return mean_over(parts), drawn_of(study, _tested("pooled", truth, said), universe)


def _tested(name: str, rows: pd.DataFrame, said: pd.DataFrame) -> Tested:
    persons, labels = rows["customer_id"].to_numpy(dtype=str), rows["label"].to_numpy(dtype=np.float64)
    return Tested(name, persons, labels, said.loc[rows.index].reset_index(drop=True))


def _limit(truth: pd.DataFrame, said: Floats) -> dict[str, float]:
    """What a perfectly calibrated model with these probabilities exceeds in 5 of 100 cases."""
    usable = [rows for _, rows in by_origin(truth) if 0 < rows["label"].sum() < len(rows)]
    each = [error_limit(ranked(rows["label"], said[rows.index])) for rows in usable]
    return {"mean": round(float(np.mean(each)), 5), "pooled": round(error_limit(ranked(truth["label"], said)), 5)}


def _intervals(drawn: Bootstrap, name: str) -> dict[str, dict[str, float | None]]:
    return {metric: _plain(drawn.interval(name, metric)) for metric in METRICS}


def _differences(drawn: Bootstrap, name: str) -> dict[str, dict[str, float | None]]:
    if name == OURS or OURS not in drawn.values:
        return {}
    return {metric: _plain(drawn.difference(name, OURS, metric)) for metric in METRICS}


def _plain(found: Interval) -> dict[str, float | None]:
    return {
        key: round(float(value), 5) if np.isfinite(value) else None
        for key, value in (("value", found.value), ("low", found.low), ("high", found.high))
    }
