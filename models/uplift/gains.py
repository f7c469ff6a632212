"""What a ranking of people by their effect gains: curves over shares contacted, under many weightings at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.odds import Floats


@dataclass(frozen=True)
class Order:
    """Rows sorted by a ranking, highest first, in groups of equals; scores (times value) in that order.

    People ranked alike share their places, as if drawn at random.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    scores: Floats

    @classmethod
    def of(cls, ranking: Floats, scores: Floats) -> Order:
        """Sort by the ranking."""
        order = np.argsort(-ranking, kind="stable")
        sorted_ranking = ranking[order]
        starts = np.flatnonzero(np.concatenate([[True], sorted_ranking[1:] != sorted_ranking[:-1]]))
        return cls(order, starts, scores[order])

    def gain(self, weights: Floats, *, share: float) -> Floats:
        """Mean score, a person in all, of contacting the first `share` of people; weights are replicates x rows.

        >>> order = Order.of(np.array([0.1, 0.3, 0.2, 0.0]), np.array([1.0, 4.0, 2.0, -3.0]))
        >>> order.gain(np.ones((1, 4)), share=0.5).tolist()  # (4 + 2) / 4
        [1.5]
        """
        size, total = self._grouped(weights)
        all_size = size.sum(axis=1, keepdims=True)
        before = np.cumsum(size, axis=1) - size
        part = np.clip(np.divide(share * all_size - before, size, out=np.zeros_like(size), where=size > 0), 0.0, 1.0)
        return (part * total).sum(axis=1) / all_size[:, 0]

    def area(self, weights: Floats) -> Floats:
        """The Qini coefficient: the area between the gain of this ranking and that of a random one.

        The gain over the share contacted is the Qini curve (Radcliffe, Using control groups to target on predicted
        lift, 2007), here with doubly robust scores in the place of counts, so that known propensities are made good.
        Above 0 it ranks better than chance; the unit is that of the scores, a person.

        >>> order = Order.of(np.array([2.0, 1.0]), np.array([1.0, 0.0]))
        >>> order.area(np.ones((1, 2))).tolist()  # 1/2 * (3/4 - 1/2)
        [0.125]
        """
        size, total = self._grouped(weights)
        all_size = size.sum(axis=1, keepdims=True)
        middle = (np.cumsum(size, axis=1) - size / 2.0) / all_size
        return (total * (0.5 - middle)).sum(axis=1) / all_size[:, 0]

    def _grouped(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weights and weighted scores of each group of equals."""
        ordered = weights[:, self.order]
        return (
            np.add.reduceat(ordered, self.starts, axis=1),
            np.add.reduceat(ordered * self.scores, self.starts, axis=1),
        )


def slope(effects: Floats, scores: Floats, weights: Floats) -> Floats:
    """Calibration of the differences between people: the slope of scores on estimated effects, 1 where it is right.

    NaN where everybody is estimated alike.

    >>> slope(np.array([0.0, 0.2]), np.array([0.0, 0.1]), np.ones((1, 2))).tolist()
    [0.5]
    """
    size = weights.sum(axis=1)
    mean = weights @ effects / size
    squares = weights @ (effects * effects) / size - mean * mean
    both = weights @ (effects * scores) / size - mean * (weights @ scores / size)
    alike = squares <= 1e-18
    return np.where(alike, np.nan, both / np.where(alike, 1.0, squares))


def difference_in_means(left: Floats, treated: Floats, propensity: Floats, weights: Floats) -> Floats:
    """Share who left without a contact minus share with one, each row weighted by one over its chance (Hajek).

    >>> left, treated = np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0])
    >>> difference_in_means(left, treated, np.full(4, 0.5), np.ones((1, 4))).tolist()
    [0.5]
    """
    untouched, contacted = (1.0 - treated) / (1.0 - propensity), treated / propensity
    return (weights @ (untouched * left)) / (weights @ untouched) - (weights @ (contacted * left)) / (
        weights @ contacted
    )
