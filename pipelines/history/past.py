"""The past of some units as of a date, and the verbs in which features are written.

A `Past` is handed only rows that may be known as of its date, so what is built from it cannot
see the future. Every verb returns one value a unit, NaN where there is nothing to say.

Nothing is said either where the answer depends on a declared gap of the source: over a window
for everybody when it touches the gap, over all time for the units known since before its end,
of a latest row where the gap ended after it. A unit is taken to begin with its first row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.calendar import day_number
from tenure.pipelines.history.decay import DECAY_ONE, HALF_LIVES, decay_weights
from tenure.pipelines.history.log import FIXED_POINT, MISSING, Ints, Log, running_total

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Past:
    """Rows of `log` that were known as of `as_of`, for the units at `units`.

    `first` is when each unit was first seen in any log; left out, it is its first row in this one.
    """

    log: Log
    as_of: dt.date
    units: Ints
    first: Ints | None = None

    @cached_property
    def _end(self) -> Ints:
        return self.log.reach(self.as_of, 0, self.units)

    @cached_property
    def _begin(self) -> Ints:
        return self.log.starts[self.units]

    @cached_property
    def _now(self) -> int:
        return self.log.calendar.midnight(self.as_of)

    @cached_property
    def _today(self) -> int:
        return day_number(self.as_of)

    @property
    def recorded(self) -> Past:
        """The same rows with gaps overlooked: what is on record, for the state a unit was last seen in."""
        return Past(self.log.with_gaps(()), self.as_of, self.units, self.first)

    def rows(self) -> tuple[Ints, Ints]:
        """All rows of the past, and for each the place of its unit in `units`."""
        held = self._end - self._begin
        return _ranges(self._begin, held), np.repeat(np.arange(len(self.units)), held)

    def count(self, days: int | None = None) -> Values:
        """How many rows there were in the last `days` calendar days (None: ever)."""
        return self._over((self._end - self._since(days)).astype(np.float64), days)

    def total(self, name: str, days: int | None = None) -> Values:
        """The sum of a number over the last `days` days; 0 where there are no rows."""
        return self._over(self._exact_total(name, days) / FIXED_POINT, days)

    def given(self, name: str, days: int | None = None) -> Values:
        """In how many rows of the last `days` days a number was given."""
        return self._over(self._between(("given", name), self.log.running_given(name), days).astype(np.float64), days)

    def mean(self, name: str, days: int | None = None) -> Values:
        """The mean of a number over the rows that gave it in the last `days` days."""
        return _ratio(self.total(name, days), self.given(name, days))

    def largest(self, name: str, days: int | None = None) -> Values:
        """The largest value of a number in the last `days` days."""
        return self._over(_number(self._largest_between(name, self._since(days))), days)

    def last(self, name: str) -> Values:
        """The value of a number at the latest instant; the largest where several rows share it."""
        return self._since_row(_number(self._latest(name)))

    def last_code(self, name: str) -> Ints:
        """The code at the latest instant on record (the highest of several rows), -1 where there is no row."""
        return np.where(self.seen, self._latest(name), -1)

    def last_instant(self) -> Ints:
        """When the latest row on record happened, in milliseconds since 1970 UTC; `MISSING` where there is none."""
        return self._instant(self._end - 1, MISSING)

    def first_instant(self) -> Ints:
        """When the first row on record happened; the midnight of `as_of` where there is none."""
        return self._instant(self._begin, self._now)

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """Whether there is any row."""
        return self._end > self._begin

    def days_since(self, back: int = 1) -> Values:
        """Calendar days since the latest row, or since the `back`-th latest."""
        days = self._at(self._end - back, lambda row: (self._today - self.log.day[row]).astype(np.float64))
        return self._since_row(days, back)

    def days_since_first(self) -> Values:
        """Calendar days since the first row."""
        days = self._at(self._begin, lambda row: (self._today - self.log.day[row]).astype(np.float64))
        return self._honest(days, self._known_since, self.first_instant() + 1)

    def days_until(self, name: str) -> Values:
        """Calendar days until the date held in column `name` at the latest instant; negative when past."""
        due = self._latest(name)
        days = self.log.calendar.days_of(np.where(due == MISSING, 0, due)) - self._today
        return self._since_row(np.where(due == MISSING, np.nan, days))

    def active_days(self, days: int | None = None) -> Values:
        """On how many local days there was any row in the last `days` days."""
        return self.daily.count(days)

    @cached_property
    def daily(self) -> Past:
        """The first row of each local day: the past seen as a list of active days."""
        return Past(self.log.days(), self.as_of, self.units, self.first)

    def gap_total(self, power: int = 1, *, skip_first: bool = True) -> Values:
        """The sum of gaps (days from one row to the unit's next), or of their squares."""
        gaps = self.log.running_of(("gap", power), lambda: self._gaps() ** power)
        start = np.minimum(self._begin + 1, self._end) if skip_first else self._begin
        return self._over((gaps[self._end] - gaps[start]).astype(np.float64))

    def gap_count(self) -> Values:
        """How many gaps between rows there are."""
        return self._over(np.maximum(self._end - self._begin - 1, 0).astype(np.float64))

    def gap_largest(self) -> Values:
        """The longest gap in days so far."""
        running = self.log.once("largest gap", lambda: self._largest_so_far())
        found = self._at(self._end - 1, lambda row: running[row].astype(np.float64))
        return np.where(self.gap_count() > 0, found, np.nan)

    def gaps_of_at_least(self, days: int) -> Values:
        """How many gaps lasted `days` days or more."""
        running = self.log.running_of(("gaps of", days), lambda: self._gaps() >= days)
        return self._over((running[self._end] - running[self._begin]).astype(np.float64))

    def _largest_so_far(self) -> Ints:
        unit, gap = self.log.unit_of_row(), self._gaps()
        top = int(gap.max(initial=0)) + 1
        return np.maximum.accumulate(unit * top + gap) - unit * top

    def gaps_longer_than(self, days: Values) -> Values:
        """How many own gaps were longer than `days` (one number a unit)."""
        limit = np.full(self.log.units, np.inf)
        limit[self.units] = np.where(np.isnan(days), np.inf, days)
        longer = running_total(self._gaps() > limit[self.log.unit_of_row()])
        return self._over((longer[self._end] - longer[self._begin]).astype(np.float64))

    def gap_before_last(self, back: int = 1) -> Values:
        """The gap in days that ended with the `back`-th latest row."""
        inside = self._end - back > self._begin
        gap = self._at(self._end - back, lambda row: self._gaps()[row].astype(np.float64))
        return self._since_row(np.where(inside, gap, np.nan), back + 1)

    def decayed(self, half_life: int, name: str | None = None) -> Values:
        """The sum of rows (or of a number) in which a row loses half its weight every `half_life` days."""
        rows, age, owner = self._ages
        table = decay_weights(half_life)
        weight = table[np.minimum(age, len(table) - 1)]
        if name is not None:
            given = self.log.values[name][rows]
            weight = weight * np.where(given == MISSING, 0.0, given)  # whole numbers: their sum has no order
        total = np.bincount(owner, weights=weight, minlength=len(self.units)) / DECAY_ONE
        since = np.maximum(self._known_since, self.log.calendar.days_before(self.as_of, HALF_LIVES * half_life))
        return self._honest(total if name is None else total / FIXED_POINT, since, self._now)

    def each(self) -> tuple[Ints, Ints]:
        """The rows of the past as places in `log`, and for each the place of its unit among `units`."""
        rows, _, owner = self._ages
        return rows, owner

    @cached_property
    def _ages(self) -> tuple[Ints, NDArray[np.int32], Ints]:
        """Every row of the past, its age in days, and whose it is."""
        held = self._end - self._begin
        rows = _ranges(self._begin, held)
        return rows, self._today - self.log.day[rows], np.repeat(np.arange(len(self.units)), held)

    def weekday_count(self, weekday: int, days: int | None = None) -> Values:
        """How many rows fell on a weekday (0 is Monday)."""
        running = self.log.running_of(("weekday", weekday), lambda: (self.log.day + 3) % 7 == weekday)
        return self._over(self._between(("weekday", weekday), running, days).astype(np.float64), days)

    def active_weeks(self, weeks: int) -> Values:
        """In how many of the last `weeks` spells of seven days there was any row."""
        edges = [self._since(7 * back) for back in range(weeks, 0, -1)] + [self._end]
        active = sum((after > before).astype(np.float64) for before, after in pairwise(edges))
        return self._over(np.asarray(active, dtype=np.float64), 7 * weeks)

    def _latest(self, name: str) -> Ints:
        """The largest value among the rows of the latest instant: rows of one instant have no order."""
        if not len(self.log):
            return np.full(len(self.units), MISSING)
        return self._largest_between(name, np.where(self.seen, self.log.first_of_instant()[self._end - 1], self._end))

    def _largest_between(self, name: str, start: Ints) -> Ints:
        """The largest value from `start` to the end of the past, `MISSING` where there is none."""
        found, end = np.full(len(self.units), MISSING), self._end
        held = np.flatnonzero(end > start)
        if len(held):
            values = self.log.once(("ended", name), lambda: np.append(self.log.values[name], MISSING))
            edges = np.column_stack([start[held], end[held]]).ravel()
            found[held] = np.maximum.reduceat(values, edges)[::2]
        return found

    def _exact_total(self, name: str, days: int | None) -> Ints:
        return self._between(("total", name), self.log.running(name), days)

    def _between(self, name: tuple[str, object], running: Ints, days: int | None) -> Ints:
        """The sum of a column over a window from its running total; looked up once, as means and trends ask again."""
        if (name, days) not in self._sums:
            if name not in self._sums:
                self._sums[name] = running[self._end]
            self._sums[name, days] = self._sums[name] - running[self._since(days)]
        return self._sums[name, days]

    @cached_property
    def _sums(self) -> dict[object, Ints]:
        return {}

    def _since(self, days: int | None) -> Ints:
        if days is None:
            return self._begin
        return self._window_starts(days)

    def _window_starts(self, days: int) -> Ints:
        if days not in self._starts:
            self._starts[days] = self.log.reach(self.as_of, days, self.units)
        return self._starts[days]

    @cached_property
    def _starts(self) -> dict[int, Ints]:
        return {}

    def _over(self, values: Values, days: int | None = None) -> Values:
        """`values` over a window, or over all the time for which a unit is known."""
        since = self._known_since if days is None else self.log.calendar.days_before(self.as_of, days)
        return self._honest(values, since, self._now)

    def _since_row(self, values: Values, back: int = 1) -> Values:
        """`values` that hang on what happened since the `back`-th latest row."""
        return self._honest(values, self._instant(self._end - back, self._now), self._now)

    def _honest(self, values: Values, since: Ints | int, until: Ints | int) -> Values:
        """`values`, missing where a gap touches the time from `since` to `until` (instants, one a unit or one)."""
        for start, end in self.log.gaps:
            touched = (np.asarray(since) < end) & (start < np.minimum(until, self._now))
            values = np.where(touched, np.nan, values)
        return values

    @cached_property
    def _known_since(self) -> Ints:
        own = self.first_instant()
        return own if self.first is None else np.minimum(own, self.first)

    def _instant(self, row: Ints, missing: int) -> Ints:
        if not len(self.log):
            return np.full(len(self.units), missing)
        inside = (row >= self._begin) & (row < self._end)
        return np.where(inside, self.log.time[np.clip(row, 0, len(self.log) - 1)], missing)

    def _gaps(self) -> Ints:
        return (self.log.day - self.log.previous_day()).astype(np.int64)

    def _at(self, row: Ints, read) -> Values:  # type: ignore[no-untyped-def]
        if not len(self.log):
            return np.full(len(self.units), np.nan)
        inside = (row >= self._begin) & (row < self._end)
        return np.where(inside, read(np.clip(row, 0, len(self.log) - 1)), np.nan)


def _ratio(part: Values, whole: Values) -> Values:
    with np.errstate(invalid="ignore"):
        return part / whole  # nothing over nothing is missing


def _number(fixed: Ints) -> Values:
    return np.where(fixed == MISSING, np.nan, fixed / FIXED_POINT)


def _ranges(starts: Ints, lengths: Ints) -> Ints:
    """The row numbers of several ranges, one after another."""
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return offsets + np.arange(int(lengths.sum()))
