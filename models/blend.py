"""Risk: one member, or a mean of members' log-odds, whichever the past says is best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenure.models.calibration import Calibration, fit_calibration
from tenure.models.odds import Floats
from tenure.models.settings import MEMBERS, RiskSettings


@dataclass(frozen=True)
class Blend:
    """Shares of the members' calibrated log-odds, which add up to one, and a last calibration."""

    name: str
    shares: dict[str, float]
    calibration: Calibration = field(default_factory=Calibration)

    def log_odds(self, odds: Mapping[str, Floats]) -> Floats:
        """Calibrated log-odds of the blend."""
        return self.calibration.apply(self.raw(odds))

    def raw(self, odds: Mapping[str, Floats]) -> Floats:
        """The weighted mean before the last calibration, added up in the order of the members."""
        first, *rest = [odds[name] * self.shares[name] for name in MEMBERS if name in self.shares]
        for part in rest:
            first = first + part
        return first


@dataclass(frozen=True)
class Choice:
    """The blend taken, and the log loss of every candidate on the judged rows."""

    blend: Blend
    losses: dict[str, float]


def choose_blend(
    odds: Mapping[str, Floats],
    labels: Floats,
    weights: Floats,
    persons: NDArray[np.int64],
    *,
    settings: RiskSettings,
    later: bool = True,
) -> Choice:
    """Take the blend, unless recency is as good or a member alone was better beyond noise.

    `odds` are the members' calibrated log-odds on rows they were not fitted on. A member alone
    must have won on `later` rows: other people at the same dates say nothing of how it ages.
    """
    blend = _calibrated(_blend(settings), odds, labels, weights)
    candidates = [*(Blend(name, {name: 1.0}) for name in MEMBERS), blend]
    rows = {found.name: losses(found.log_odds(odds), labels) for found in candidates}
    means = {name: float(np.average(loss, weights=weights)) for name, loss in rows.items()}

    def excess(name: str) -> float:
        """How much worse than the blend a member is, in standard errors."""
        error = paired_error(rows[name] - rows[blend.name], weights, persons)
        return (means[name] - means[blend.name]) / max(error, 1e-12)

    chosen = min(("logistic", "boosted"), key=lambda name: means[name])
    if excess("recency") <= settings.recency_within:
        chosen = "recency"
    elif not later or excess(chosen) >= -settings.alone_beyond:
        chosen = blend.name
    return Choice(next(found for found in candidates if found.name == chosen), means)


def losses(odds: Floats, labels: Floats) -> Floats:
    """Log loss of each row.

    >>> losses(np.array([0.0]), np.array([1.0])).round(3).tolist()
    [0.693]
    """
    return np.asarray(np.logaddexp(0.0, odds) - labels * odds, dtype=np.float64)


def paired_error(differences: Floats, weights: Floats, persons: NDArray[np.int64]) -> float:
    """Standard error of a weighted mean of differences whose rows hang together by person."""
    mean = np.average(differences, weights=weights)
    sums = np.bincount(persons, weights=weights * (differences - mean))
    return float(np.sqrt((sums * sums).sum()) / weights.sum())


def _blend(settings: RiskSettings) -> Blend:
    return Blend("blend", {"logistic": 1.0 - settings.share, "boosted": settings.share})


def _calibrated(blend: Blend, odds: Mapping[str, Floats], labels: Floats, weights: Floats) -> Blend:
    return Blend(blend.name, blend.shares, fit_calibration(blend.raw(odds), labels, weights))
