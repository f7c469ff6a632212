"""How far a distribution has moved: the population stability index in bins of a reference, and a test.

The index is sum((now - then) * log(now / then)) over the shares of the bins (Siddiqi, Credit Risk Scorecards, 2006; its
rule of thumb: under 0.1 little, over 0.25 much). With many rows every difference is significant and with few a large
index is luck, so that both are asked: the index for the size, and the two-sample chi-square test of the same bins, its
p-values corrected for the number of features by Holm's method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from tenure.models.odds import Floats

BINS = 10
"""Bins of a feature between quantiles of the reference; one more holds what is missing."""

Counts = NDArray[np.int64]


def edges_of(values: ArrayLike) -> list[float]:
    """The edges between bins of about equal mass; between all values where there are few.

    >>> edges_of([0.0, 0.0, 1.0, 2.0, np.nan])
    [0.5, 1.5]
    """
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    distinct = np.unique(known)
    if len(distinct) <= BINS:
        return [float(edge) for edge in (distinct[1:] + distinct[:-1]) / 2]
    quantiles = np.unique(np.quantile(known, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    following = distinct[np.minimum(np.searchsorted(distinct, quantiles, side="right"), len(distinct) - 1)]
    return [float(edge) for edge in np.unique((quantiles + following) / 2)]


def counts_in(values: ArrayLike, edges: Sequence[float]) -> Counts:
    """How many values fall into each bin, and last how many are missing.

    >>> counts_in([0.0, 1.0, 1.0, np.nan], [0.5]).tolist()
    [1, 2, 1]
    """
    given = np.asarray(values, dtype=float)
    known = np.isfinite(given)
    places = np.searchsorted(np.asarray(edges, dtype=float), given[known], side="left")
    return np.append(np.bincount(places, minlength=len(edges) + 1), int((~known).sum()))


def stability_index(now: ArrayLike, then: ArrayLike) -> float:
    """The index between two counts of the same bins; half a row in every bin keeps it finite. NaN without rows.

    >>> round(stability_index([50, 50], [50, 50]), 6), round(stability_index([80, 20], [50, 50]), 2)
    (0.0, 0.41)
    """
    one, other = np.asarray(now, dtype=float), np.asarray(then, dtype=float)
    if not one.sum() or not other.sum():
        return float("nan")
    p, q = (one + 0.5) / (one + 0.5).sum(), (other + 0.5) / (other + 0.5).sum()
    return float(((p - q) * np.log(p / q)).sum())


def chance(now: ArrayLike, then: ArrayLike) -> float:
    """The p-value of the two-sample chi-square test that both counts are of one distribution.

    >>> chance([10, 10], [20, 20]), chance([90, 10], [500, 500]) < 1e-9
    (1.0, True)
    """
    table = np.stack([np.asarray(now, dtype=float), np.asarray(then, dtype=float)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def corrected(chances: Mapping[str, float]) -> dict[str, float]:
    """The p-values corrected for their number (Holm 1979).

    >>> corrected({"a": 0.01, "b": 0.04})
    {'a': 0.02, 'b': 0.04}
    """
    found, largest = {}, 0.0
    order = sorted(chances, key=lambda name: chances[name])
    for place, name in enumerate(order):
        largest = max(largest, min(1.0, chances[name] * (len(order) - place)))
        found[name] = largest
    return {name: found[name] for name in chances}


def usual_index(groups: pd.Series, values: Floats, edges: Sequence[float], *, least_rows: int = 50) -> float:
    """The largest index of any group of the reference itself (a cut-off) against all of it: what is usual."""
    whole = counts_in(values, edges)
    parts = groups.groupby(groups).indices.values()
    found = [stability_index(counts_in(values[rows], edges), whole) for rows in parts if len(rows) >= least_rows]
    return max(found, default=0.0)
