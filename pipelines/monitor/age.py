"""How old the model in use is: since when it has learned nothing."""

from __future__ import annotations

import datetime as dt

from tenure.pipelines.monitor.finding import Finding, Level
from tenure.pipelines.settings.monitor import Monitor

MUCH = 2.0
"""Times as old as it may be, at which it is alarming."""


def age_finding(outcome: str, model: str, learned_until: dt.date, *, as_of: dt.date, limits: Monitor) -> Finding:
    """Whether the model in use is too old.

    >>> age_finding("lapse", "shop-lapse/1", dt.date(2024, 1, 1), as_of=dt.date(2024, 7, 1), limits=Monitor()).level
    'watch'
    """
    days = (as_of - learned_until).days
    level: Level = "ok" if days <= limits.oldest_days else "watch" if days <= MUCH * limits.oldest_days else "alarm"
    said = (
        f"{model} learned from labels until {learned_until}, {days} days ago; at most {limits.oldest_days} are wanted"
    )
    why = "run `tenure retrain`, or set [retrain] every_days; `tenure aging` measures what age costs"
    return Finding("age", outcome, level, float(days), float(limits.oldest_days), said, None if level == "ok" else why)
