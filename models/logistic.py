"""Logistic regression on compressed, standardised features, scored so that one row equals the batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.odds import Floats, Mask, log_odds

BLOCK = 4_096
"""Rows turned into terms at a time while fitting."""

COLUMNS = 16
"""Columns of all rows measured at a time: the whole matrix at once costs more in new memory than in arithmetic."""


@dataclass(frozen=True)
class LogisticSettings:
    """How the features are prepared and which penalties are tried.

    `strengths` are inverse penalties (scikit-learn's C): the best one is chosen on the past.
    `tail` is the share cut off at each end;
    an indicator is kept where more than `missing` is missing.
    """

    strengths: tuple[float, ...] = (0.001, 0.003, 0.01)
    tail: float = 0.002
    missing: float = 0.002
    steps: int = 25
    tolerance: float = 1e-4


@dataclass(frozen=True)
class Preparation:
    """What is needed to turn a feature matrix into terms: limits, centres, scales, indicators.

    `columns` are those that vary, `indicators` the columns whose being missing has a term of its own.
    """

    columns: NDArray[np.int64]
    low: Floats
    high: Floats
    centre: Floats
    scale: Floats
    indicators: NDArray[np.int64]

    def terms(self, matrix: Floats) -> Floats:
        """Standardised values (a missing one at the centre) and the indicators."""
        values = np.ascontiguousarray(matrix[:, self.columns])
        values = (_compress(np.clip(values, self.low, self.high)) - self.centre) / self.scale
        values[np.isnan(values)] = 0.0
        absent = np.isnan(matrix[:, self.indicators])
        return np.hstack([values, absent.astype(np.float64)])


@dataclass(frozen=True)
class LogisticModel:
    """Fitted terms: `log-odds = intercept + sum(weights * terms)`."""

    preparation: Preparation
    weights: Floats
    intercept: float
    strength: float

    def log_odds(self, matrix: Floats) -> Floats:
        """Log-odds of each row; a sum along rows, because BLAS differs between a batch and one row."""
        odds = self.intercept + self.contributions(matrix).sum(axis=1)
        return np.asarray(odds, dtype=np.float64)

    def contributions(self, matrix: Floats) -> Floats:
        """Each term's part of the log-odds, rows x terms."""
        return np.ascontiguousarray(self.preparation.terms(matrix) * self.weights)

    def owners(self) -> NDArray[np.int64]:
        """The feature column each term belongs to."""
        return np.concatenate([self.preparation.columns, self.preparation.indicators])


def fit_logistics(
    matrix: Floats,
    labels: Floats,
    weights: Floats,
    *,
    settings: LogisticSettings,
    strengths: tuple[float, ...] | None = None,
) -> list[LogisticModel]:
    """Fit one model per strength, weakest first, each starting where the last one ended."""
    from sklearn.linear_model import LogisticRegression  # only who fits waits for this import

    preparation = prepare(matrix, settings=settings)
    terms = _terms(preparation, matrix)
    if not terms.shape[1]:  # nothing varies: the base rate is all there is to say
        base = float(log_odds(np.average(labels, weights=weights)))
        return [LogisticModel(preparation, np.empty(0), base, one) for one in sorted(strengths or settings.strengths)]
    regression = LogisticRegression(
        solver="newton-cholesky", tol=settings.tolerance, max_iter=settings.steps, warm_start=True
    )
    models = []
    for strength in sorted(strengths or settings.strengths):
        with np.errstate(invalid="ignore"):  # BLAS may raise this flag for lanes beyond the last row; see finite
            regression.set_params(C=strength).fit(terms, labels, sample_weight=weights)
        line = finite(regression.coef_[0].astype(np.float64), strength)
        models.append(LogisticModel(preparation, line, float(regression.intercept_[0]), strength))
    return models


def prepare(matrix: Floats, *, settings: LogisticSettings) -> Preparation:
    """Learn limits, centres and scales from the training rows; constant and empty columns drop out."""
    absent = np.isnan(matrix)
    filled = np.flatnonzero(~absent.all(axis=0))
    sample = matrix[:: max(1, len(matrix) // 20_000)][:, filled]
    usable = ~np.isnan(sample).all(axis=0)
    filled, sample = filled[usable], sample[:, usable]
    low, high = np.nanquantile(sample, [settings.tail, 1.0 - settings.tail], axis=0) if filled.size else _none()
    centre, scale = np.empty(len(filled)), np.empty(len(filled))
    for start in range(0, len(filled), COLUMNS):
        some = slice(start, start + COLUMNS)
        values = _compress(np.clip(matrix[:, filled[some]], low[some], high[some]))
        centre[some], scale[some] = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    keep = scale > 1e-9
    return Preparation(
        filled[keep], low[keep], high[keep], centre[keep], scale[keep], _indicators(absent, settings.missing)
    )


def _terms(preparation: Preparation, matrix: Floats) -> NDArray[np.float32]:
    """The terms in float32, block by block to save memory."""
    terms = np.empty((len(matrix), preparation.terms(matrix[:1]).shape[1]), dtype=np.float32)
    for start in range(0, len(matrix), BLOCK):
        terms[start : start + BLOCK] = preparation.terms(matrix[start : start + BLOCK])
    return terms


def finite(line: Floats, strength: float) -> Floats:
    """The weights of a fit; raises `ArithmeticError` where one is not finite."""
    if not np.isfinite(line).all():
        raise ArithmeticError(
            f"the logistic line at C={strength:g} was to have finite weights, found {line[~np.isfinite(line)][0]}; "
            "a weight or label that is not finite does this"
        )
    return line


def _none() -> tuple[Floats, Floats]:
    return np.empty(0), np.empty(0)


def _compress(values: Floats) -> Floats:
    """`sign(x) * log(1 + |x|)`: long tails become short, zero stays zero."""
    return np.sign(values) * np.log1p(np.abs(values))


def _indicators(absent: Mask, least: float) -> NDArray[np.int64]:
    """Columns missing often enough, and not always; of columns missing together only the first."""
    share = absent.mean(axis=0)
    columns = np.flatnonzero((share > least) & (share < 1.0 - least))
    seen: dict[bytes, int] = {}
    for column in columns:
        seen.setdefault(np.packbits(absent[:, column]).tobytes(), int(column))
    return np.array(sorted(seen.values()), dtype=np.int64)
