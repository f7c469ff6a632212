"""The slices of a back-test as plain data: all origins together, selected as the list of each would have been."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.models.bootstrap import Interval
from tenure.models.profit import expected_profit, places
from tenure.models.slices import Slice, measure_slices
from tenure.pipelines.decisions.worth import terms_of
from tenure.pipelines.proof.backtest import BacktestResult, OriginResult
from tenure.pipelines.settings.decisions import Economics


def slices_of(result: BacktestResult) -> list[Slice]:
    """Every group in which units of the origins were, as `risk` did on it; empty where they were not divided."""
    origins = [(origin, origin.divided) for origin in result.origins if origin.divided is not None]
    if not origins:
        return []
    economics, share = result.study.project.economics, min(result.study.sample, 1.0)
    return measure_slices(
        pd.concat([divided for _, divided in origins], ignore_index=True),
        np.concatenate([np.asarray(origin.tested.labels, dtype=float) for origin, _ in origins]),
        np.concatenate([origin.tested.predictions["risk"].to_numpy() for origin, _ in origins]),
        np.concatenate([np.asarray(origin.tested.persons) for origin, _ in origins]),
        np.concatenate([_selected(origin, economics, share) for origin, _ in origins]),
    )


def slice_document(found: list[Slice]) -> list[dict[str, Any]]:
    """Slices as plain data; what cannot be measured is null."""
    return [
        {
            "by": one.kind,
            "group": one.name,
            "units": one.units,
            "positives": one.positives,
            "selection_rate": _interval(one.selected),
            "true_positive_rate": _interval(one.found),
            "roc_auc": _interval(one.roc_auc),
            "calibration_in_the_large": _interval(one.gap),
            "miscalibrated": one.wrong,
            "not_ranked": one.blind,
        }
        for one in found
    ]


def _selected(origin: OriginResult, economics: Economics, share: float) -> NDArray[np.bool_]:
    """Who would have been contacted at an origin: whose contacts are worth most, as many as there is room for."""
    risk = origin.tested.predictions["risk"].to_numpy()
    if origin.tested.values is None:
        gains = risk
    else:
        gains = expected_profit(risk, origin.tested.values, terms=terms_of(economics))
    order = places(gains, np.ones(len(gains), dtype=bool))
    return np.asarray((order > 0) & (order <= economics.capacity * share))


def _interval(found: Interval | None) -> dict[str, float | None] | None:
    if found is None:
        return None
    return {
        name: None if math.isnan(value) else round(value, 6)
        for name, value in (("mean", found.value), ("low", found.low), ("high", found.high))
    }
