"""For how long what is held is kept; left out, it is kept."""

from __future__ import annotations

from pydantic import Field

from tenure.pipelines.settings.frozen import Frozen
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.settings.study import Backtest

LEAST_SCORES_DAYS = 31
"""Exports tell how a risk changed within 30 days."""

ORIGINS, EVERY_DAYS = 6, 7
"""Report origins and days between training cut-offs where the project file does not say."""


class Retention(Frozen):
    """`[retention]`: days after which `tenure run` removes what is older; None keeps it.

    `interactions_days` counts from when a row happened, and `texts_days` removes only what was said in it; both go by
    whole months, so that a row stays at most a month longer. `scores_days` is of the history of scores and of alerts,
    `logs_days` of the audit log.
    """

    interactions_days: int | None = Field(None, ge=1)
    texts_days: int | None = Field(None, ge=1)
    scores_days: int | None = Field(None, ge=1)
    logs_days: int | None = Field(None, ge=1)

    def too_short(self, needed: int) -> str | None:
        """What is wrong with the periods, where training and features look back `needed` days; None where nothing is.

        >>> Retention(interactions_days=400).too_short(756)
        'retention.interactions_days = 400: features and training look back 756 days; allow as many, or learn from less'
        >>> Retention(interactions_days=800, scores_days=365).too_short(756) is None
        True
        """
        for name in ("interactions_days", "texts_days"):
            days = getattr(self, name)
            if days is not None and days < needed:
                return (
                    f"retention.{name} = {days}: features and training look back {needed} days; allow as many, "
                    "or learn from less"
                )
        if self.scores_days is not None and self.scores_days < LEAST_SCORES_DAYS:
            return f"retention.scores_days = {self.scores_days}: changes are told over {LEAST_SCORES_DAYS} days"
        return None


def days_needed(outcome: AnyOutcome, backtest: Backtest, windows: tuple[int, ...]) -> int:
    """How far an outcome looks back: over the origins of the back-test, the cut-offs from which the first one learns,
    the time until labels are known, and the longest window of a feature or of eligibility before the first cut-off.
    """
    label = outcome.lead_days + outcome.horizon_days + outcome.maturity_days
    declared = [*backtest.origins, *backtest.development]
    apart = max(7, min(outcome.horizon_days, 28))
    tested = (max(declared) - min(declared)).days if declared else (ORIGINS - 1) * apart
    learnt = (backtest.train_cutoffs - 1) * (backtest.train_every_days or EVERY_DAYS)
    eligible = outcome.eligible
    longest = max(*windows, eligible.active_days or 0, eligible.min_history_days or 0)
    return tested + 2 * label + learnt + longest
