"""Self-service: what customers look for themselves, whether they find it, and whether they still turn to us."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.activity import log_rate_ratio
from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.subject import SLIM_WINDOWS
from tenure.pipelines.history.helping import SEARCHES, USES, helping_of
from tenure.pipelines.history.history import View

LONG_WINDOWS = (91, 364)
THEME = "self-service"
QUARTER, YEAR = 91, 364
COUNTED = {
    "views": (("help_viewed",), "pages of the help centre read", "view"),
    "searches": (SEARCHES, "searches of the help centre", "search"),
    "failed": (("help_search_failed",), "searches of the help centre that found nothing", "search"),
}


def compute(view: View, _context: Context, fitted: Fitted) -> Iterator[Column]:
    """Uses of self-service where there are any, and what assistants handed over to persons."""
    marks = fitted.named("has")
    if "self_service" in marks:
        yield from _uses(view)
        yield from _instead(view)
    for name, (kinds, noun, mark) in COUNTED.items():
        if mark in marks:
            yield from _counts(view, name, kinds, noun, mark)
    if "search" in marks:
        yield from _failures(view)
    if "handover" in marks:
        yield from _handovers(view)


def _uses(view: View) -> Iterator[Column]:
    past = view.kind(*USES)
    for days in SLIM_WINDOWS:
        meaning = f"uses of self-service in the last {days} days"
        yield _column(f"count_{days}d", past.count(days) * view.scale(days), meaning)
    yield _column("days_since", past.days_since(), "days since self-service was last used")
    if view.observes(YEAR):
        values = log_rate_ratio(past.active_days(QUARTER), past.active_days(YEAR), QUARTER, YEAR)
        meaning = "pace of days with self-service in the last 91 days against the 273 before (log ratio)"
        yield _column("trend_91d_364d", values, meaning)


def _instead(view: View) -> Iterator[Column]:
    helping = helping_of(view)
    rows, settled = view.past(helping.rows), view.past(helping.settled)
    for days in LONG_WINDOWS:
        used, contacts, tried = (rows.total(name, days) for name in ("used", "contact", "before"))
        meaning = f"share of self-service in all uses of it and contacts in the last {days} days"
        yield _column(f"share_{days}d", _ratio(used, used + contacts), meaning)
        meaning = f"share of contacts in the last {days} days with self-service in the 24 hours before"
        yield _column(f"before_contact_share_{days}d", _ratio(tried, contacts), meaning)
        meaning = f"share of uses that no contact followed for 24 hours, which ended in the last {days} days"
        yield _column(f"alone_share_{days}d", settled.mean("alone", days), meaning)


def _counts(view: View, name: str, kinds: tuple[str, ...], noun: str, mark: str) -> Iterator[Column]:
    past = view.kind(*kinds)
    for days in SLIM_WINDOWS:
        values, meaning = past.count(days) * view.scale(days), f"{noun} in the last {days} days"
        yield _column(f"{name}_{days}d", values, meaning, mark)


def _failures(view: View) -> Iterator[Column]:
    failed, all_ = view.kind("help_search_failed"), view.kind(*SEARCHES)
    for days in LONG_WINDOWS:
        meaning = f"share of searches of the help centre that found nothing in the last {days} days"
        yield _column(f"failed_share_{days}d", _ratio(failed.count(days), all_.count(days)), meaning, "search")
    meaning = "days since a search of the help centre last found nothing"
    yield _column("failed_days_since", failed.days_since(), meaning, "search")


def _handovers(view: View) -> Iterator[Column]:
    past = view.kind("bot_handover")
    for days in SLIM_WINDOWS:
        values, meaning = (
            past.count(days) * view.scale(days),
            f"talks that an assistant handed over in the last {days} days",
        )
        yield _column(f"handovers_{days}d", values, meaning, "handover")
    meaning = "days since an assistant last handed over to a person"
    yield _column("handovers_days_since", past.days_since(), meaning, "handover")


def _ratio(part: Values, whole: Values) -> Values:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _column(name: str, values: Values, meaning: str, mark: str = "self_service") -> Column:
    return Column(f"selfservice_{name}", values, meaning, THEME, 0, f"has:{mark}")
