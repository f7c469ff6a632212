"""Regression trees by LightGBM for effects: least squares with weights, deterministic, kept as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenure.models.odds import Floats
from tenure.models.reading import reader
from tenure.models.uplift.settings import EffectTrees

if TYPE_CHECKING:  # importing it takes a second, which commands without a model need not wait for
    import lightgbm


@dataclass(frozen=True)
class Trees:
    """One booster."""

    booster: lightgbm.Booster

    def values(self, matrix: Floats) -> Floats:
        """What the trees say to each row."""
        return np.asarray(self.booster.predict(matrix, num_threads=1), dtype=np.float64)

    def text(self) -> str:
        """The booster in LightGBM's own text format."""
        return str(self.booster.model_to_string())


def fit_trees(matrix: Floats, targets: Floats, weights: Floats, *, settings: EffectTrees, seed: int) -> Trees:
    """Grow trees that start from zero, so that few trees stay close to no difference at all."""
    import lightgbm

    given = {
        "objective": "regression",
        "boost_from_average": False,
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "max_depth": settings.depth,
        # A leaf never asks for more than a twentieth of the rows, so that small trials can split at all.
        "min_data_in_leaf": max(5, min(settings.leaf_rows, len(targets) // 20)),
        "min_sum_hessian_in_leaf": 0.0,
        "feature_fraction": settings.column_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "lambda_l2": settings.ridge,
        "max_bin": settings.bins,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(matrix, targets, weight=weights, params={"max_bin": settings.bins, "verbosity": -1})
    return Trees(lightgbm.train(given, data, num_boost_round=settings.trees))


def read_trees(text: str) -> Trees:
    """Read a booster back; only ever called on text whose digest was checked, as a bad one can crash."""
    return Trees(reader().Booster(model_str=text))
