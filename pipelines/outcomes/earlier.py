"""An outcome asked so many days earlier: the window of its events stays where it is."""

from __future__ import annotations

from tenure.pipelines.settings.outcome import AnyOutcome, Cancellation


def asked_earlier(outcome: AnyOutcome, days: int) -> AnyOutcome:
    """The outcome for whoever is asked so many days before the date: they come to its own lead.

    As of a date D it asks about `[D + lead + days, D + lead + days + horizon)`, which as of D + days are the days of
    the outcome itself. A decline compares them with the days before D, for those before D + days are not over yet.

    >>> from tenure.pipelines.settings.outcome import Inactivity
    >>> lapse = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28, lead_days=3)
    >>> asked_earlier(lapse, 14).lead_days, asked_earlier(lapse, 14).horizon_days
    (17, 28)
    """
    return outcome.model_copy(update={"lead_days": outcome.lead_days + days})


def over_before(outcome: AnyOutcome, days: int) -> Cancellation | None:
    """What makes the outcome come too early for whoever is asked so many days before a date.

    It is the outcome in the days between, and in its own lead: 1 says that it happened before its window began. Only
    a contract that ended is over with; None for outcomes after which the question can be asked of the same people
    again: a silence, a decline, a complaint, a condition over rows.

    >>> left = Cancellation(type="cancellation", horizon_days=7, lead_days=3)
    >>> over_before(left, 14).lead_days, over_before(left, 14).horizon_days
    (0, 17)
    """
    if not isinstance(outcome, Cancellation):
        return None
    return outcome.model_copy(update={"lead_days": 0, "horizon_days": outcome.lead_days + days})
