"""An outcome with another horizon or another window of eligibility, and its labels."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.history.history import History
from tenure.pipelines.history.log import Ints
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.outcomes.label import labels
from tenure.pipelines.settings.outcome import Decline, Inactivity

Values = NDArray[np.float64]
Compared = Inactivity | Decline
"""The outcomes whose horizon is a choice: nobody says that a customer has gone quiet."""


@lru_cache(maxsize=256)
def with_horizon(outcome: Compared, days: int, *, later: int = 0) -> Compared:
    """The outcome with a horizon of so many days, beginning `later` days after its own would.

    >>> lapse = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28)
    >>> (found := with_horizon(lapse, 14, later=28)).horizon_days, found.lead_days
    (14, 28)
    """
    return outcome.model_copy(update={"horizon_days": days, "lead_days": outcome.lead_days + later})


@lru_cache(maxsize=256)
def with_window(outcome: Compared, days: int | None) -> Compared:
    """The outcome asked only of those active in so many days before the date."""
    return outcome.model_copy(update={"eligible": outcome.eligible.model_copy(update={"active_days": days})})


def lost(history: History, outcome: Compared, as_of: dt.date, units: Ints, known_by: dt.date | None = None) -> Values:
    """The labels of some units: 1 is lost, NaN is not known."""
    instant = None if known_by is None else history.calendar.midnight(known_by)
    return labels(Horizon(history, outcome, as_of, units, instant))


def came_back(
    history: History, outcome: Compared, as_of: dt.date, units: Ints, *, horizon: int, followed: int
) -> Values:
    """Of each unit 1 where it came back between the end of the horizon and `followed` days from its start.

    Of those who had gone quiet that is any row of the kinds: no silence of `followed` days. Of those who
    declined it is a horizon, one of those that follow the first without a gap between them, that is no decline
    from before the date. NaN is not known. Means something only where the horizon's own label is 1.
    """
    if isinstance(outcome, Inactivity):
        return 1.0 - lost(history, with_horizon(outcome, followed), as_of, units)
    later = [
        lost(history, with_horizon(outcome, horizon, later=start), as_of, units)
        for start in range(horizon, followed - horizon + 1, horizon)
    ]
    return 1.0 - np.min(later, axis=0)


def already_lost(history: History, outcome: Compared, as_of: dt.date, units: Ints, *, horizon: int) -> Values:
    """Of each unit 1 where the same definition had called it lost by the date: nothing in a horizon before it.

    Of a decline that is nobody: who did nothing in as many days before has no label.
    """
    if isinstance(outcome, Decline):
        return np.zeros(len(units))
    return lost(history, with_horizon(outcome, horizon), as_of - dt.timedelta(outcome.lead_days + horizon), units)
