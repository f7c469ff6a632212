"""Whether a model is good enough for every group of customers, and treats them alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from tenure.models.bootstrap import Interval
from tenure.models.odds import Floats

LEAST_CASES = 20
"""A slice to fewer than so many of whose units it happened, or did not happen, says nothing of the ranking."""

LEVEL = 0.05
"""The chance that any calibration among all slices is called wrong where all are right (Bonferroni)."""

EVERYDAY = float(ndtri(0.975))


@dataclass(frozen=True)
class Slice:
    """How the model did on one group: `kind` is by what customers were divided, `name` the group.

    `selected` is the share that would have been contacted, `found` the share contacted of those to whom it happened
    (the true positive rate), `roc_auc` how well it ranks within the group, `gap` the mean predicted minus what
    happened, all with 95 of 100 intervals; None where there are too few. `wrong` says that the gap is no chance, with
    regard to how many slices there are; `blind` that the group is not ranked better than by chance.
    """

    kind: str
    name: str
    units: int
    positives: int
    selected: Interval
    found: Interval | None
    roc_auc: Interval | None
    gap: Interval
    wrong: bool
    blind: bool


def measure_slices(
    divided: pd.DataFrame, labels: ArrayLike, probabilities: ArrayLike, persons: ArrayLike, selected: ArrayLike
) -> list[Slice]:
    """Measure every group of every column of `divided`, a row a unit and date; missing values are in no group.

    A person counts once: the variances are of sums over persons, as Obuchowski (1997, "Nonparametric analysis of
    clustered ROC curve data", Biometrics 53) has them for the ROC AUC. Groups are in the order of their names.
    """
    rows = pd.DataFrame(
        {
            "label": np.asarray(labels, dtype=np.float64),
            "probability": np.asarray(probabilities, dtype=np.float64),
            "selected": np.asarray(selected, dtype=np.float64),
            "person": pd.factorize(np.asarray(persons))[0],
        }
    )
    groups = [(kind, name, rows.loc[chosen]) for kind in divided for name, chosen in _groups(divided[kind])]
    strict = float(ndtri(1.0 - LEVEL / max(2 * len(groups), 1)))
    return [_measured(str(kind), name, group, strict) for kind, name, group in groups]


def _groups(column: pd.Series[str]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for name in sorted(column.dropna().unique()):
        yield str(name), (column == name).to_numpy(dtype=bool, na_value=False)


def _measured(kind: str, name: str, rows: pd.DataFrame, strict: float) -> Slice:
    label, probability, selected = (rows[n].to_numpy() for n in ("label", "probability", "selected"))
    person = rows["person"].to_numpy()
    hit = label == 1.0
    gap, gap_error = _mean(probability - label, person)
    auc = found = None
    if min(hit.sum(), (~hit).sum()) >= LEAST_CASES:
        auc = _interval(*_auc(label, probability, person), 0.0, 1.0)
        found = _share(selected[hit], person[hit])
    return Slice(
        kind=kind,
        name=name,
        units=len(rows),
        positives=int(hit.sum()),
        selected=_share(selected, person),
        found=found,
        roc_auc=auc,
        gap=_interval(gap, gap_error, -1.0, 1.0),
        wrong=bool(hit.sum() >= LEAST_CASES and abs(gap) > strict * gap_error),
        blind=auc is not None and auc.low <= 0.5,
    )


def _share(chosen: Floats, persons: NDArray[np.int64]) -> Interval:
    """A share with its interval; of nobody or everybody the bound is exact for so many persons (Clopper-Pearson)."""
    share, error = _mean(chosen, persons)
    if 0.0 < share < 1.0:
        return _interval(share, error, 0.0, 1.0)
    reach = 1.0 - 0.025 ** (1.0 / len(np.unique(persons)))
    return Interval(share, 0.0, reach) if share == 0.0 else Interval(share, 1.0 - reach, 1.0)


def _mean(values: Floats, persons: NDArray[np.int64]) -> tuple[float, float]:
    """A mean over rows and its standard error, rows of a person taken together."""
    mean = float(values.mean())
    return mean, _error((values - mean) / len(values), persons)


def _auc(labels: Floats, probabilities: Floats, persons: NDArray[np.int64]) -> tuple[float, float]:
    """The ROC AUC and its standard error by what each row adds to it."""
    area, parts = auc_parts(labels, probabilities)
    return area, _error(parts, persons)


def auc_parts(labels: Floats, probabilities: Floats) -> tuple[float, Floats]:
    """The ROC AUC, and what each row adds to it: the variance is the sum of squares, a person's rows added up first.

    >>> area, parts = auc_parts(np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.1, 0.9]))
    >>> area, parts.tolist()
    (0.5, [0.0, -0.25, 0.25])
    """
    hit = labels == 1.0
    cases, others = np.sort(probabilities[hit]), np.sort(probabilities[~hit])
    added = np.empty(len(labels))
    added[hit] = _share_below(others, probabilities[hit])
    added[~hit] = 1.0 - _share_below(cases, probabilities[~hit])
    area = float(added[hit].mean())
    return area, np.where(hit, (added - area) / len(cases), (added - area) / len(others))


def _share_below(ranked: Floats, values: Floats) -> Floats:
    """The share of sorted values that are lower; equal ones count half."""
    below = np.searchsorted(ranked, values, side="left") + np.searchsorted(ranked, values, side="right")
    return np.asarray(below / (2.0 * len(ranked)), dtype=np.float64)


def _error(parts: Floats, persons: NDArray[np.int64]) -> float:
    return float(np.sqrt((np.bincount(persons, weights=parts) ** 2).sum()))


def _interval(value: float, error: float, least: float, most: float) -> Interval:
    reach = EVERYDAY * error
    return Interval(value, max(least, value - reach), min(most, value + reach))
