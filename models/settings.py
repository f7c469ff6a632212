"""Every number that shapes the race, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenure.models.boosted import BoostedSettings
from tenure.models.logistic import LogisticSettings

MEMBERS = ("recency", "logistic", "boosted")
"""The models of the race, the simplest first."""


@dataclass(frozen=True)
class RiskSettings:
    """How `risk` is chosen among the members and their blend.

    `share` is the boosted model's part in the blend of logistic and boosted. The blend errs less
    than either, so it is taken unless a member alone had a log loss on the past lower by more than
    `alone_beyond` standard errors. Recency is taken when its log loss is within `recency_within`
    standard errors of the blend's: then the rest adds nothing.
    """

    share: float = 0.5
    alone_beyond: float = 1.0
    recency_within: float = 1.0


@dataclass(frozen=True)
class RaceSettings:
    """How the race is run.

    `recency` names the feature with the days since last, None where there is none; `age` that with the days since
    first, and `categories` lists the features that are the levels of one category, both for intervals. Cut-offs lose
    half their weight every `half_life_days` (None: all weigh the same). The newest `later_share` of
    the rows is kept for choosing and calibrating where it holds `later_positives` positives;
    otherwise people are dealt into `folds`, and as they cannot tell how the rate moves until later, intervals are wider
    by `level_drift` in log-odds at each end.
    """

    recency: str | None = None
    age: str | None = None
    categories: tuple[tuple[str, ...], ...] = ()
    seed: int = 20170101
    half_life_days: float | None = None
    level_kept: float = 0.5
    level_drift: float = 0.5
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
