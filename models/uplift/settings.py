"""Every number that shapes the effect model, in one frozen object."""

from __future__ import annotations

from dataclasses import dataclass, field

from tenure.models.boosted import BoostedSettings
from tenure.models.logistic import LogisticSettings


def _logistic() -> LogisticSettings:
    return LogisticSettings(strengths=(0.02,))


def _boosted() -> BoostedSettings:
    return BoostedSettings(
        trees=(80,), learning_rate=0.05, leaves=6, depth=4, column_share=0.5, ridge=10.0, monotone=False
    )


@dataclass(frozen=True)
class EffectTrees:
    """The trees that learn how the effect differs; larger leaves than those for risk, as the signal is weaker."""

    trees: int = 30
    learning_rate: float = 0.05
    leaves: int = 6
    depth: int = 3
    leaf_rows: int = 200
    column_share: float = 0.5
    row_share: float = 0.7
    ridge: float = 10.0
    bins: int = 63


@dataclass(frozen=True)
class EffectSettings:
    """How the effect model is fitted.

    People are dealt into `folds` for what is proved out of fold, `deals` times, as the verdict should not hang on one
    deal, and into `inner_folds` for what a member has to know of risk. `odds_penalty` is the precision of the prior of
    each standardised feature's part in the log odds ratio (500: a standard deviation of .045). `score_penalties`, a
    row, are tried for the line of scores. A member alone is taken where its loss is lower than that of the mean by more
    than `alone_beyond` standard errors.
    """

    seed: int = 20170101
    folds: int = 5
    deals: int = 3
    inner_folds: int = 3
    odds_penalty: float = 500.0
    score_penalties: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
    alone_beyond: float = 1.0
    logistic: LogisticSettings = field(default_factory=_logistic)
    boosted: BoostedSettings = field(default_factory=_boosted)
    trees: EffectTrees = field(default_factory=EffectTrees)
