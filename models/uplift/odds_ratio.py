"""The effect as an odds ratio that may differ by feature: a line and trees over one model of risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.models.odds import Floats, probability

STEPS, TOLERANCE = 25, 1e-10
"""At most so many steps of Newton, ended when none moves further than this."""


@dataclass(frozen=True)
class Level:
    """What contacts do to everybody alike: the model of risk is moved by `shift`, contacts add `ratio`.

    `chance` is the mean propensity among which the risk was learnt: the risk of a mixture of both arms.
    """

    shift: float
    ratio: float
    chance: float

    def effects(self, odds: Floats, more: Floats | float = 0.0) -> Floats:
        """P(left) without a contact minus P(left) with one, where `more` is added to the log odds ratio."""
        ratio, base = self.ratio + more, odds + self.shift
        return probability(base - self.chance * ratio) - probability(base + (1.0 - self.chance) * ratio)

    def arms(self, odds: Floats, propensity: Floats) -> tuple[Floats, Floats]:
        """P(left) without and with a contact, by the same odds ratio for everybody."""
        base = odds + self.shift
        return probability(base - propensity * self.ratio), probability(base + (1.0 - propensity) * self.ratio)


@dataclass(frozen=True)
class OddsLine:
    """What is added to the log odds ratio: a line in the prepared terms and the standardised log-odds."""

    constant: float
    weights: Floats
    slope: float
    centre: float
    scale: float

    def more(self, terms: Floats, odds: Floats) -> Floats:
        """What is added for each row."""
        return self.constant + (terms * self.weights).sum(axis=1) + self.slope * ((odds - self.centre) / self.scale)


def fit_level(odds: Floats, lever: Floats, left: Floats, *, chance: float) -> Level:
    """Fit shift and ratio in `logit P(left) = odds + shift + lever * ratio`, `lever` being treated - propensity."""
    found = _newton(np.column_stack([np.ones_like(lever), lever]), odds, left, penalty=np.full(2, 1e-6))
    return Level(float(found[0]), float(found[1]), chance)


def fit_odds_line(
    terms: Floats, odds: Floats, lever: Floats, left: Floats, *, level: Level, penalty: float
) -> OddsLine:
    """Fit `logit P(left) = odds + shift + lever * (ratio + line)` with a ridge penalty on the line.

    The R-learner (Nie and Wager, Quasi-oracle estimation of heterogeneous treatment effects, 2021) on the scale of
    log-odds: Gao and Hastie, Estimating heterogeneous treatment effects for general responses (DINA), 2021, with the
    risk of the mixed arms as the nuisance. `odds` must come from models that have not seen the row.
    """
    centre, scale = float(odds.mean()), float(max(odds.std(), 1e-9))
    columns = np.column_stack([terms, (odds - centre) / scale])
    matrix = np.column_stack([np.ones_like(lever), lever, lever[:, None] * columns])
    penalties = np.full(matrix.shape[1], penalty)
    penalties[:2] = 1e-6
    start = np.zeros(matrix.shape[1])
    start[:2] = level.shift, level.ratio
    found = _newton(matrix, odds, left, penalty=penalties, start=start)
    return OddsLine(float(found[1] - level.ratio), found[2:-1], float(found[-1]), centre, scale)


def odds_targets(odds: Floats, lever: Floats, left: Floats, *, level: Level) -> tuple[Floats, Floats]:
    """Targets and weights by which least squares take one Newton step from the common ratio towards each row's own."""
    predicted = probability(odds + level.shift + lever * level.ratio)
    spread = predicted * (1.0 - predicted)
    return (left - predicted) / (lever * spread), lever * lever * spread


def _newton(matrix: Floats, offset: Floats, left: Floats, *, penalty: Floats, start: Floats | None = None) -> Floats:
    """Logistic regression with an offset and a ridge penalty for each column."""
    found = np.zeros(matrix.shape[1]) if start is None else start.copy()
    for _ in range(STEPS):
        predicted = probability(offset + matrix @ found)
        slope = matrix.T @ (predicted - left) + penalty * found
        curve = (matrix * (predicted * (1.0 - predicted))[:, None]).T @ matrix + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < TOLERANCE:
            break
    return found
