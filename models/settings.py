"""Every number that shapes the race, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenure.models.boosted import BoostedSettings
from tenure.models.logistic import LogisticSettings

MEMBERS = ("recency", "logistic", "boosted")
"""The models of the race, the simplest first."""


@dataclass(frozen=True)
class RiskSettings:
    """How `risk` is chosen among the members and their blends.

    `shares` are the boosted model's parts tried in the blend of logistic and boosted. A member alone
    is taken, the simplest first, when its log loss on the past is within so many standard errors of
    the best one's. A blend errs less than trees alone, so these must be the best as measured.
    """

    shares: tuple[float, ...] = (0.3, 0.5, 0.7)
    recency_within: float = 1.0
    logistic_within: float = 1.0
    boosted_within: float = 0.0


@dataclass(frozen=True)
class RaceSettings:
    """How the race is run.

    `recency` names the feature with the days since last, None where there is none. Cut-offs lose
    half their weight every `half_life_days` (None: all weigh the same). The newest `later_share` of
    the rows is kept for choosing and calibrating where it holds `later_positives` positives;
    otherwise people are dealt into `folds`.
    """

    recency: str | None = None
    seed: int = 20170101
    half_life_days: float | None = None
    level_kept: float = 0.5
    later_share: float = 0.2
    later_positives: int = 50
    folds: int = 4
    most_rows: int | None = 120_000
    least_rows: int = 40
    least_positives: int = 10
    least_persons: int = 10
    logistic: LogisticSettings = field(default_factory=LogisticSettings)
    boosted: BoostedSettings = field(default_factory=BoostedSettings)
    risk: RiskSettings = field(default_factory=RiskSettings)
