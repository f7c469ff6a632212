"""The time after `as_of` in which an outcome happens or does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.history.history import History
from tenure.pipelines.history.log import FOREVER, Ints, Log
from tenure.pipelines.settings.outcome import Outcome

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Horizon:
    """The days `[as_of + lead, as_of + lead + horizon)`, in the knowledge of some instant.

    `known_by` (milliseconds) limits it to rows known by then, as a training label must be;
    None uses all that is known today, as a test label does.
    """

    history: History
    outcome: Outcome
    as_of: dt.date
    units: Ints
    known_by: int | None = None

    @property
    def start(self) -> dt.date:
        """The first day of the horizon."""
        return self.as_of + dt.timedelta(days=self.outcome.lead_days)

    @property
    def end(self) -> dt.date:
        """The day after its last one."""
        return self.start + dt.timedelta(days=self.outcome.horizon_days)

    def count(self, *kinds: str) -> Values:
        """How many rows of the kinds fall into the horizon."""
        return self._between(self.log(*kinds), self.start, self.end)

    def count_in_lead(self, *kinds: str) -> Values:
        """How many rows of the kinds fall between `as_of` and the start of the horizon."""
        return self._between(self.log(*kinds), self.as_of, self.start)

    def total(self, name: str, *kinds: str) -> Values:
        """The sum of a number over the horizon, in ten-thousandths."""
        log = self.log(*kinds)
        running = log.running(name)
        return (running[self._before(log, self.end)] - running[self._before(log, self.start)]).astype(np.float64)

    def count_where(self, log: Log) -> Values:
        """How many rows of a log fall into the horizon."""
        return self._between(self._valid(log), self.start, self.end)

    def log(self, *kinds: str) -> Log:
        """The rows of the kinds that are known and valid, whenever they happened."""
        return self._valid(self.history.kind_log(*kinds))

    def in_gap(self, *kinds: str) -> bool:
        """Whether the horizon touches a declared gap of a source of these kinds."""
        calendar = self.history.calendar
        start, end = calendar.midnight(self.as_of), calendar.midnight(self.end)
        return any(g[0] < end and g[1] > start for kind in kinds for g in self.history.gaps.get(kind, ()))

    def _valid(self, log: Log) -> Log:
        return log.usable_at(FOREVER - 1 if self.known_by is None else self.known_by)

    def _between(self, log: Log, start: dt.date, end: dt.date) -> Values:
        return (self._before(log, end) - self._before(log, start)).astype(np.float64)

    def _before(self, log: Log, day: dt.date) -> Ints:
        return log.reach(self.as_of, (self.as_of - day).days, self.units)
