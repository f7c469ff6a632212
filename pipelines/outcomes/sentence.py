"""An outcome's definition as one sentence, said with every answer."""

from __future__ import annotations

from tenure.pipelines.outcomes.status import active_kinds
from tenure.pipelines.settings.outcome import AnyOutcome, Cancellation, Decline, Dissatisfaction, Inactivity, Outcome


def definition(name: str, outcome: Outcome) -> str:
    """Say what the outcome means.

    >>> from tenure.pipelines.settings.outcome import Eligible
    >>> lapse = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28, eligible=Eligible(active_days=28))
    >>> definition("lapse", lapse)
    'lapse: no purchase in the 28 days from the date, among customers with a purchase in the 28 days before it'
    """
    start = f"from {outcome.lead_days} days after the date" if outcome.lead_days else "from the date"
    return f"{name}: {happening(outcome)} in the {outcome.horizon_days} days {start}, among {_eligible(outcome)}"


def happening(outcome: Outcome) -> str:
    """Say what happens when the outcome happens."""
    kinds = " or ".join(k.replace("_", " ") for k in outcome.kinds)
    match outcome:
        case Inactivity():
            return f"no {kinds}"
        case Decline():
            return f"{outcome.measure} of {kinds} below {outcome.below:.0%} of that of as many days before"
        case Cancellation():
            cause = {"any": "", "voluntary": " by the customer's wish", "payment": " for want of payment"}
            return f"the contract ends{cause[outcome.cause]}"
        case Dissatisfaction():
            return f"a complaint, a dispute or a rating of {outcome.max_rating:.0%} or less"
        case _:
            return f"the condition ({getattr(outcome, 'where', '')}) holds"


VERBS = {
    "inactivity": ("go quiet", "went quiet"),
    "decline": ("decline", "declined"),
    "cancellation": ("leave", "left"),
    "dissatisfaction": ("be dissatisfied", "were dissatisfied"),
    "expression": ("meet the condition", "met the condition"),
}
"""What happens to people when an outcome happens, before and afterwards."""

WITHIN = {
    "inactivity": ("go quiet for %(n)d day", "go quiet for %(n)d days"),
    "decline": ("do much less for %(n)d day", "do much less for %(n)d days"),
    "cancellation": ("leave within %(n)d day", "leave within %(n)d days"),
    "dissatisfaction": ("are dissatisfied within %(n)d day", "are dissatisfied within %(n)d days"),
    "expression": ("meet the condition within %(n)d day", "meet the condition within %(n)d days"),
}
"""What people do within the horizon: one day, several; the catalogues of the panel know these words."""


def happens(outcome: AnyOutcome) -> str:
    """What happens within the horizon, as in 'about 40 of 100 leave within 28 days'.

    >>> from tenure.pipelines.settings.outcome import Cancellation
    >>> happens(Cancellation(type="cancellation", horizon_days=7, lead_days=14))
    'leave within 7 days, starting in 14'
    """
    one, many = WITHIN[outcome.type]
    said = (one if outcome.horizon_days == 1 else many) % {"n": outcome.horizon_days}
    later = f", starting in {outcome.lead_days}" if outcome.lead_days else ""
    return said + later


def beginning(outcome: Outcome) -> str:
    """Say what begins on the day that the time to an outcome counts to.

    >>> beginning(Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28))
    'The first day, from the date on, with which 28 days without a purchase begin'
    """
    if isinstance(outcome, Inactivity):
        kinds = " or ".join(k.replace("_", " ") for k in outcome.kinds)
        article = "an" if kinds[0] in "aeiou" else "a"
        return (
            f"The first day, from the date on, with which {outcome.horizon_days} days without {article} {kinds} begin"
        )
    return f"The first day, from the date on, on which {happening(outcome)}"


def _eligible(outcome: Outcome) -> str:
    rules, unit = outcome.eligible, f"{outcome.unit}s"
    kinds = " or ".join(k.replace("_", " ") for k in active_kinds(outcome)) or "interaction"
    if isinstance(outcome, Cancellation):
        unit = "open contracts"
    parts = []
    if rules.active_days:
        article = "an" if kinds[0] in "aeiou" else "a"
        parts.append(f"with {article} {kinds} in the {rules.active_days} days before it")
    if rules.min_history_days:
        parts.append(f"known for {rules.min_history_days} days")
    if rules.contract_from_day is not None or rules.contract_to_day is not None:
        first = rules.contract_from_day if rules.contract_from_day is not None else "any"
        parts.append(f"between contract day {first} and {rules.contract_to_day or 'any'}")
    return " ".join([unit, " and ".join(parts)]).strip() if parts else f"all {unit} seen before it"
