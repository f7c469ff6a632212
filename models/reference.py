"""What a model was trained on, as counts: what later data are held against. No row of anybody is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from tenure.models.contributions import BASE, feature_contributions
from tenure.models.drift import counts_in, edges_of, usual_index
from tenure.models.feature import feature_matrix
from tenure.models.race import Race

SCORES = "risk"
"""The name under which the model's own predictions are counted."""

STEPS = [step / 40 for step in range(1, 40)]
"""The edges between bins of predictions."""

EXPLAINED = 2_000
"""Rows of which the contributions are looked at."""

MONTHS = 13
"""The last months that are counted apart, so that the season a year ago can be looked at."""


@dataclass(frozen=True)
class Reference:
    """By feature (and `SCORES`): the `edges` of bins, `counts` in them, the last for missing values, how far a cut-off
    alone `usual`ly was from all, and the `importance`, a share of the mean size of all contributions.

    `months` are the counts of cut-offs of a month such as `2017-03`. `roc_auc` is what the back-test promised.
    """

    edges: dict[str, list[float]]
    counts: dict[str, list[int]]
    usual: dict[str, float]
    importance: dict[str, float]
    months: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    roc_auc: float | None = None

    def count(self, frame: pd.DataFrame) -> dict[str, list[int]]:
        """The columns of a frame counted in the same bins; features it lacks count as missing."""
        return {
            name: counts_in(frame[name] if name in frame else np.full(len(frame), np.nan), edges).tolist()
            for name, edges in self.edges.items()
            if name != SCORES
        }

    def to_json(self) -> dict[str, Any]:
        """The reference as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, held: Mapping[str, Any] | None) -> Reference | None:
        """The reference that an artefact holds; None in those of earlier releases."""
        return None if held is None else cls(**held)


def reference_of(race: Race, rows: pd.DataFrame, *, roc_auc: float | None = None) -> Reference:
    """Count what a race was fitted on: `rows` has `as_of` and the features."""
    matrix = feature_matrix(rows, race.features)
    names = [feature.name for feature in race.features]
    columns = {name: matrix[:, place] for place, name in enumerate(names)}
    columns[SCORES] = race.predict(rows)["risk"].to_numpy()
    edges = {name: STEPS if name == SCORES else edges_of(values) for name, values in columns.items()}
    month = pd.to_datetime(rows["as_of"]).dt.strftime("%Y-%m").reset_index(drop=True)
    as_of = rows["as_of"].reset_index(drop=True)
    last = sorted(month.unique())[-MONTHS:]
    return Reference(
        edges,
        {name: counts_in(values, edges[name]).tolist() for name, values in columns.items()},
        {name: round(usual_index(as_of, values, edges[name]), 4) for name, values in columns.items()},
        _importance(race, rows),
        {
            one: {name: counts_in(values[month == one], edges[name]).tolist() for name, values in columns.items()}
            for one in last
        },
        roc_auc,
    )


def _importance(race: Race, rows: pd.DataFrame) -> dict[str, float]:
    """The share of each feature in the mean absolute contribution, over rows spread evenly."""
    chosen = rows.iloc[:: max(1, len(rows) // EXPLAINED)]
    sizes = feature_contributions(race, chosen).drop(columns=BASE).abs().mean()
    whole = float(sizes.sum()) or 1.0
    return {str(name): round(float(size) / whole, 5) for name, size in sizes.items()}
