"""What is said of service, satisfaction, self-service and the contract's price, payments and offers, by feature."""

from __future__ import annotations

from tenure.pipelines.reasons.saying import Message

_LATELY = "in the last %(days)d days"

_COUNTS = {
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

COUNTS = {stem: Message(f"%(n)s {one} {_LATELY}", f"%(n)s {many} {_LATELY}") for stem, (one, many) in _COUNTS.items()}
"""What is counted over a window."""

NO_COUNTS = {stem: Message(f"no {one} {_LATELY}") for stem, (one, _) in _COUNTS.items()}
"""What is said where the count is 0."""

NOW = {
    "service_open": Message("%(n)s case is open, the oldest for %(age)s",
                            "%(n)s cases are open, the oldest for %(age)s"),
    "service_unanswered": Message("%(n)s message waits for an answer, the oldest for %(age)s",
                                  "%(n)s messages wait for an answer, the oldest for %(age)s"),
    "service_promises_overdue": Message("%(n)s promised callback is overdue, the oldest by %(age)s",
                                        "%(n)s promised callbacks are overdue, the oldest by %(age)s"),
}  # fmt: skip
"""What is the case now."""

AGES = {
    "service_open": ("open_cases", "open_days"),
    "service_unanswered": ("unanswered_count", "unanswered_days"),
    "service_promises_overdue": ("promises_overdue", "promises_overdue_days"),
}
"""The column of the number of what is the case now, and that of its age."""

_HOURS = {
    "service_queue_hours": "cases waited %(time)s until somebody took them",
    "service_reply_hours": "our first message came after %(time)s",
    "service_answer_hours": "messages waited %(time)s for our answer",
    "service_solution_hours": "cases took %(time)s from opening to solution",
}
_SECONDS = {
    "service_wait_seconds": "the customer waited %(time)s in queues",
    "service_handle_seconds": "a contact took %(time)s of talk or work",
}

HOURS = {stem: Message(f"{words} on average {_LATELY}") for stem, words in _HOURS.items()}
SECONDS = {stem: Message(f"{words} on average {_LATELY}") for stem, words in _SECONDS.items()}
"""Means over a window, kept in hours and in seconds."""

_SHARES = {
    "service_first_contact_share": "%(share)d of 100 solved cases were solved at the first contact",
    "service_came_back_share": "in %(share)d of 100 solved cases the customer came back within a week",
    "satisfaction_silent_share": "%(share)d of 100 surveys were left unanswered",
    "selfservice_share": "%(share)d of 100 contacts and uses of self-service were self-service",
    "selfservice_before_contact_share": "before %(share)d of 100 contacts the customer had tried self-service",
    "selfservice_alone_share": "after %(share)d of 100 uses of self-service no contact followed",
    "selfservice_failed_share": "%(share)d of 100 searches of the help centre found nothing",
    "contract_failed_share": "%(share)d of 100 payments failed",
}

SHARES = {stem: Message(f"{words} {_LATELY}") for stem, words in _SHARES.items()}
"""Shares over a window."""

AGO = {
    "service_trouble_days_since": Message("the last escalation, re-opening, dispute or complaint was %(when)s"),
    "service_disputes_days_since": Message("the last dispute of a bill was %(when)s"),
    "service_transfers_left_days_since": Message("a case was passed on %(when)s and nobody came back to the customer"),
    "satisfaction_complaints_days_since": Message("the last complaint was %(when)s"),
    "selfservice_days_since": Message("self-service was last used %(when)s"),
    "selfservice_failed_days_since": Message("a search of the help centre last found nothing %(when)s"),
    "selfservice_handovers_days_since": Message("an assistant last handed over %(when)s"),
    "contract_failed_days_since": Message("a payment last failed %(when)s"),
    "contract_offers_days_since": Message("the last offer was made %(when)s"),
    "contract_days_since_notice": Message("notice was given %(when)s"),
    "contract_days_since_plan_changed": Message("the plan was last changed %(when)s"),
    "contract_days_since_price_changed": Message("the price was last changed %(when)s"),
    "contract_days_since_renewal": Message("the contract was last renewed %(when)s"),
}
"""What happened last, and when."""

SURVEY_SILENT = Message("the last survey was left unanswered")
LAST_RATING = Message(*(f"the last rating, %(n)d {days} ago, was %(rating)d of 100" for days in ("day", "days")))
PRICE_ROSE = Message("the price last rose by %(share)d of 100")
PRICE_FELL = Message("the price last fell by %(share)d of 100")
UNPAID = Message(
    "%(n)s payment failed since one last went through", "%(n)s payments failed since one last went through"
)
