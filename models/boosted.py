"""Gradient-boosted trees by LightGBM, small, deterministic, and monotone where the sign is certain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenure.models.feature import Feature
from tenure.models.odds import Floats
from tenure.models.reading import reader

BIN_ROWS = 20_000
"""Rows looked at to place the limits of bins."""

if TYPE_CHECKING:  # importing it takes a second, which commands without a model need not wait for
    import lightgbm

    Bins = lightgbm.Dataset


@dataclass(frozen=True)
class BoostedSettings:
    """The shape of the trees and how many are grown; of several numbers in `trees` the past chooses.

    `seeds` models that differ in their random draws are averaged as log-odds.
    """

    trees: tuple[int, ...] = (50, 100, 150)
    learning_rate: float = 0.06
    leaves: int = 6
    depth: int = 6
    leaf_rows: int = 100
    column_share: float = 0.3
    row_share: float = 0.7
    ridge: float = 10.0
    bins: int = 63
    seeds: int = 1
    monotone: bool = True


@dataclass(frozen=True)
class BoostedModel:
    """One booster per seed, and how many of its trees count."""

    boosters: tuple[lightgbm.Booster, ...]
    trees: int

    def log_odds(self, matrix: Floats, *, trees: int | None = None) -> Floats:
        """Mean log-odds over the boosters."""
        return _mean([_raw(booster, matrix, trees or self.trees) for booster in self.boosters])

    def contributions(self, matrix: Floats) -> Floats:
        """TreeSHAP: each feature's part of the log-odds, rows x features, the base value last."""
        parts = [
            np.asarray(b.predict(matrix, pred_contrib=True, num_iteration=self.trees, num_threads=1))
            for b in self.boosters
        ]
        return _mean(parts)

    def texts(self) -> list[str]:
        """The boosters in LightGBM's own text format, without how many threads grew them."""
        texts = [booster.model_to_string(num_iteration=self.trees) for booster in self.boosters]
        return [re.sub(r"\[num_threads: \d+\]", "[num_threads: 1]", text) for text in texts]


def bin_features(
    matrix: Floats,
    labels: Floats,
    weights: Floats,
    *,
    features: Sequence[Feature],
    settings: BoostedSettings,
    seed: int,
) -> Bins:
    """Sort every column into bins once; each fit then takes its rows from the result.

    Bins are limits of feature values, without labels, so rehearsal fits may share those of all rows.
    """
    import lightgbm

    given = {
        "max_bin": settings.bins,
        "bin_construct_sample_cnt": BIN_ROWS,
        "data_random_seed": seed,
        # Otherwise columns are dropped by the leaf size of the first fit, while later fits differ in it.
        "feature_pre_filter": False,
        "num_threads": 1,
        "verbosity": -1,
    }
    names = _safe_names(features)
    data = lightgbm.Dataset(matrix, labels, weight=weights, feature_name=names, params=given, free_raw_data=True)
    return data.construct()


def fit_boosted(
    binned: Bins,
    rows: NDArray[np.int64] | None = None,
    *,
    features: Sequence[Feature],
    settings: BoostedSettings,
    trees: int,
    seed: int,
    threads: int,
) -> BoostedModel:
    """Grow the trees on these rows (None: all); the same data, settings and seed give the same bytes."""
    import lightgbm

    data = binned if rows is None else binned.subset(rows.tolist()).construct()
    boosters = []
    for draw in range(settings.seeds):
        given = _parameters(features, settings, rows=data.num_data(), seed=seed + draw, threads=threads)
        boosters.append(lightgbm.train(given, data, num_boost_round=trees))
    return BoostedModel(tuple(boosters), trees)


def read_boosted(texts: Sequence[str], *, trees: int) -> BoostedModel:
    """Read boosters back; only ever called on text whose digest was checked, as a bad one can crash."""
    lightgbm = reader()
    return BoostedModel(tuple(lightgbm.Booster(model_str=text) for text in texts), trees)


def _parameters(
    features: Sequence[Feature], settings: BoostedSettings, *, rows: int, seed: int, threads: int
) -> dict[str, Any]:
    # A leaf never asks for more than a twentieth of the rows, so that small histories can split at all.
    leaf_rows = max(5, min(settings.leaf_rows, rows // 20))
    signs = [feature.sign for feature in features]
    constraints = {"monotone_constraints": signs} if settings.monotone and any(signs) else {}
    return {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "max_depth": settings.depth,
        "min_data_in_leaf": leaf_rows,
        "feature_fraction": settings.column_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "lambda_l2": settings.ridge,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "num_threads": threads,
        "verbosity": -1,
        **constraints,
    }


def _raw(booster: lightgbm.Booster, matrix: Floats, trees: int) -> Floats:
    odds = booster.predict(matrix, raw_score=True, num_iteration=trees, num_threads=1)
    return np.asarray(odds, dtype=np.float64)


def _mean(parts: Sequence[Floats]) -> Floats:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)


def _safe_names(features: Sequence[Feature]) -> list[str]:
    """LightGBM refuses some characters in names; the order of columns is what we rely on."""
    names = [re.sub(r"[^\w.-]", "_", feature.name) for feature in features]
    return names if len(set(names)) == len(names) else [f"column_{i}" for i in range(len(names))]
