"""Whom the question is about: a status for every unit as of a date."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import MISSING
from tenure.pipelines.settings.outcome import Cancellation, Decline, Inactivity, Outcome

Statuses = NDArray[np.object_]

UNKNOWN = "unknown"
SCORED = "scored"


def status_of(view: View, outcome: Outcome) -> Statuses:
    """Say of each unit whether it is `scored`, and if not, why.

    `left` and `leaving`: the contract ended, or its end was announced. `new`: known for too
    short a time. `lapsed`: not active inside the window that makes the question sensible.
    `unknown`: nothing was known of it yet. A declared gap makes nobody lapsed or new: who shows no
    activity in the rest of a window that touches one is `not_eligible`, and a state is the last
    on record.
    """
    status = np.full(len(view.units), SCORED, dtype=object)
    unobserved, lapsed = _inactive(view, outcome)
    conditions = {
        "not_eligible": _not_eligible(view, outcome) | unobserved,
        "lapsed": lapsed,
        "new": _new(view, outcome),
    }
    if isinstance(outcome, Cancellation):
        never, leaving, left = _contract_states(view, outcome)
        conditions |= {"not_eligible": conditions["not_eligible"] | never, "leaving": leaving, "left": left}
    conditions[UNKNOWN] = ~view.any.seen
    for name, holds in conditions.items():
        status[holds] = name
    return status


def _inactive(view: View, outcome: Outcome) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which units show no activity in a window that touches a gap, and which were observed to have none."""
    days = outcome.eligible.active_days
    if days is None:
        nobody = np.zeros(len(view.units), dtype=bool)
        return nobody, nobody
    kinds = active_kinds(outcome)
    past = view.kind(*kinds) if kinds else view.any
    none, touched = past.recorded.count(days) == 0, np.isnan(past.count(days))
    return none & touched, none & ~touched


def active_kinds(outcome: Outcome) -> tuple[str, ...]:
    """The kinds by which one is active in the sense of eligibility; none stands for any kind."""
    own = outcome.kinds if isinstance(outcome, Inactivity | Decline) else ()
    return outcome.eligible.active_kinds or own


def _new(view: View, outcome: Outcome) -> NDArray[np.bool_]:
    rules = outcome.eligible
    young = np.zeros(len(view.units), dtype=bool)
    if rules.min_history_days:
        young |= view.any.recorded.days_since_first() < rules.min_history_days
    if rules.contract_from_day is not None:
        young |= ~(contract_day(view) >= rules.contract_from_day)
    if isinstance(outcome, Cancellation) and outcome.trial_days:
        young |= contract_day(view) < outcome.trial_days
    return young


def _not_eligible(view: View, outcome: Outcome) -> NDArray[np.bool_]:
    last_day = outcome.eligible.contract_to_day
    if last_day is None:
        return np.zeros(len(view.units), dtype=bool)
    return contract_day(view) >= last_day


def contract_day(view: View) -> NDArray[np.float64]:
    """Days since the start of the contract: the date its signup speaks of, else the day of the signup."""
    signup = view.kind("signup").recorded
    stated = -signup.days_until("due_at")
    return np.where(np.isnan(stated), signup.days_since(), stated)


def _contract_states(
    view: View, outcome: Cancellation
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which units never had a contract, which are under notice, and which have ended.

    At one instant (as bare dates have it) a customer's end and beginning are a change of
    contract, a contract's own are a withdrawal.
    """
    opened, ended = view.kind("signup", "renewal").last_instant(), view.kind("cancellation").last_instant()
    told = view.kind("notice").last_instant()
    cancelled = (ended >= opened if outcome.unit == "contract" else ended > opened) & (ended != MISSING)
    ends_later = cancelled & (view.kind("cancellation").recorded.days_until("due_at") > 0)
    under_notice = ~cancelled & (opened != MISSING) & (told >= opened)
    return (opened == MISSING) & (ended == MISSING), under_notice | ends_later, cancelled & ~ends_later
