"""The day on which an outcome begins for a unit, for asking not whether but when.

Leaving: the first day on which the contract ends. Going quiet: the first day, from the date on, with which as many days
without any row of the outcome's kinds begin as its horizon has.
"""

from __future__ import annotations

import datetime as dt
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.calendar import day_number
from tenure.pipelines.history.history import History
from tenure.pipelines.history.log import FOREVER, Ints, Log
from tenure.pipelines.outcomes.label import counted_ends
from tenure.pipelines.settings.outcome import Cancellation, Inactivity, Outcome

Values = NDArray[np.float64]


class NoMoment(ValueError):
    """An outcome of which no single day can be told."""


def moments(
    outcome: Outcome, history: History, as_of: dt.date, units: Ints, known_by: dt.date | None = None
) -> tuple[Values, Values]:
    """Days from the date to the day of the outcome, and to a day after which nothing is known of a unit any more.

    Both count from 0, the first day, and are infinite where there is no such day. Only rows that had happened and
    were known by the midnight of `known_by` count (None: all that is known today). Whether a day on record is decided
    already, `decided_days` says. Raises `NoMoment` for outcomes that are not a leaving or a silence.
    """
    return _moments(outcome, history, as_of, units, known_by)


def decided_days(
    outcome: Outcome, as_of: dt.date, known_until: dt.date, gaps: tuple[tuple[dt.date, dt.date], ...] = ()
) -> int:
    """Of how many days from the date on it is decided, with what is known until a date, whether it begins on them.

    A leaving is decided the day after it; a silence only once its days are over. Both wait for the usual delay of the
    kinds. A gap ends what is decided where it begins. Not above 0 where nothing is.

    >>> lapse = Inactivity(type="inactivity", kinds=("purchase",), horizon_days=28)
    >>> decided_days(lapse, dt.date(2024, 1, 1), dt.date(2024, 1, 29))  # day 0 alone: its label
    1
    """
    ends = [known_until - dt.timedelta(days=outcome.maturity_days)]
    ends += [start for start, end in gaps if end > as_of]
    return (min(ends) - as_of).days - silence_days(outcome)


def silence_days(outcome: Outcome) -> int:
    """How many days must have passed after a day before it is decided whether the outcome began on it."""
    return outcome.horizon_days - 1 if isinstance(outcome, Inactivity) else 0


def next_day(
    history: History, kinds: tuple[str, ...], as_of: dt.date, units: Ints, known_by: dt.date | None = None
) -> Values:
    """Days from the date to the next row of some kinds, infinite where none is known."""
    log = _known(history.kind_log(*kinds), known_by)
    return _days(log, _first(log, as_of, units), units, as_of)


def require_moment(outcome: Outcome) -> None:
    """Raise `NoMoment` for an outcome of which no single day can be told."""
    if not isinstance(outcome, Cancellation | Inactivity):
        raise NoMoment(
            f"the time to an outcome is told of cancellation and inactivity, found one of type "
            f"{type(outcome).__name__.lower()}: no single day is the one on which it happens; choose with --outcome"
        )


@singledispatch
def _moments(
    outcome: Outcome, history: History, as_of: dt.date, units: Ints, known_by: dt.date | None
) -> tuple[Values, Values]:
    require_moment(outcome)
    raise NotImplementedError(f"no day is defined for outcomes of type {type(outcome).__name__}")


@_moments.register
def _(
    outcome: Inactivity, history: History, as_of: dt.date, units: Ints, known_by: dt.date | None
) -> tuple[Values, Values]:
    log = _known(history.kind_log(*outcome.kinds), known_by)
    first = _first(log, as_of, units)
    quiet = _days(log, first, units, as_of) >= outcome.horizon_days  # from the date on
    last = _before_silence(log, outcome.horizon_days)[first]
    days = np.where(quiet, 0.0, _days(log, last, units, as_of) + 1.0)
    return days, np.full(len(units), np.inf)


@_moments.register
def _(
    outcome: Cancellation, history: History, as_of: dt.date, units: Ints, known_by: dt.date | None
) -> tuple[Values, Values]:
    log = _known(history.kind_log(*outcome.kinds), known_by)
    counted, away = counted_ends(outcome, history, log)

    def days(mask: NDArray[np.bool_], name: str) -> Values:
        some = log.where((name, outcome.cause, outcome.payment_reasons, outcome.exclude_reasons), lambda: mask)
        return _days(some, _first(some, as_of, units), units, as_of)

    return days(counted, "counted"), days(away, "away")


def _known(log: Log, known_by: dt.date | None) -> Log:
    """The rows that had happened and were known by a midnight."""
    instant = FOREVER - 1 if known_by is None else log.calendar.midnight(known_by)
    usable = log.usable_at(instant)
    return usable.where(("before", instant), lambda: usable.time < instant)


def _first(log: Log, as_of: dt.date, units: Ints) -> Ints:
    """The place of each unit's first row from the date on; that of a later unit where it has none."""
    return log.before(log.calendar.midnight(as_of), units)


def _days(log: Log, row: Ints, units: Ints, as_of: dt.date) -> Values:
    """Days from the date to a row, infinite where the row is not the unit's own."""
    own = row < log.starts[units + 1]
    days = np.r_[log.day.astype(np.int64), 0][row] - day_number(as_of)
    return np.where(own, days, np.inf)


def _before_silence(log: Log, days: int) -> Ints:
    """For each row (and one place after them) the first row from it on after which a silence of `days` days begins."""

    def found() -> Ints:
        count = len(log)
        following = np.r_[log.day[1:], 0].astype(np.int64)
        silence = following - log.day > days
        silence[log.starts[1:][np.diff(log.starts) > 0] - 1] = True  # after its last row a unit is silent
        places = np.where(silence, np.arange(count), count)
        return np.r_[np.minimum.accumulate(places[::-1])[::-1], count].astype(np.int64)

    return log.once(("before a silence of", days), found)
