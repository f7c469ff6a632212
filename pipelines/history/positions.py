"""Where each unit's rows end before a day: counted for many days in one pass over a log.

The windows of all cut-offs have few edges against many units, so counting rows into the stretches
between edges costs far less than a search for every unit and edge. A `Plan` says which cut-offs are
to come and learns how far back one looks at each; it changes how often a log is passed over and
nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.calendar import FIRST_DAY, day_number

Ints = NDArray[np.int64]

CELLS = 1 << 20
"""Most positions held at once for one log: days times units."""


@dataclass(frozen=True)
class Plan:
    """The days (since 1970) at which a history will be viewed, in that order, and how far one looks back from them."""

    cutoffs: tuple[int, ...] = ()
    reaches: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, cutoffs: Iterable[dt.date]) -> Plan:
        """A plan for cut-offs in the order in which they are described."""
        return cls(tuple(map(day_number, cutoffs)))

    def coming(self, as_of: int, most: int) -> tuple[int, ...]:
        """`as_of` and the cut-offs after it, at most so many of them."""
        if as_of not in self.cutoffs:
            return (as_of,)
        place = self.cutoffs.index(as_of)
        return self.cutoffs[place : place + max(most, 1)]


@dataclass
class Positions:
    """The positions of one log: rows sorted by unit and time, `day` the local day of each."""

    starts: Ints
    unit: Ints
    day: NDArray[np.int32]
    plan: Plan
    _cutoffs: tuple[int, ...] = ()
    _found: dict[int, Ints] = field(default_factory=dict)

    def before(self, as_of: int, back: int) -> Ints:
        """For every unit the position after its last row before the day `back` days before `as_of`."""
        day = _clipped(as_of - back)
        if day not in self._found or as_of not in self._cutoffs:
            self.plan.reaches.add(back)
            self._look_up(as_of)
        return self._found[day]

    def _look_up(self, as_of: int) -> None:
        if as_of not in self._cutoffs:
            room = CELLS // (len(self.plan.reaches) * max(len(self.starts) - 1, 1))
            self._cutoffs, self._found = self.plan.coming(as_of, room), {}
        wanted = {_clipped(cutoff - back) for cutoff in self._cutoffs for back in self.plan.reaches}
        days = sorted(wanted - self._found.keys())
        self._found |= zip(days, self._count(days), strict=True)

    def _count(self, days: list[int]) -> Ints:
        """Positions for rising days (rows) and units (columns)."""
        units, low, high = len(self.starts) - 1, days[0] - 1, days[-1]
        passed = np.searchsorted(days, np.arange(low, high + 1), side="right") * units
        place = passed[np.clip(self.day, low, high) - low] + self.unit
        stretches = len(days) + 1
        counts = np.bincount(place, minlength=stretches * units).reshape(stretches, units)[:-1]
        counts[0] += self.starts[:-1]
        for before, here in pairwise(counts):
            here += before
        return counts


def _clipped(day: int) -> int:
    return max(day, FIRST_DAY)
