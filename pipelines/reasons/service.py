"""Sentences about service, satisfaction, self-service and the contract's price, payments and offers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

Row = Mapping[str, float]

COUNTS = {
    "service_cases_count": ("case opened", "cases opened"),
    "service_trouble_count": ("escalation, re-opening, dispute or complaint",
                              "escalations, re-openings, disputes and complaints"),
    "service_disputes": ("dispute of a bill", "disputes of bills"),
    "service_escalated": ("case raised to a higher level", "cases raised to a higher level"),
    "service_reopened": ("solved case opened again", "solved cases opened again"),
    "service_transfers_count": ("time a case was passed on", "times a case was passed on"),
    "service_transfers_left": ("transfer after which nobody came back to the customer",
                               "transfers after which nobody came back to the customer"),
    "service_channel_switches": ("change of channel inside a case", "changes of channel inside a case"),
    "service_promises_missed": ("promised callback was missed", "promised callbacks were missed"),
    "satisfaction_bad": ("bad rating", "bad ratings"),
    "satisfaction_ratings": ("rating", "ratings"),
    "satisfaction_asked": ("survey sent and its week over", "surveys sent and their week over"),
    "satisfaction_silent": ("survey left unanswered", "surveys left unanswered"),
    "satisfaction_complaints": ("complaint", "complaints"),
    "selfservice_count": ("use of self-service", "uses of self-service"),
    "selfservice_views": ("help page read", "help pages read"),
    "selfservice_searches": ("search of the help centre", "searches of the help centre"),
    "selfservice_failed": ("search without a find in the help centre", "searches without a find in the help centre"),
    "selfservice_handovers": ("talk that an assistant handed over", "talks that an assistant handed over"),
    "contract_failed_payments": ("payment failed", "payments failed"),
    "contract_offers": ("offer made", "offers made"),
    "contract_offers_taken": ("offer taken", "offers taken"),
    "contract_price_rise": ("rise of the price", "rises of the price"),
    "contract_price_cheaper": ("move to a cheaper plan", "moves to a cheaper plan"),
    "contract_price_dearer": ("move to a dearer plan", "moves to a dearer plan"),
}  # fmt: skip
"""What is counted over a window: one, several."""

NOW = {
    "service_open": ("open_cases", "open_days", "case is open", "cases are open", "the oldest for {}"),
    "service_unanswered": ("unanswered_count", "unanswered_days", "message waits for an answer",
                           "messages wait for an answer", "the oldest for {}"),
    "service_promises_overdue": ("promises_overdue", "promises_overdue_days", "promised callback is overdue",
                                 "promised callbacks are overdue", "the oldest by {}"),
}  # fmt: skip
"""What is the case now: the column of its number, that of its age, and the words for one, several and the age."""

HOURS = {
    "service_queue_hours": "cases waited {} until somebody took them",
    "service_reply_hours": "our first message came after {}",
    "service_answer_hours": "messages waited {} for our answer",
    "service_solution_hours": "cases took {} from opening to solution",
}
SECONDS = {
    "service_wait_seconds": "the customer waited {} in queues",
    "service_handle_seconds": "a contact took {} of talk or work",
}
SHARES = {
    "service_first_contact_share": "{} of 100 solved cases were solved at the first contact",
    "service_came_back_share": "in {} of 100 solved cases the customer came back within a week",
    "satisfaction_silent_share": "{} of 100 surveys were left unanswered",
    "selfservice_share": "{} of 100 contacts and uses of self-service were self-service",
    "selfservice_before_contact_share": "before {} of 100 contacts the customer had tried self-service",
    "selfservice_alone_share": "after {} of 100 uses of self-service no contact followed",
    "selfservice_failed_share": "{} of 100 searches of the help centre found nothing",
    "contract_failed_share": "{} of 100 payments failed",
}
AGO = {
    "service_trouble_days_since": "the last escalation, re-opening, dispute or complaint was {}",
    "service_disputes_days_since": "the last dispute of a bill was {}",
    "service_transfers_left_days_since": "a case was passed on {} and nobody came back to the customer",
    "satisfaction_complaints_days_since": "the last complaint was {}",
    "selfservice_days_since": "self-service was last used {}",
    "selfservice_failed_days_since": "a search of the help centre last found nothing {}",
    "selfservice_handovers_days_since": "an assistant last handed over {}",
    "contract_failed_days_since": "a payment last failed {}",
    "contract_offers_days_since": "the last offer was made {}",
    "contract_days_since_notice": "notice was given {}",
    "contract_days_since_plan_changed": "the plan was last changed {}",
    "contract_days_since_price_changed": "the price was last changed {}",
    "contract_days_since_renewal": "the contract was last renewed {}",
}
STEM = re.compile(r"^(?P<stem>.+?)(?P<mean>_mean)?_(?P<days>\d+)d$")


def service(row: Row, feature: str, own: Callable[[int], bool]) -> str | None:
    """The sentence about a feature of these families; `own` tells whether a count over so many days is exact.

    >>> service({"service_open_cases": 2.0, "service_open_days": 9.0}, "service_open_days", lambda days: True)
    '2 cases are open, the oldest for 9 days'
    """
    for found in (_now(row, feature), _ago(row, feature), _rating(row, feature), _price(row, feature)):
        if found:
            return found
    told = STEM.match(feature.replace("_trend_91d_364d", "_mean_91d").replace("_largest_", "_mean_"))
    return _window(row, told, own) if told else None


def is_counted(feature: str) -> bool:
    """Whether a feature counts over a window: its value is scaled up while the data are young."""
    told = STEM.match(feature)
    return told is not None and told["stem"] in COUNTS and told["stem"] != "service_transfers_left"


def _now(row: Row, feature: str) -> str | None:
    for stem, (number, age, one, many, since) in NOW.items():
        if feature.startswith(stem):
            count, days = (row.get(f"service_{name}", math.nan) for name in (number, age))
            return None if not count > 0 else f"{_count(count, one, many)}, {since.format(_days(days))}"
    return None


def _ago(row: Row, feature: str) -> str | None:
    days = row.get(feature, math.nan)
    if feature not in AGO or math.isnan(days):
        return None
    return AGO[feature].format({0: "today", 1: "yesterday"}.get(round(days), f"{days:.0f} days ago"))


def _rating(row: Row, feature: str) -> str | None:
    last, days = row.get("satisfaction_last", math.nan), row.get("satisfaction_last_days_since", math.nan)
    if feature.startswith("satisfaction_silent") and row.get("satisfaction_silent_last") == 1.0:
        return "the last survey was left unanswered"
    rating = feature.startswith(("satisfaction_last", "satisfaction_mean", "satisfaction_lowest", "satisfaction_trend"))
    if rating and not math.isnan(last + days):
        return f"the last rating, {_days(days)} ago, was {round(100 * last)} of 100"
    return None


def _price(row: Row, feature: str) -> str | None:
    change, since = row.get("contract_price_change", math.nan), row.get("contract_failed_since_paid", math.nan)
    if feature in ("contract_price", "contract_price_change") and abs(change) >= 0.005:
        return f"the price last {'rose' if change > 0 else 'fell'} by {round(100 * abs(change))} of 100"
    if feature == "contract_failed_since_paid" and since > 0:
        return f"{_count(since, 'payment', 'payments')} failed since one last went through"
    return None


def _window(row: Row, told: re.Match[str], own: Callable[[int], bool]) -> str | None:
    stem, days = told["stem"], int(told["days"])
    value = row.get(f"{stem}{told['mean'] or ''}_{days}d", math.nan)
    if math.isnan(value):
        return None
    lately = f"in the last {days} days"
    if stem in COUNTS:
        return f"{_count(value, *COUNTS[stem])} {lately}" if own(days) or not is_counted(told.string) else None
    if stem in SHARES:
        return f"{SHARES[stem].format(round(100 * value))} {lately}"
    if stem in HOURS:
        return f"{HOURS[stem].format(_time(value))} on average {lately}"
    return f"{SECONDS[stem].format(_time(value / 3600))} on average {lately}" if stem in SECONDS else None


def _count(count: float, one: str, many: str) -> str:
    number = "no" if count == 0 else f"{count:,.0f}"
    return f"{number} {one if count in (0, 1) else many}"


def _days(days: float) -> str:
    return "1 day" if round(days) == 1 else f"{days:.0f} days"


def _time(hours: float) -> str:
    """A duration as one would say it.

    >>> _time(0.02), _time(0.5), _time(5.25), _time(60.0)
    ('72 seconds', '30 minutes', '5 hours', '2.5 days')
    """
    if hours < 1 / 30:
        return f"{hours * 3600:.0f} seconds"
    if hours < 1.5:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.1f} days"
