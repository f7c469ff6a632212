"""Bands and statuses in words a support agent can say."""

from __future__ import annotations

from tenure.pipelines.outcomes.sentence import happens
from tenure.pipelines.settings.outcome import AnyOutcome

STATUS = {
    "leaving": "Has given notice",
    "left": "Has left",
    "lapsed": "Has gone quiet already",
    "new": "Too new to be scored",
    "excluded": "Left out of scoring",
    "not_eligible": "The question does not apply",
    "hold_out": "In the hold-out",
    "unknown": "Not scored",
}


def in_words(outcome: AnyOutcome, *, status: str, band: str | None, probability: float | None) -> str:
    """A band with what it means, or what a status without a score means.

    >>> from tenure.pipelines.settings.outcome import Cancellation
    >>> cancels = Cancellation(type="cancellation", horizon_days=28)
    >>> in_words(cancels, status="scored", band="high", probability=0.4)
    'High: about 40 of 100 leave within 28 days'
    >>> in_words(cancels, status="left", band=None, probability=None)
    'Has left'
    """
    if band is None or probability is None:
        return STATUS.get(status, "Not scored")
    return f"{band.capitalize()}: {_of_100(probability)} {happens(outcome)}"


def _of_100(probability: float) -> str:
    whole = round(probability * 100)
    if whole < 1:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if whole > 99 else f"about {whole} of 100"
