"""Rows of a log put into threads: those of one unit that share a code, a case or a contract, in time order.

Rows of one instant have no order in the lake. Here they get one that hangs on what they say and on
nothing else: by the rank of their kind, then by their columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenure.pipelines.history.log import Ints, Log, Mask, running_total


@dataclass(frozen=True)
class Threads:
    """The rows of `log` in the order unit, thread, time, rank.

    Every array here and every answer is in that order: a *place* is a row's number in it, and
    `order` holds the row of the log at each place. `head` is the first place of each place's
    thread. Answers about a place hang on its own thread only; those of `last_before` and
    `count_before` on the places before it.
    """

    log: Log
    order: Ints
    head: Ints

    @classmethod
    def of(cls, log: Log, thread: Ints, *, rank: Ints, ties: Sequence[str] = ()) -> Threads:
        """Put rows into threads; `thread` is a code for each row, `ties` are columns that order equal ranks."""
        codes = int(thread.max(initial=-1)) + 2
        key = log.unit_of_row() * codes + thread + 1
        order = np.argsort(key, kind="stable")  # the rows of a log stand in the order of unit and time
        key, time = key[order], log.time[order]
        fresh = np.ones(len(key), dtype=bool)
        fresh[1:] = key[1:] != key[:-1]
        return cls(log, _untied(log, order, fresh, time, rank, ties), _latest(fresh))

    def __len__(self) -> int:
        return len(self.order)

    @property
    def time(self) -> Ints:
        """When the row at each place happened."""
        return self.log.time[self.order]

    def column(self, name: str) -> Ints:
        """A column of the log."""
        return self.log.values[name][self.order]

    def first(self) -> Mask:
        """The first place of every thread."""
        return self.head == np.arange(len(self))

    def last_before(self, mask: Mask) -> Ints:
        """The latest place of the thread before each place where `mask` holds, -1 where there is none."""
        found = np.concatenate([[-1], _latest(mask, missing=-1)[:-1]])[: len(self)]
        return np.where(found >= self.head, found, -1)

    def next_after(self, mask: Mask) -> Ints:
        """The earliest place of the thread after each place where `mask` holds, -1 where there is none."""
        places = np.where(mask, np.arange(len(self)), len(self))
        found = np.concatenate([np.minimum.accumulate(places[::-1])[::-1][1:], [len(self)]])[: len(self)]
        padded = np.concatenate([self.head, [-1]])
        return np.where(padded[found] == self.head, found, -1)

    def count_before(self, mask: Mask) -> Ints:
        """How many earlier places of the thread there are where `mask` holds."""
        total = running_total(mask)
        return total[:-1] - total[self.head]

    def in_rows(self, values: Ints) -> Ints:
        """Values of the places, in the order of the log's rows."""
        found = np.empty_like(values)
        found[self.order] = values
        return found


def _latest(mask: Mask, *, missing: int = 0) -> Ints:
    """For each place the latest one up to it where `mask` holds."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), missing))


def _untied(log: Log, order: Ints, fresh: Mask, time: Ints, rank: Ints, ties: Sequence[str]) -> Ints:
    """`order` with the rows of one thread and one instant sorted by rank and columns."""
    new = fresh.copy()
    new[1:] |= time[1:] != time[:-1]
    alone = new & np.append(new[1:], True)
    places = np.flatnonzero(~alone)
    if not len(places):
        return order
    rows = order[places]
    columns = [log.values[name][rows] for name in reversed(ties) if name in log.values]
    sorted_ = order.copy()
    sorted_[places] = rows[np.lexsort((*columns, rank[rows], np.cumsum(new)[places]))]
    return sorted_
