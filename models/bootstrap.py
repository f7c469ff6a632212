"""How far a metric could have come out otherwise: persons drawn again with replacement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from tenure.models.metrics import NotMeasurable, measure_weighted, ranked
from tenure.models.odds import Floats
from tenure.models.profit import Earnings, Stakes, earnings
from tenure.models.ranking import Ranking

CELLS = 4_000_000
"""Weights held at a time; replicates are worked off in blocks of this size."""

PROFIT = "profit_at_capacity"
"""What the contacts that are worth most would have brought, in the project's currency."""


@dataclass(frozen=True)
class Interval:
    """A value and the middle 95 of 100 of its replicates.

    >>> Interval(0.85, 0.83, 0.87).excludes(0.8)
    True
    """

    value: float
    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Whether the value lies outside the interval."""
        return value < self.low or value > self.high

    def plain(self) -> dict[str, float | None]:
        """The interval as plain data; what cannot be measured is null."""
        return {name: None if found != found else round(found, 6) for name, found in vars(self).items()}


@dataclass(frozen=True)
class Bootstrap:
    """Values and replicates of every model and metric, drawn alike for all models."""

    values: dict[str, dict[str, float]]
    draws: dict[str, dict[str, Floats]]

    def interval(self, model: str, metric: str) -> Interval:
        """The interval of one model's metric."""
        return _interval(self.values[model][metric], self.draws[model][metric])

    def difference(self, model: str, other: str, metric: str) -> Interval:
        """The interval of model minus other, paired draw by draw."""
        value = self.values[model][metric] - self.values[other][metric]
        return _interval(value, self.draws[model][metric] - self.draws[other][metric])

    def intervals(self) -> dict[str, dict[str, Interval]]:
        """The intervals of every model and metric."""
        return {model: {name: self.interval(model, name) for name in names} for model, names in self.values.items()}


@dataclass(frozen=True)
class Contender:
    """What one model predicted, ranked once by probability and once by what contacts are worth."""

    ranking: Ranking
    earnings: Earnings | None

    @classmethod
    def of(cls, labels: ArrayLike, probabilities: ArrayLike, stakes: Stakes | None) -> Contender:
        """Rank the predictions of a model."""
        earned = None if stakes is None else earnings(labels, probabilities, stakes)
        return cls(ranked(labels, probabilities), earned)

    def measure(self, weights: Floats, capacity: float) -> dict[str, Floats]:
        """All metrics under weights, replicates x rows in the order of the rows."""
        found = measure_weighted(self.ranking, weights[:, self.ranking.order], capacity=capacity)
        return found if self.earnings is None else found | {PROFIT: self.earnings.at_capacity(weights)}


def bootstrap(
    predictions: Mapping[str, ArrayLike],
    labels: ArrayLike,
    persons: ArrayLike,
    *,
    capacity: float,
    replicates: int = 200,
    seed: int,
    universe: ArrayLike | None = None,
    stakes: Stakes | None = None,
) -> Bootstrap:
    """Measure every model on all rows and on `replicates` redrawn sets of persons.

    With `stakes` there is `profit_at_capacity` too: what the contacts worth most by each model would have brought.

    Persons are drawn from `universe` (left out: those present). Origins that share universe, seed
    and replicates share their draws, so that `mean_over` treats a person as one across origins.
    """
    contenders = {name: Contender.of(labels, values, stakes) for name, values in predictions.items()}
    codes, count = person_places(persons, persons if universe is None else universe)
    one = np.ones((1, len(codes)))
    values = {name: found.measure(one, capacity) for name, found in contenders.items()}
    blocks = [
        {name: found.measure(drawn[:, codes], capacity) for name, found in contenders.items()}
        for drawn in draw_persons(count, len(codes), replicates=replicates, seed=seed)
    ]
    draws = {
        name: {metric: np.concatenate([block[name][metric] for block in blocks]) for metric in metrics}
        for name, metrics in values.items()
    }
    return Bootstrap(
        {name: {metric: float(value[0]) for metric, value in metrics.items()} for name, metrics in values.items()},
        draws,
    )


def mean_over(parts: list[Bootstrap]) -> Bootstrap:
    """The mean over origins of values and replicates; see `bootstrap` about sharing draws."""
    models, metrics = parts[0].values, next(iter(parts[0].values.values()))
    values = {m: {k: float(np.mean([p.values[m][k] for p in parts])) for k in metrics} for m in models}
    draws = {m: {k: np.mean([p.draws[m][k] for p in parts], axis=0) for k in metrics} for m in models}
    return Bootstrap(values, draws)


def person_places(persons: ArrayLike, universe: ArrayLike) -> tuple[NDArray[np.int64], int]:
    """The place of each person in the sorted universe, and how many are in it; raises `NotMeasurable` for others."""
    names = pd.Index(np.unique(np.asarray(universe)))
    codes = names.get_indexer(pd.Index(np.asarray(persons)))
    if (codes < 0).any():
        raise NotMeasurable(f"every person must be in the universe, found {int((codes < 0).sum())} rows that are not")
    return codes.astype(np.int64), len(names)


def draw_persons(persons: int, rows: int, *, replicates: int, seed: int) -> list[Floats]:
    """Times each person is drawn, replicates x persons, in blocks."""
    generator = np.random.default_rng(seed)
    size = max(1, min(replicates, CELLS // max(rows, persons)))
    blocks = []
    for start in range(0, replicates, size):
        many = min(size, replicates - start)
        drawn = generator.integers(0, persons, size=(many, persons)) + np.arange(many)[:, None] * persons
        counts = np.bincount(drawn.ravel(), minlength=many * persons).reshape(many, persons)
        blocks.append(counts.astype(np.float64))
    return blocks


def _interval(value: float, draws: Floats) -> Interval:
    usable = draws[~np.isnan(draws)]
    if not len(usable):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(usable, [0.025, 0.975])
    return Interval(value, float(low), float(high))
