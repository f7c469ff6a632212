"""Satisfaction: what the customer's ratings say, where we asked and heard nothing, and complaints."""

from __future__ import annotations

from collections.abc import Iterator

from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.features.service import mean_before
from tenure.pipelines.features.subject import SLIM_WINDOWS
from tenure.pipelines.history.history import View
from tenure.pipelines.history.past import Past
from tenure.pipelines.history.surveys import SILENT_DAYS, Surveys, surveys_of

COLUMNS = ("case_id",)
LONG_WINDOWS = (91, 364)
THEME, COMPLAINTS = "satisfaction", "complaints"
QUARTER, YEAR = 91, 364


def compute(view: View, _context: Context, fitted: Fitted) -> Iterator[Column]:
    """Ratings from 0 (worst) to 1 (best), surveys and complaints, each where there are any."""
    marks = fitted.named("has")
    if "rating" in marks:
        yield from _ratings(view, view.past(surveys_of(view).rated))
    if "survey" in marks:
        yield from _silence(view, surveys_of(view))
    if "complaint" in marks:
        yield from _complaints(view, view.kind("complaint"))


def _ratings(view: View, rated: Past) -> Iterator[Column]:
    last, usual = rated.last("rating"), rated.mean("rating")
    yield _column("last", last, "the last rating, from 0 (worst) to 1 (best)", "rating")
    yield _column("last_days_since", rated.days_since(), "days since the last rating", "rating")
    yield _column("last_change", last - usual, "the last rating less the mean of all", "rating")
    means = {days: rated.mean("rating", days) for days in SLIM_WINDOWS}
    for days in SLIM_WINDOWS:
        yield _column(f"mean_{days}d", means[days], f"mean rating of the last {days} days", "rating")
    for days in LONG_WINDOWS:
        lowest = 0.0 - rated.largest("minus", days)
        yield _column(f"lowest_{days}d", lowest, f"the lowest rating of the last {days} days", "rating")
        bad = rated.total("bad", days) * view.scale(days)
        yield _column(f"bad_{days}d", bad, f"ratings of 0.4 or less in the last {days} days", "rating")
        count = rated.count(days) * view.scale(days)
        yield _column(f"ratings_{days}d", count, f"ratings in the last {days} days", "rating")
    if view.observes(YEAR):
        values = means[QUARTER] - mean_before(rated, "rating", QUARTER, YEAR)
        meaning = "mean rating of the last 91 days less that of the 273 before"
        yield _column("trend_91d_364d", values, meaning, "rating")


def _silence(view: View, surveys: Surveys) -> Iterator[Column]:
    asked = view.past(surveys.asked)
    for days in LONG_WINDOWS:
        known = f"surveys whose {SILENT_DAYS} days for an answer ended in the last {days} days"
        yield _column(f"asked_{days}d", asked.count(days) * view.scale(days), known, "survey")
        silent = asked.total("silent", days) * view.scale(days)
        yield _column(f"silent_{days}d", silent, f"unanswered ones among {known}", "survey")
        share = asked.mean("silent", days)
        yield _column(f"silent_share_{days}d", share, f"unanswered share of {known}", "survey")
    meaning = f"whether the last survey went unanswered for {SILENT_DAYS} days"
    yield _column("silent_last", asked.last("silent"), meaning, "survey")


def _complaints(view: View, past: Past) -> Iterator[Column]:
    for days in SLIM_WINDOWS:
        values, meaning = past.count(days) * view.scale(days), f"complaints in the last {days} days"
        yield _column(f"complaints_{days}d", values, meaning, "complaint", COMPLAINTS)
    meaning = "days since the last complaint"
    yield _column("complaints_days_since", past.days_since(), meaning, "complaint", COMPLAINTS)


def _column(name: str, values: Values, meaning: str, mark: str, theme: str = THEME) -> Column:
    return Column(f"satisfaction_{name}", values, meaning, theme, 0, f"has:{mark}")
