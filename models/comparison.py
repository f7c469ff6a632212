"""Two models on the same rows: paired differences with the error that persons, who come more than once, leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from tenure.models.bootstrap import Interval
from tenure.models.odds import EDGE, Floats, log_odds, probability
from tenure.models.profit import Stakes, expected_profit
from tenure.models.slices import auc_parts

EVERYDAY = float(ndtri(0.975))
"""Standard errors from a value to the end of its middle 95 of 100."""

RIDGE = 1e-3
"""Holds the weights of the two models still where they say the same of everybody."""


class Difference(NamedTuple):
    """A figure of `one` model and of the `other`, one minus other, and the standard error of that.

    >>> found = Difference(0.80, 0.79, 0.01, 0.004)
    >>> found.interval.low > 0.0, found.interval.low > 0.005
    (True, False)
    """

    one: float
    other: float
    value: float
    error: float

    @property
    def interval(self) -> Interval:
        """The middle 95 of 100."""
        return Interval(self.value, self.value - EVERYDAY * self.error, self.value + EVERYDAY * self.error)


@dataclass(frozen=True)
class Pair:
    """What two models said at one date, and what then happened: a row a unit.

    `stakes` are what is lost with each and how many can be contacted; None where there is no money in it.
    """

    as_of: str
    persons: NDArray
    labels: Floats
    one: Floats
    other: Floats
    stakes: Stakes | None = None

    @property
    def usable(self) -> bool:
        """Whether it happened to some and not to others, so that a ranking can be right or wrong."""
        return bool(len(self.labels)) and 0.0 < float(self.labels.sum()) < len(self.labels)

    def where(self, chosen: NDArray[np.bool_]) -> Pair:
        """Some of the rows, without stakes: room for contacts is that of all."""
        parts = {name: getattr(self, name)[chosen] for name in ("persons", "labels", "one", "other")}
        return replace(self, **parts, stakes=None)


def auc_difference(pairs: Sequence[Pair]) -> Difference:
    """The difference in ROC AUC, the mean over dates; NaN where no date is usable.

    Its error is that of DeLong, DeLong & Clarke-Pearson (1988, "Comparing the areas under two or more correlated
    receiver operating characteristic curves", Biometrics 44), with the rows of a person taken together as Obuchowski
    (1997, "Nonparametric analysis of clustered ROC curve data", Biometrics 53) has them.
    """
    usable = [pair for pair in pairs if pair.usable]
    if not usable:
        return Difference(*[float("nan")] * 4)
    ones = [auc_parts(pair.labels, pair.one) for pair in usable]
    others = [auc_parts(pair.labels, pair.other) for pair in usable]
    parts = [(a - b) / len(usable) for (_, a), (_, b) in zip(ones, others, strict=True)]
    return _difference([area for area, _ in ones], [area for area, _ in others], parts, usable)


def loss_difference(pairs: Sequence[Pair], *, squared: bool = False) -> Difference:
    """The difference in log loss, or in the Brier score where it is `squared`, the mean over dates; less is better."""
    lost = _squared if squared else _logarithmic
    ones, others = ([lost(labels, said) for labels, said in _said(pairs, name)] for name in ("one", "other"))
    parts = []
    for a, b in zip(ones, others, strict=True):
        gap = a - b
        parts.append((gap - gap.mean()) / (len(gap) * len(pairs)))
    return _difference([float(a.mean()) for a in ones], [float(b.mean()) for b in others], parts, pairs)


def profit_difference(pairs: Sequence[Pair], *, kept: float = 1.0) -> Difference:
    """What the contacts by one model are expected to bring minus those by the other, the mean over dates.

    Each model's list is cut at the room for contacts. The chance of everybody on the lists is estimated from what both
    models said and what then happened to all (a logistic regression of the label on both log-odds, their square and
    product), not read off the few labels on the list: that both lists are judged by one chance keeps the comparison
    fair, and that thousands of labels stand behind it makes a difference of some per cent visible, which the hits
    among fifty contacts do not. Every date has a level of its own and log-odds count from their mean that day: a list
    is cut within a date, so how a model's level follows the seasons is no merit of its order, and no fault. The error
    is that of this regression and of who happens to be there, by person.

    `kept` is the share of the other's profit that counts: with .99 one may bring one per cent less and be level.
    NaN without stakes, and where nothing can be learnt.
    """
    usable = [pair for pair in pairs if pair.stakes is not None]
    labels = np.concatenate([pair.labels for pair in usable]) if usable else np.empty(0)
    if not usable or not 0.0 < labels.sum() < len(labels):
        return Difference(*[float("nan")] * 4)
    designs = _designs(usable)
    design = np.concatenate(designs)
    weights, bread = _regress(design, labels, levels=len(usable))
    scores = design * (labels - probability(design @ weights))[:, None]
    ones, others, parts, slope = [], [], [], np.zeros(design.shape[1])
    for pair, columns in zip(usable, designs, strict=True):
        chance, stakes = probability(columns @ weights), _stakes(pair)
        gains = expected_profit(chance, stakes.values, terms=stakes.terms)
        lists = [listed(said, stakes) for said in (pair.one, pair.other)]
        ones.append(float(lists[0] @ gains))
        others.append(kept * float(lists[1] @ gains))
        rise = _rise(stakes) * chance * (1.0 - chance)
        slope += ((lists[0] - kept * lists[1]) * rise) @ columns / len(usable)
        first, second = (_over_border(chosen, gains, stakes.capacity) for chosen in lists)
        parts.append((first - kept * second) / len(usable))
    persons = np.concatenate([pair.persons for pair in usable])
    error = _clustered(scores @ (bread @ slope) + np.concatenate(parts), persons)
    one, other = float(np.mean(ones)), float(np.mean(others))
    return Difference(one, other, one - other, error)


def realised_difference(pairs: Sequence[Pair]) -> Difference:
    """The same with what then happened to those on the lists in the place of their chance: honest, and noisy."""
    usable = [pair for pair in pairs if pair.stakes is not None]
    if not usable:
        return Difference(*[float("nan")] * 4)
    ones, others, parts = [], [], []
    for pair in usable:
        stakes = _stakes(pair)
        brought = expected_profit(pair.labels, stakes.values, terms=stakes.terms)
        lists = [listed(said, stakes) for said in (pair.one, pair.other)]
        ones.append(float(lists[0] @ brought))
        others.append(float(lists[1] @ brought))
        parts.append((lists[0] - lists[1]) * brought / len(usable))
    return _difference(ones, others, parts, usable)


def _said(pairs: Sequence[Pair], name: str) -> list[tuple[Floats, Floats]]:
    return [(pair.labels, getattr(pair, name)) for pair in pairs]


def _squared(labels: Floats, said: Floats) -> Floats:
    return np.asarray((said - labels) ** 2, dtype=np.float64)


def _logarithmic(labels: Floats, said: Floats) -> Floats:
    safe = np.clip(said, EDGE, 1.0 - EDGE)
    return np.asarray(-(labels * np.log(safe) + (1.0 - labels) * np.log1p(-safe)), dtype=np.float64)


def _stakes(pair: Pair) -> Stakes:
    if pair.stakes is None:
        raise ValueError(f"the pair of {pair.as_of} has no stakes")
    return replace(pair.stakes, values=np.nan_to_num(np.asarray(pair.stakes.values, dtype=np.float64)))


def listed(said: Floats, stakes: Stakes) -> Floats:
    """The share of each row that is on a list: 1, 0, or a part where rows of equal gain share the last places."""
    gains = expected_profit(said, stakes.values, terms=stakes.terms)
    order = np.argsort(-gains, kind="stable")
    order = order[: int(np.count_nonzero(gains > 0.0))]
    places = np.zeros(len(gains))
    if not len(order):
        return places
    ranked = gains[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, len(ranked)])
    places[order] = np.repeat(np.clip((stakes.capacity - starts) / sizes, 0.0, 1.0), sizes)
    return places


def _rise(stakes: Stakes) -> Floats:
    """By how much the profit of a contact rises with the chance, which it does along a line."""
    values = np.asarray(stakes.values, dtype=np.float64)
    sure, never = (expected_profit(np.full(len(values), p), values, terms=stakes.terms) for p in (1.0, 0.0))
    return np.asarray(sure - never, dtype=np.float64)


def _over_border(chosen: Floats, gains: Floats, capacity: float) -> Floats:
    """What each row on a list brings more than the row that would take its place, were it not there.

    That is nothing where there is room left, else about what the last tenth of the list brings.
    """
    size = float(chosen.sum())
    if size < capacity - 1e-9:
        return chosen * gains
    on = np.sort(gains[chosen > 0.0])
    return chosen * (gains - float(on[: max(1, len(on) // 10)].mean()))


def _designs(pairs: Sequence[Pair]) -> list[Floats]:
    """What both models said as columns: a level a date, the middle of both, how far apart they are, the curve of it."""
    designs = []
    for place, pair in enumerate(pairs):
        one, other = log_odds(pair.one), log_odds(pair.other)
        middle, apart = (one + other) / 2.0, one - other
        middle, apart = middle - middle.mean(), apart - apart.mean()
        level = np.zeros((len(one), len(pairs)))
        level[:, place] = 1.0
        designs.append(np.column_stack([level, middle, apart, middle**2 / 4.0, middle * apart / 2.0]))
    return designs


def _regress(design: Floats, labels: Floats, *, levels: int) -> tuple[Floats, Floats]:
    """The weights of a logistic regression, and the inverse of its information; the middle comes after the levels."""
    weights = np.zeros(design.shape[1])
    weights[levels] = 1.0
    start, hold = weights.copy(), RIDGE * np.eye(design.shape[1])
    for _ in range(50):
        fitted = probability(design @ weights)
        information = (design * (fitted * (1.0 - fitted))[:, None]).T @ design + hold
        step = np.linalg.solve(information, design.T @ (labels - fitted) - hold @ (weights - start))
        weights = weights + step / max(1.0, float(np.abs(step).max()) / 2.0)
        if np.abs(step).max() < 1e-9:
            break
    fitted = probability(design @ weights)
    information = (design * (fitted * (1.0 - fitted))[:, None]).T @ design + hold
    return weights, np.asarray(np.linalg.inv(information), dtype=np.float64)


def _difference(ones: list[float], others: list[float], parts: list[Floats], pairs: Sequence[Pair]) -> Difference:
    persons = np.concatenate([pair.persons for pair in pairs])
    one, other = float(np.mean(ones)), float(np.mean(others))
    return Difference(one, other, one - other, _clustered(np.concatenate(parts), persons))


def _clustered(parts: Floats, persons: NDArray) -> float:
    """The standard error of a sum of parts, those of a person taken together."""
    codes = pd.factorize(persons)[0]
    return float(np.sqrt((np.bincount(codes, weights=parts) ** 2).sum()))
