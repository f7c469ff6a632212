"""Bands and statuses in words a support agent can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenure.models.intervals import unsure
from tenure.pipelines.outcomes.sentence import happens
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.store.score_sets import Score

STATUS = {
    "leaving": "Has given notice",
    "left": "Has left",
    "lapsed": "Has gone quiet already",
    "new": "Too new to be scored",
    "excluded": "Left out of scoring",
    "objected": "Objects to being scored",
    "not_eligible": "The question does not apply",
    "hold_out": "In the hold-out",
    "unknown": "Not scored",
}


def in_words(
    outcome: AnyOutcome,
    *,
    status: str,
    band: str | None,
    probability: float | None,
    low: float | None = None,
    high: float | None = None,
) -> str:
    """A band with what it means, or what a status without a score means.

    >>> from tenure.pipelines.settings.outcome import Cancellation
    >>> cancels = Cancellation(type="cancellation", horizon_days=28)
    >>> in_words(cancels, status="scored", band="high", probability=0.4)
    'High: about 40 of 100 leave within 28 days'
    >>> in_words(cancels, status="scored", band="high", probability=0.4, low=0.1, high=0.75)
    'High: about 40 of 100 leave within 28 days (low confidence: 10 to 75 of 100)'
    >>> in_words(cancels, status="left", band=None, probability=None)
    'Has left'
    """
    if band is None or probability is None:
        return STATUS.get(status, "Not scored")
    said = f"{band.capitalize()}: {_of_100(probability)} {happens(outcome)}"
    if low is None or high is None or not unsure(low, high):
        return said
    return f"{said} (low confidence: {round(100 * low)} to {round(100 * high)} of 100)"


def change_of(score: Score | None) -> dict[str, Any] | None:
    """From which score the present one came: of a unit that was scored again, else of the midnight before.

    >>> change_of(Score("k", "ann", "scored", 0.3, "high", 1, [], {"before": ["2024-12-29", 0.2, True]}))
    {'since': '2024-12-29', 'before': 0.2, 'new_model': True}
    """
    if score is None or score.changed is not None:
        return None if score is None else score.changed
    held = (score.facts or {}).get("before")
    return held and {"since": held[0], "before": held[1], "new_model": held[2]}


def change_in_words(probability: float, changed: Mapping[str, Any]) -> str:
    """From where to where a probability went, and by what.

    >>> change_in_words(0.31, {"since": "2024-12-29", "before": 0.2, "passing_time": 0.01, "customer": 0.1})
    'Up from 20 to 31 of 100 since 2024-12-29: +10 by what happened, +1 by time that passed'
    >>> change_in_words(0.31, {"since": "2024-12-29", "before": 0.2, "new_model": True})
    'Up from 20 to 31 of 100 since 2024-12-29: another model scores since then'
    >>> change_in_words(0.204, {"since": "2024-12-29", "before": 0.2})
    'Unchanged at about 20 of 100 since 2024-12-29'
    """
    before, now = round(100 * changed["before"]), round(100 * probability)
    if before == now:
        return f"Unchanged at about {now} of 100 since {changed['since']}"
    said = f"{'Up' if now > before else 'Down'} from {before} to {now} of 100 since {changed['since']}"
    parts = ((changed.get("customer"), "what happened"), (changed.get("passing_time"), "time that passed"))
    told = [f"{round(100 * part):+d} by {what}" for part, what in parts if part is not None and round(100 * part)]
    told += ["another model scores since then"] if changed.get("new_model") else []
    return f"{said}: {', '.join(told)}" if told else said


def _of_100(probability: float) -> str:
    whole = round(probability * 100)
    if whole < 1:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if whole > 99 else f"about {whole} of 100"
