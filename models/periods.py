"""The time to an event in parts: what is known of it for every row, and a row for every part that is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.odds import Floats, Mask

Ints = NDArray[np.int64]

DAYS = (7, 14, 28, 56, 91)
"""Within how many days the event is asked for."""


@dataclass(frozen=True)
class Times:
    """When the event happens to some rows, as far as that is known.

    `days` are whole days from the date of the row to the event (0: on its first day), infinite where none is on
    record. Of the first `decided` days it is known whether it happened on them; a row is censored after these.
    """

    days: Floats
    decided: Floats

    @property
    def happened(self) -> Mask:
        """Whether the event is known to have happened."""
        return np.asarray(self.days < self.decided, dtype=np.bool_)

    @property
    def seen(self) -> Floats:
        """For how many days a row is known to have gone without the event."""
        return np.maximum(np.minimum(self.days, self.decided), 0.0)

    def __len__(self) -> int:
        return len(self.days)

    def take(self, rows: NDArray[np.int64] | Mask) -> Times:
        """The times of some of the rows."""
        return Times(self.days[rows], self.decided[rows])


@dataclass(frozen=True)
class Periods:
    """A line for every part of every row, up to that of its event or to the last part that is wholly decided.

    `row` and `part` are places, `event` is 1 where the event happened in that part.
    """

    row: Ints
    part: Ints
    event: Floats


def periods_of(times: Times, edges: Sequence[int]) -> Periods:
    """Cut the times at `edges`; part `p` is the days `[edges[p], edges[p + 1])`.

    A part counts only where all its days are decided, whether the event happened in it or not: events of the first
    days of a part alone would make it look dangerous.

    >>> found = periods_of(Times(np.array([9.0, np.inf, 2.0]), np.array([14.0, 10.0, 3.0])), (0, 7, 14))
    >>> found.row.tolist(), found.part.tolist(), found.event.tolist()
    ([0, 0, 1], [0, 1, 0], [0.0, 1.0, 0.0])
    """
    limits = np.asarray(edges[1:], dtype=np.float64)
    over = np.searchsorted(limits, times.decided, side="right")
    when = np.searchsorted(limits, times.days, side="right")
    happened = when < over
    row, part = person_periods(happened, when, over)
    return Periods(row, part, (happened[row] & (part == when[row])).astype(np.float64))


def person_periods(happened: Mask, when: Ints, parts: Ints | int) -> tuple[Ints, Ints]:
    """The row and the part of each line: a row's parts up to that of its event, or its first `parts` of them.

    (Singer and Willett 1993, It's about time.)

    >>> [found.tolist() for found in person_periods(np.array([True, False]), np.array([1, 0]), 3)]
    [[0, 0, 1, 1, 1], [0, 1, 0, 1, 2]]
    """
    lasts = np.where(happened, when + 1, parts)
    row = np.repeat(np.arange(len(lasts)), lasts)
    part = np.arange(len(row)) - np.repeat(np.cumsum(lasts) - lasts, lasts)
    return row, part


def supported_edges(times: Times, edges: Sequence[int], *, least_rows: int) -> tuple[int, ...]:
    """The edges of the parts in which at least so many rows can be watched; those after the first that fails drop out.

    >>> supported_edges(Times(np.full(3, np.inf), np.array([30.0, 9.0, 9.0])), (0, 7, 14, 28), least_rows=2)
    (0, 7)
    """
    periods = periods_of(times, edges)
    counts = np.bincount(periods.part, minlength=len(edges) - 1)
    enough = int(np.argmin(np.r_[counts >= least_rows, False]))
    return tuple(edges[: enough + 1])
