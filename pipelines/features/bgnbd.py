"""BG/NBD: how often people buy and when they stop, from repeat purchases alone.

While alive a customer buys as a Poisson process whose rate is gamma distributed (`r`, `alpha`);
after each repeat purchase, and not before the first, the customer stops for good with a chance that
is beta distributed (`a`, `b`). Source: Fader, Hardie and Lee, "Counting Your Customers the Easy
Way", Marketing Science 24 (2005), 275-284; formulas (6), (7) and (10) there. Time is in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

Values = NDArray[np.float64]

WEEK = 7.0
LEAST, MOST = 1e-4, 1e4
"""A parameter at or beyond these has run away: the data do not say what it is."""

LARGEST = 50_000
"""Customers of whom parameters are fitted; of more, evenly many are taken along the sorted customers."""

NODES = 40
"""Points at which the chance of stopping is looked at, see `BgNbd.expected`."""


@dataclass(frozen=True)
class BgNbd:
    """Fitted parameters; customers are described by `x` repeat purchases, the last one after `t_x` of `T` weeks."""

    r: float
    alpha: float
    a: float
    b: float

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        """All four in the order of the paper."""
        return self.r, self.alpha, self.a, self.b

    def log_likelihood(self, x: Values, t_x: Values, T: Values) -> float:
        """The log likelihood of customers (formula 6)."""
        rows, weights = _grouped(x, t_x, T)
        return float((weights * _Likelihood(rows, weights).of_rows(np.log(self.parameters))[0]).sum())

    def alive(self, x: Values, t_x: Values, T: Values) -> Values:
        """The chance that a customer has not stopped. 1 for whoever never bought again: never use it by itself."""
        with np.errstate(divide="ignore", over="ignore"):
            gone = np.log(self.a / (self.b + np.maximum(x, 1.0) - 1.0))
            gone = gone + (self.r + x) * np.log((self.alpha + T) / (self.alpha + t_x))
            return np.where(x > 0, 1.0 / (1.0 + np.exp(gone)), 1.0)

    def chance(self, weeks: float, x: Values, t_x: Values, T: Values) -> Values:
        """The chance of any purchase in the coming weeks."""
        silent = np.exp((self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + T + weeks)))
        return self.alive(x, t_x, T) * (1.0 - silent)

    def expected(self, weeks: float, x: Values, t_x: Values, T: Values) -> Values:
        """How many purchases are expected in the coming weeks (formula 10)."""
        return self.alive(x, t_x, T) * self.expected_alive(weeks, x, T)

    def expected_alive(self, weeks: float, x: Values, T: Values) -> Values:
        """How many purchases are expected in the coming weeks of customers who have not stopped.

        The paper's hypergeometric function loses its digits for frequent buyers and at `a` near 1.
        Here its integral is taken instead: over the chance p of stopping after a purchase, of
        `(1 - (1 + p weeks / (alpha + T)) ** -(r + x)) / p`, by Gauss-Jacobi quadrature.
        """
        levels, level = np.unique(x, return_inverse=True)
        points = [_beta_points(self.a, self.b + float(k)) for k in levels]
        growth, power = weeks / (self.alpha + T), -(self.r + x)
        total = np.zeros(len(x))
        for node in range(NODES):  # elementwise, so that one customer alone gets the bits of the batch
            p = np.array([found[0][node] for found in points])[level]
            weight = np.array([found[1][node] for found in points])[level]
            total = total + weight * (-np.expm1(power * np.log1p(p * growth)) / p)
        return total


class Expectations:
    """Expected purchases of customers who have not stopped, by purchases and whole days known: each worked out once."""

    PURCHASES, DAYS = 64, 2_048
    """What is beyond is worked out every time."""

    def __init__(self, model: BgNbd, days: int) -> None:
        self._model, self._days = model, days
        self._known = np.full(self.PURCHASES * self.DAYS, np.nan)

    def of(self, x: Values, T: Values) -> Values:
        """As `BgNbd.expected_alive`, with `T` in whole days; the same bits."""
        inside = (x < self.PURCHASES) & (T < self.DAYS)
        found, place = np.empty(len(x)), (x * self.DAYS + T)[inside].astype(np.int64)
        wanted = np.unique(place[np.isnan(self._known[place])])
        self._known[wanted] = self._work_out(wanted // self.DAYS, wanted % self.DAYS)
        found[inside], found[~inside] = self._known[place], self._work_out(x[~inside], T[~inside])
        return found

    def _work_out(self, x: NDArray, T: NDArray) -> Values:
        return self._model.expected_alive(self._days / WEEK, x.astype(np.float64), T.astype(np.float64) / WEEK)


def fit(x: Values, t_x: Values, T: Values) -> BgNbd | None:
    """The parameters of the greatest likelihood; None where they run away. The same for any order of customers."""
    rows, weights = _grouped(x, t_x, T)
    rows, weights = _thinned(rows, weights)
    count, age = (weights * rows[:, 0]).sum(), (weights * rows[:, 2]).sum()
    if not count or not age:
        return None
    start = np.log([0.5, 0.5 * age / count, 1.0, 2.0])
    bounds = [(np.log(LEAST), np.log(MOST))] * 4
    options = {"maxiter": 500, "maxfun": 1_000, "ftol": 1e-13, "gtol": 1e-7, "maxcor": 20}
    found = minimize(
        _Likelihood(rows, weights), np.clip(start, *bounds[0]), jac=True, method="L-BFGS-B", bounds=bounds,
        options=options,
    )  # fmt: skip
    inside = all(low + 1e-6 < value < high - 1e-6 for value, (low, high) in zip(found.x, bounds, strict=True))
    return BgNbd(*map(float, np.exp(found.x))) if inside and np.isfinite(found.fun) else None


class _Likelihood:
    """Minus the mean log likelihood and its gradient in the logs of the parameters."""

    def __init__(self, rows: Values, weights: Values) -> None:
        self.x, self.t_x, self.T = rows.T
        self.weights = weights / weights.sum()
        self.levels, self.level = np.unique(self.x, return_inverse=True)

    def __call__(self, logs: Values) -> tuple[float, Values]:
        values, slopes = self.of_rows(logs)
        return -float((self.weights * values).sum()), -(self.weights * slopes).sum(axis=1)

    def of_rows(self, logs: Values) -> tuple[Values, Values]:
        """The log likelihood of each row, and its four slopes."""
        r, alpha, a, b = np.exp(logs)
        x, level, k = self.x, self.level, self.levels
        late, early = np.log(alpha + self.T), np.log(alpha + self.t_x)
        with np.errstate(divide="ignore"):
            stopped = np.where(x > 0, np.log(a / (b + np.maximum(x, 1.0) - 1.0)) - (r + x) * early, -np.inf)
        going = -(r + x) * late
        both = np.logaddexp(going, stopped)
        share = np.exp(stopped - both)
        known = gammaln(r + k) - gammaln(r) + r * logs[1] + gammaln(a + b) + gammaln(b + k) - gammaln(b)
        known = known - gammaln(a + b + k)
        total = digamma(a + b) - digamma(a + b + k)
        by_r = (digamma(r + k) - digamma(r) + logs[1])[level] - (1.0 - share) * late - share * early
        by_alpha = r / alpha - (r + x) * ((1.0 - share) / (alpha + self.T) + share / (alpha + self.t_x))
        by_a = total[level] + share / a
        by_b = (total + digamma(b + k) - digamma(b))[level] - share / (b + np.maximum(x, 1.0) - 1.0)
        return known[level] + both, np.stack([r * by_r, alpha * by_alpha, a * by_a, b * by_b])


def _grouped(x: Values, t_x: Values, T: Values) -> tuple[Values, Values]:
    """Each different customer once, sorted, and how many are like that."""
    rows, counts = np.unique(np.column_stack([x, t_x, T]), axis=0, return_counts=True)
    return rows, counts.astype(np.float64)


def _thinned(rows: Values, weights: Values) -> tuple[Values, Values]:
    """At most `LARGEST` customers, every so manieth of the sorted ones."""
    total = weights.sum()
    if total <= LARGEST:
        return rows, weights
    wanted = (np.arange(LARGEST) + 0.5) * (total / LARGEST)
    taken = np.bincount(np.searchsorted(np.cumsum(weights), wanted), minlength=len(rows)).astype(np.float64)
    return rows[taken > 0], taken[taken > 0]


@lru_cache(maxsize=4_096)
def _beta_points(a: float, b: float) -> tuple[Values, Values]:
    """Points in (0, 1) and weights that add up to 1: the mean of a smooth function of a beta variable.

    The points are the eigenvalues of the Jacobi matrix (Golub and Welsch 1969), moved to (0, 1).
    """
    n, total = np.arange(NODES, dtype=np.float64), a + b
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = (a - b) * (total - 2.0) / ((2 * n + total) * (2 * n + total - 2.0))
        beside = 4 * n * (n + a - 1) * (n + b - 1) * (n + total - 2)
        beside = beside / ((2 * n + total - 2) ** 2 * (2 * n + total - 1) * (2 * n + total - 3))
    middle[0] = (a - b) / total
    beside[1] = 4 * a * b / (total**2 * (total + 1))
    points, vectors = eigh_tridiagonal((1.0 + middle) / 2, np.sqrt(beside[1:]) / 2)
    return points, vectors[0] ** 2
