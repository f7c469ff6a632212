"""Spans of time as clauses: how long, how long ago, how often."""

from __future__ import annotations

from tenure.pipelines.reasons.saying import Clause, Message

DAYS = Message("%(n)d day", "%(n)d days")
PARTS_OF_DAYS = Message("%(number)s days")
HOURS = Message("%(n)d hour", "%(n)d hours")
MINUTES = Message("%(n)d minute", "%(n)d minutes")
SECONDS = Message("%(n)d seconds", "%(n)d seconds")  # English says it so of one, too

TODAY, YESTERDAY = Message("today"), Message("yesterday")
DAYS_AGO = Message("%(n)d day ago", "%(n)d days ago")

ALMOST_EVERY_DAY = Message("almost every day")
EVERY_DAYS = Message("every %(n)d day", "every %(n)d days")


def ago(days: float) -> Clause:
    """When something was, in whole days.

    >>> ago(0.0), ago(19.0)
    (['today', {}], ['%(n)d day ago', '%(n)d days ago', {'n': 19}])
    """
    found = {0: TODAY(), 1: YESTERDAY()}.get(round(days))
    return found or DAYS_AGO(n=round(days))


def every(gap: float) -> Clause:
    """How often something comes, given the mean of days between."""
    return ALMOST_EVERY_DAY() if gap < 1.5 else EVERY_DAYS(n=round(gap))


def duration(hours: float) -> Clause:
    """A duration as one would say it.

    >>> from tenure.pipelines.reasons.saying import say
    >>> [say([duration(hours)], "en") for hours in (0.02, 0.5, 5.25, 60.0)]
    ['72 seconds', '30 minutes', '5 hours', '2.5 days']
    """
    if hours < 1 / 30:
        return SECONDS(n=round(hours * 3600))
    if hours < 1.5:
        return MINUTES(n=round(hours * 60))
    return HOURS(n=round(hours)) if hours < 48 else PARTS_OF_DAYS(number=float(hours / 24))
