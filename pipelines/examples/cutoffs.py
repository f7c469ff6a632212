"""On which past dates the model learns: many cut-offs a unit, on one grid shared by all origins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.outcomes.moment import decided_days

EVERY_DAYS = 7
"""Days between training cut-offs where the project file does not say."""

LEAST_HISTORY_DAYS = 28
"""Days of history before the first cut-off, at the least: earlier ones know too little to learn from."""

LEAST_HISTORY_SHARE = 0.85
"""Of a log too short for anything better: the share of it that a cut-off must have behind it."""


def training_cutoffs(study: Study, learn_until: dt.date, anchor: dt.date | None = None) -> list[dt.date]:
    """The cut-offs whose labels exist by `learn_until`, earliest first.

    They lie on a grid of `train_every_days` through the latest one possible at `anchor` (an
    origin), so that origins a whole number of steps apart share their cut-offs.
    """
    span = label_end(study.outcome, learn_until) - learn_until
    return _grid(study, learn_until, anchor, shortest=span, longest=span)


def timing_cutoffs(
    study: Study, learn_until: dt.date, anchor: dt.date | None = None, *, edges: Sequence[int]
) -> list[dt.date]:
    """The cut-offs from which a time to the outcome may be learnt by `learn_until`, earliest first.

    Of the newest only the first part of time is over, of the earliest, where the log is long enough, the last one.
    """
    waiting = learn_until - dt.timedelta(days=decided_days(study.outcome, learn_until, learn_until))
    shortest, longest = (waiting - learn_until + dt.timedelta(days=day) for day in (edges[1], edges[-1]))
    return _grid(study, learn_until, anchor, shortest=shortest, longest=longest)


def _grid(
    study: Study, learn_until: dt.date, anchor: dt.date | None, *, shortest: dt.timedelta, longest: dt.timedelta
) -> list[dt.date]:
    """Dates a step apart, at least the shortest span before `learn_until`; the longest says how much history is left.

    The earliest is as late as a log that is short allows it to be, seen from the longest span.
    """
    step = study.project.backtest.train_every_days or EVERY_DAYS
    latest = learn_until - shortest
    day = latest - dt.timedelta(days=(learn_until - (anchor or learn_until)).days % step)
    first = study.data_from + _least_history(study, learn_until - longest)
    found: list[dt.date] = []
    while day >= first and len(found) < study.project.backtest.train_cutoffs:
        found.append(day)
        day -= dt.timedelta(days=step)
    return found[::-1]


def report_origins(study: Study) -> list[dt.date]:
    """The declared report origins, or six before the watermark, each a horizon after the one before."""
    declared = study.project.backtest.origins
    if declared:
        return sorted(declared)
    return _placed(study, count=6)


def development_origins(study: Study) -> list[dt.date]:
    """The declared development origins, or four that lie before the report origins."""
    declared = study.project.backtest.development
    if declared:
        return sorted(declared)
    first = report_origins(study)[:1]
    return [day for day in _placed(study, count=12) if first and day < first[0]][-4:]


def _placed(study: Study, *, count: int) -> list[dt.date]:
    span = label_end(study.outcome, study.watermark) - study.watermark
    step = dt.timedelta(days=max(7, min(study.outcome.horizon_days, 28)))
    last = study.watermark - span
    earliest = study.data_from + _wanted_history(study) + span
    days = [last - place * step for place in range(count)]
    return sorted(day for day in days if day >= earliest)


def _least_history(study: Study, latest: dt.date) -> dt.timedelta:
    """How long the log must have run before the first cut-off.

    As long as the horizon and as the window of eligibility; of a log too short for that, most
    of what there is, so that the examples are as old as those to be scored.
    """
    most = (latest - study.data_from) * LEAST_HISTORY_SHARE
    return max(dt.timedelta(days=LEAST_HISTORY_DAYS), min(_wanted_history(study), most))


def _wanted_history(study: Study) -> dt.timedelta:
    outcome = study.outcome
    longest = max(outcome.lead_days + outcome.horizon_days, outcome.eligible.active_days or 0)
    return dt.timedelta(days=max(longest, LEAST_HISTORY_DAYS))
