"""A log: rows of some units, sorted by unit and time, with exact running totals.

What was known as of a date is a prefix of each unit's rows and a window is a range in it, so a
count is a difference of positions and a total a difference of running totals. Totals are
fixed-point int64: their value does not depend on row order or on who else is in the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.calendar import Calendar, day_number
from tenure.pipelines.history.positions import Plan, Positions

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Made = TypeVar("Made")

FOREVER = np.iinfo(np.int64).max
"""The `superseded` of a row that is still valid."""

FIXED_POINT = 10_000
"""Units of a stored number: ten-thousandths of money, ratings and the like."""

MISSING = np.iinfo(np.int64).min
"""A number that was not given."""


@dataclass(frozen=True)
class Log:
    """Sorted rows of units.

    `starts` has one entry more than there are units: unit `u` owns the rows
    `starts[u]:starts[u + 1]`. `time`, `known` and `superseded` are milliseconds since 1970 UTC;
    `day` is the local day. `values` are further columns: fixed-point numbers (`MISSING` where
    not given) or codes. `known` and `superseded` may be None where every row is known by the end
    of its day and still valid. `plan` says at which dates the log will be viewed.
    """

    calendar: Calendar
    starts: Ints
    time: Ints
    known: Ints | None
    superseded: Ints | None
    day: NDArray[np.int32]
    values: Mapping[str, Ints]
    gaps: tuple[tuple[int, int], ...] = ()
    plan: Plan = field(default_factory=Plan, repr=False, compare=False)
    _derived: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def units(self) -> int:
        """How many units the log is about, those without rows included."""
        return len(self.starts) - 1

    def where(self, name: object, mask: Callable[[], Mask]) -> Log:
        """The rows of `mask`, kept under `name` so that they are selected once."""
        return self.once(("where", name), lambda: self._subset(mask()))

    def with_gaps(self, gaps: tuple[tuple[int, int], ...]) -> Log:
        """The same log, in which nothing is known of the given stretches of time."""
        return self if gaps == self.gaps else self.once(("gaps", gaps), lambda: replace(self, gaps=gaps, _derived={}))

    def planned(self, plan: Plan) -> Log:
        """The same log, to be viewed at the dates of a plan."""
        return replace(self, plan=plan, _derived={})

    def usable_at(self, instant: int) -> Log:
        """The log without rows that had happened by `instant` but were not (or no longer) known then.

        The same object where there are no such rows, which is the usual case. Rows that happened
        later stay: who uses the log must end before `instant`.
        """
        conditional = self.conditional
        if self.known is None or self.superseded is None or not len(conditional):
            return self
        unknown = (self.known[conditional] > instant) | (self.superseded[conditional] <= instant)
        unknown &= self.time[conditional] < instant
        if not unknown.any():
            return self
        keep = np.ones(len(self), dtype=bool)
        keep[conditional[unknown]] = False
        return self._subset(keep)

    def before(self, instant: int, units: Ints) -> Ints:
        """For each unit the position after its last row earlier than `instant`."""
        span, origin = self._span
        wanted = min(max(instant - origin, 0), span)
        return np.searchsorted(self._keys, units * (span + 1) + wanted, side="left").astype(np.int64)

    def reach(self, as_of: dt.date, back: int, units: Ints) -> Ints:
        """For each unit the position after its last row before the midnight `back` days before `as_of`."""
        positions = self.once("positions", lambda: Positions(self.starts, self.unit_of_row(), self.day, self.plan))
        return positions.before(day_number(as_of), back)[units]

    def running(self, name: str) -> Ints:
        """The running total of a column, one entry more than rows; missing numbers count as nothing."""
        return self.once(("running", name), lambda: running_total(np.where(self._given(name), self.values[name], 0)))

    def running_given(self, name: str) -> Ints:
        """The running count of rows in which a number was given."""
        return self.once(("given", name), lambda: running_total(self._given(name)))

    def running_of(self, name: object, values: Callable[[], NDArray[np.generic]]) -> Ints:
        """The running total of whole numbers worked out from the log, kept under `name`."""
        return self.once(("running of", name), lambda: running_total(values()))

    def unit_of_row(self) -> Ints:
        """The unit of each row."""
        return self.once("unit of row", lambda: np.repeat(np.arange(self.units), np.diff(self.starts)))

    def days(self) -> Log:
        """One row for each unit and local day with any row: the first of that day."""
        return self.where("days", lambda: self._first_of_day())

    def previous_day(self) -> NDArray[np.int32]:
        """For each row the local day of the unit's row before it; its own day for the first."""

        def shifted() -> NDArray[np.int32]:
            previous = np.concatenate([self.day[:1], self.day[:-1]])
            first = self.starts[:-1][np.diff(self.starts) > 0]
            previous[first] = self.day[first]
            return previous

        return self.once("previous day", shifted)

    def first_of_instant(self) -> Ints:
        """For each row the unit's first row of the same instant."""

        def firsts() -> Ints:
            fresh = np.ones(len(self), dtype=bool)
            fresh[1:] = self.time[1:] != self.time[:-1]
            fresh[self.starts[:-1][np.diff(self.starts) > 0]] = True
            return np.maximum.accumulate(np.where(fresh, np.arange(len(self)), 0))

        return self.once("first of instant", firsts)

    def _first_of_day(self) -> Mask:
        fresh = np.ones(len(self), dtype=bool)
        fresh[1:] = self.day[1:] != self.day[:-1]
        fresh[self.starts[:-1][np.diff(self.starts) > 0]] = True
        return fresh

    def _given(self, name: str) -> Mask:
        return self.values[name] != MISSING

    @property
    def conditional(self) -> Ints:
        """Rows whose use depends on more than when they happened."""

        def select() -> Ints:
            if self.known is None or self.superseded is None:
                return np.empty(0, dtype=np.int64)
            tomorrow = self.calendar.midnights_after(self.day)
            return np.flatnonzero((self.known > tomorrow) | (self.superseded != FOREVER))

        return self.once("conditional", select)

    @property
    def _span(self) -> tuple[int, int]:
        if not len(self):
            return 1, 0
        return self.once("span", lambda: (int(self.time.max() - self.time.min()) + 1, int(self.time.min())))

    @property
    def _keys(self) -> Ints:
        span, origin = self._span
        return self.once("keys", lambda: self.unit_of_row() * (span + 1) + (self.time - origin))

    def _subset(self, mask: Mask) -> Log:
        rows, late = np.flatnonzero(mask), len(self.conditional) > 0
        return Log(
            calendar=self.calendar,
            starts=running_total(mask)[self.starts],
            time=self.time[rows],
            known=self.known[rows] if late and self.known is not None else None,
            superseded=self.superseded[rows] if late and self.superseded is not None else None,
            day=self.day[rows],
            values=Chosen(self.values, rows),
            gaps=self.gaps,
            plan=self.plan,
        )

    def once(self, name: object, make: Callable[[], Made]) -> Made:
        """What `make` returns, worked out at the first call and kept under `name`."""
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]  # type: ignore[return-value]


class Chosen(Mapping[str, Ints]):
    """Some rows of columns, each picked out when it is first asked for."""

    def __init__(self, columns: Mapping[str, Ints], rows: Ints) -> None:
        self._columns, self._rows, self._picked = columns, rows, dict[str, Ints]()

    def __getitem__(self, name: str) -> Ints:
        if name not in self._picked:
            self._picked[name] = self._columns[name][self._rows]
        return self._picked[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def running_total(values: NDArray[np.generic]) -> Ints:
    """The sums of all values before each place, one entry more than values."""
    total = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=total[1:])
    return total
