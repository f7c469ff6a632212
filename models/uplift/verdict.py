"""Whether contacts have an effect and whether people can be told apart by it: four verdicts, one sentence each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tenure.models.bootstrap import Interval
from tenure.models.uplift.measures import EffectMeasures
from tenure.models.uplift.trial import Trial

LEAST = 50
"""Of those who left, and of those who stayed, in each arm: with fewer nothing is decided."""

WORTHWHILE = 0.1
"""The share of those who would leave whom contacts should keep, for the number of people needed to see it."""

POWER = 1.96 + 0.84
"""Standard errors an effect must be away from 0 to be seen in 80 of 100 trials at an interval of 95 %."""

EffectName = Literal["use uplift", "use risk x value", "cannot show an effect", "not enough data"]


@dataclass(frozen=True)
class EffectVerdict:
    """The verdict and the sentence that justifies it."""

    name: EffectName
    sentence: str


def too_small(trial: Trial) -> EffectVerdict | None:
    """The verdict *not enough data*, or None where there is enough to measure."""
    name, count = min(trial.counts().items(), key=lambda pair: pair[1])
    if count >= LEAST:
        return None
    needed = math.ceil(len(trial) * LEAST / max(count, 1))
    return EffectVerdict(
        "not enough data",
        f"Not enough data: {count} people ({name}) among {len(trial):,}, needed are at least {LEAST}; at this rate "
        f"about {needed:,} people in all.",
    )


def judge_effect(found: EffectMeasures) -> EffectVerdict:
    """Judge what was measured out of fold.

    An effect is shown where the interval of the regression-adjusted average lies above 0, or, as contacts may keep
    some and drive away as many others, where the people ranked first gain and the ranking beats chance in 99.5 of 100
    redraws each: in a world without effect both together claim one in about 3 of 100 trials. *use uplift* needs three
    intervals beyond 0 at once (better than random over the whole ranking, and than risk times value at the capacity,
    and a slope of calibration that lies above 0 and is not far below 1), so that where all are moved alike it is said
    in less than 2.5 of 100.
    """
    shown = found.average.low > 0.0
    split = found.over_nothing_strict.low > 0.0 and found.qini_strict.low > 0.0
    if not shown and not split:
        return EffectVerdict("cannot show an effect", _cannot(found))
    targeted = found.qini.low > 0.0 and found.over_random.low > 0.0 and found.over_risk.low > 0.0
    if targeted and found.slope.low > 0.0 and found.slope.high >= 1.0:
        return EffectVerdict(
            "use uplift",
            f"Use uplift: contacts keep {_points(found.average)} on average, and {_points(found.top)} among the first "
            f"{found.capacity:.0%} by estimated effect ({_needed(found.top.value)}); ranking by effect beats chance "
            f"(Qini {_points(found.qini)}) and risk times value at that capacity beyond noise.",
        )
    if not shown:
        return EffectVerdict("cannot show an effect", _cannot(found))
    return EffectVerdict(
        "use risk x value",
        f"Use risk x value: contacts keep {_points(found.average)} on average ({_needed(found.average.value)}), and "
        f"nobody can be told apart beyond that: {_missing(found)}.",
    )


def people_needed(found: EffectMeasures, *, worthwhile: float = WORTHWHILE) -> int:
    """People for whom an interval of 95 % would exclude 0 in 80 of 100 trials if contacts kept `worthwhile` of leavers.

    `n = ((1.96 + 0.84) * sd / effect) ** 2`, sd being the spread of the doubly robust scores: the usual formula for the
    mean of a normal variable, as in Cohen, Statistical power analysis, 1988.
    """
    effect = worthwhile * found.rate.value
    return math.ceil((POWER * found.score_spread / effect) ** 2) if effect > 0.0 else 0


def _cannot(found: EffectMeasures) -> str:
    harm = "they drive away" if found.average.high < 0.0 else "it could be none"
    return (
        f"Cannot show an effect: contacts keep {_points(found.average)} on average of {found.rows:,} people, {harm}; "
        f"to see a tenth of those who leave ({100 * WORTHWHILE * found.rate.value:.2f} points) kept, about "
        f"{people_needed(found):,} people are needed."
    )


def _missing(found: EffectMeasures) -> str:
    """The first thing that a ranking by effect would have to show and does not."""
    first = f"the first {found.capacity:.0%}"
    if found.qini.low <= 0.0:
        return f"ranking by effect does not beat chance beyond noise (Qini {_points(found.qini)})"
    if found.over_random.low <= 0.0:
        return f"{first} by effect times value earn no more than as many at random beyond noise"
    if found.over_risk.low <= 0.0:
        return f"{first} by effect times value earn no more than by risk times value beyond noise"
    low, high = found.slope.low, found.slope.high
    return f"estimated differences are not of the right size (slope {found.slope.value:.2f}, {low:.2f} to {high:.2f})"


def _needed(effect: float) -> str:
    return f"one kept by {math.ceil(1.0 / effect):,} contacts" if effect > 0.0 else "nobody kept"


def _points(interval: Interval) -> str:
    low, high = 100 * interval.low, 100 * interval.high
    return f"{100 * interval.value:.2f} points ({low:.2f} to {high:.2f})"
