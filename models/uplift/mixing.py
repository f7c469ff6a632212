"""From five estimates to one: which members count, and how far people are told apart at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.blend import paired_error
from tenure.models.odds import Floats
from tenure.models.uplift.members import MEMBERS

MEAN = "mean"
"""The name of the candidate that is the mean of all members."""


@dataclass(frozen=True)
class Mixture:
    """`effect = average + kept * sum(shares * differences)`, differences being the members' from their own means.

    With `kept` 0 everybody has the average effect: there is nothing to target. `losses` are those of every candidate,
    less that of the constant effect: below 0 it tells people apart better than not at all.
    """

    name: str
    shares: Floats
    kept: float
    losses: dict[str, float]

    def differences(self, differences: Floats) -> Floats:
        """What each row differs from the average; summed along rows, so that one row equals the batch."""
        return self.kept * (differences * self.shares).sum(axis=1)


def choose_mixture(differences: Floats, scores: Floats, persons: NDArray[np.int64], *, alone_beyond: float) -> Mixture:
    """Choose by the squared error against the scores of people whom the members have not seen.

    That error is the true one plus a constant (Kennedy 2023, section 4; Nie and Wager 2021 for choosing by a held-out
    loss), so the constant effect competes on equal terms. Each candidate is shrunk towards it by the factor between 0
    and 1 that errs least. The mean of all is taken, unless a member alone is better by more than `alone_beyond`
    standard errors.
    """
    rest = scores - scores.mean()
    candidates = {MEAN: np.full(len(MEMBERS), 1.0 / len(MEMBERS))}
    candidates |= {name: np.eye(len(MEMBERS))[place] for place, name in enumerate(MEMBERS)}
    gains, factors = {}, {}
    for name, shares in candidates.items():
        column = (differences * shares).sum(axis=1)
        factors[name] = shrinkage(column, rest)
        gains[name] = (rest - factors[name] * column) ** 2 - rest**2
    losses = {name: float(gain.mean()) for name, gain in gains.items()}
    chosen = min(MEMBERS, key=lambda name: losses[name])
    error = paired_error(gains[chosen] - gains[MEAN], np.ones(len(rest)), persons)
    if losses[chosen] >= losses[MEAN] - alone_beyond * error:
        chosen = MEAN
    return Mixture(chosen, candidates[chosen], factors[chosen], losses)


def shrinkage(differences: Floats, rest: Floats) -> float:
    """The factor between 0 and 1 by which differences fit the scores best: the slope of calibration, cut off.

    >>> shrinkage(np.array([-1.0, 1.0]), np.array([-0.5, 0.5]))
    0.5
    >>> shrinkage(np.array([-1.0, 1.0]), np.array([0.5, -0.5]))
    0.0
    """
    spread = float(differences @ differences)
    return float(np.clip((differences @ rest) / spread, 0.0, 1.0)) if spread > 0.0 else 0.0
