"""The rows of all origins together, as arrays for the plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenure.models.odds import Floats
from tenure.pipelines.proof.backtest import BacktestResult, OriginResult
from tenure.pipelines.report.scores_plot import capacity_cut


@dataclass(frozen=True)
class Pooled:
    """Labels and predictions of every tested row, and at each origin the score at which the capacity ends."""

    labels: Floats
    predictions: dict[str, Floats]
    cuts: tuple[float, ...]

    @property
    def risk(self) -> Floats:
        """What would be registered, as it predicted."""
        return self.predictions["risk"]


def pooled(result: BacktestResult, *, capacity: int) -> Pooled:
    """Pool the origins at which something can be measured; where there is none, all of them."""
    origins = [o for o in result.origins if o.tested.usable] or list(result.origins)
    models = [str(name) for name in origins[0].tested.predictions.columns]
    return Pooled(
        np.concatenate([_floats(o.tested.labels) for o in origins]),
        {model: np.concatenate([_predicted(o, model) for o in origins]) for model in models},
        tuple(capacity_cut(_predicted(o, "risk"), capacity) for o in origins),
    )


def intervals_by_origin(origins: Sequence[OriginResult], model: str, metric: str) -> Floats:
    """Value, low and high of a metric, a row per origin; NaN where it cannot be measured."""
    rows = []
    for origin in origins:
        found = origin.bootstrap.interval(model, metric) if origin.bootstrap else None
        rows.append((found.value, found.low, found.high) if found else (np.nan,) * 3)
    return np.array(rows, dtype=np.float64)


def _predicted(origin: OriginResult, model: str) -> Floats:
    return _floats(origin.tested.predictions[model])


def _floats(values: object) -> Floats:
    return np.asarray(values, dtype=np.float64)
