"""What is known of one definition, and the limits a good one keeps."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tenure.models.bootstrap import Interval
from tenure.models.verdict import LEAST_POSITIVES
from tenure.pipelines.defining.plan import Definition


@dataclass(frozen=True)
class Judgement:
    """One definition; a figure nobody can know is NaN.

    `eligible` and `lost` are customers (or contracts) at a date, as a mean over the dates; `people` are those lost at
    one date at least. Of `followed`, the lost of all dates together, `returned` came back: `false_churn` is their
    share with its interval. `already_lost` is the share of the lost who were silent for a whole horizon before they
    were asked about. Of the real losses `noticed` were called lost, `mean_delay` and `median_delay` days after their
    last activity; `missed` is the share that never was, for never being eligible. `against` says what speaks
    against it, first the worst.
    """

    definition: Definition
    eligible: float
    lost: float
    people: int
    base_rate: float
    followed: int
    returned: int
    false_churn: Interval
    already_lost: float
    noticed: int
    mean_delay: float
    median_delay: float
    missed: float
    roc_auc: Interval
    recency_roc_auc: Interval
    average_precision: Interval
    against: tuple[str, ...] = ()


FEW = "too few lost"
CHANCE = "not predictable"
UNTESTED = "prediction untested"
STALE = "asked too late"
FALSE = "most come back"
MISSING = "losses missed"


@dataclass(frozen=True)
class Limits:
    """What a good definition keeps.

    At most `false_churn` of those it calls lost come back: at one half it is right more often than wrong. At most
    `already_lost` of them had been lost by the same definition before they were asked about: nobody can act in
    time for those. At most `missed` of the real losses escape it. At least `people` were called lost.
    """

    false_churn: float = 0.5
    already_lost: float = 0.1
    missed: float = 0.1
    people: int = LEAST_POSITIVES

    def against(self, one: Judgement) -> tuple[str, ...]:
        """Which limits a definition does not keep; a ranking must be better than chance beyond noise too."""
        tested = [found.low for found in (one.roc_auc, one.recency_roc_auc) if not math.isnan(found.low)]
        broken = {
            FEW: one.people < self.people,
            UNTESTED: not tested,
            CHANCE: max(tested, default=1.0) <= 0.5,
            STALE: one.already_lost > self.already_lost,
            MISSING: one.missed > self.missed,
            FALSE: one.false_churn.value > self.false_churn,
        }
        return tuple(name for name, holds in broken.items() if holds)
