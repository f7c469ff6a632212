"""Which definition is recommended, by a stated rule, and the reason in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tenure.pipelines.defining.judgement import FALSE, Judgement, Limits
from tenure.pipelines.defining.plan import Definition, Plan
from tenure.pipelines.outcomes.sentence import happening
from tenure.pipelines.settings.outcome import Decline


@dataclass(frozen=True)
class Choice:
    """The definition recommended and why; one that is not `good` is only the least wrong, None: not even that."""

    definition: Definition | None
    good: bool
    sentence: str


def rule(limits: Limits, plan: Plan) -> str:
    """The rule by which a definition is recommended."""
    return (
        f"The shortest horizon at which at most {_hundred(limits.false_churn)} of 100 called lost come back within "
        f"{plan.followed_days} days; of its windows the one with the fewest, and of those no worse beyond noise the "
        f"most predictable. Left aside: fewer than {limits.people} people lost, a ranking no better than chance, over "
        f"{_hundred(limits.already_lost)} of 100 lost before they were asked about, and over "
        f"{_hundred(limits.missed)} of 100 real losses never asked about."
    )


def choose(judged: Sequence[Judgement], limits: Limits, plan: Plan) -> Choice:
    """Apply the rule. Where nothing is good, the usable definition with the least false churn is the least wrong."""
    good = [one for one in judged if not one.against]
    if good:
        shortest = min(one.definition.horizon_days for one in good)
        best = _best([one for one in good if one.definition.horizon_days == shortest])
        return Choice(best.definition, True, _praise(best, limits, plan) + _sooner(best, judged, plan))
    usable = [one for one in judged if one.against == (FALSE,)]
    if usable:
        longest = min(usable, key=_false).definition.horizon_days
        best = _best([one for one in usable if one.definition.horizon_days == longest])
        return Choice(best.definition, False, _warning(best, limits, plan))
    causes = sorted({cause for one in judged for cause in one.against if cause != FALSE})
    return Choice(
        None, False, f"None of the definitions compared can be recommended, not even as the least wrong: "
        f"{', '.join(causes)}. Compare other horizons or windows, count other kinds, or wait for more history."
    )  # fmt: skip


def named(definition: Definition, plan: Plan) -> str:
    """A definition in words, such as `no purchase in 28 days, asked of those active in the 56 days before`."""
    what = f"{happening(plan.outcome)} in {definition.horizon_days} days"
    if definition.active_days is None:
        return f"{what}, asked of everybody eligible"
    return f"{what}, asked of those active in the {definition.active_days} days before"


def _praise(best: Judgement, limits: Limits, plan: Plan) -> str:
    return (
        f"Recommended: {named(best.definition, plan)}. It is the shortest horizon at which at most "
        f"{_hundred(limits.false_churn)} of 100 called lost {_back(plan)}: {_errors(best, plan)}."
    )


def _sooner(best: Judgement, judged: Sequence[Judgement], plan: Plan) -> str:
    """What the next shorter horizon would gain and cost, with the same window or the one least often wrong."""
    shorter = [o for o in judged if o.definition.horizon_days < best.definition.horizon_days and FALSE in o.against]
    if not shorter:
        return ""
    longest = max(one.definition.horizon_days for one in shorter)
    near = [one for one in shorter if one.definition.horizon_days == longest]
    same = [one for one in near if one.definition.active_days == best.definition.active_days]
    other = (same or [min(near, key=_false)])[0]
    sooner = best.mean_delay - other.mean_delay
    gain = "" if math.isnan(sooner) else f" would notice it {sooner:.0f} days sooner, but"
    return f" {longest} days{gain} {_hundred(_false(other))} of 100 would {_back(plan)}."


def _warning(best: Judgement, limits: Limits, plan: Plan) -> str:
    limit, back = _hundred(limits.false_churn), _back(plan)
    return (
        f"None of the definitions compared is good: at every one that can be judged more than {limit} of 100 called "
        f"lost {back} within {plan.followed_days} days. The least wrong is {named(best.definition, plan)}: "
        f"{_errors(best, plan)}. Read it as a pause worth a look, not as a loss."
    )


def _errors(one: Judgement, plan: Plan) -> str:
    """The two error rates in words."""
    share = one.false_churn
    between = "" if math.isnan(share.low) else f" ({_hundred(share.low)} to {_hundred(share.high)})"
    first = f"{_hundred(share.value)} of 100{between} do within {plan.followed_days} days"
    if not one.noticed:
        return f"{first}; how late a real loss is noticed cannot be told, for there was none"
    return f"{first}, and a real loss is noticed {one.mean_delay:.0f} days after the last activity on average"


def _best(some: Sequence[Judgement]) -> Judgement:
    """Of the windows of one horizon the most predictable one among those as seldom wrong as any, beyond noise."""
    least = min(some, key=_false)
    as_right = [one for one in some if one is least or _false(one) <= least.false_churn.high]
    return max(as_right, key=lambda one: (_known(one.roc_auc.value), one.eligible))


def _false(one: Judgement) -> float:
    return one.false_churn.value


def _known(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def _back(plan: Plan) -> str:
    return "recover" if isinstance(plan.outcome, Decline) else "come back"


def _hundred(share: float) -> str:
    return f"{100 * share:.0f}"
