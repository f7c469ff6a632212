"""Reading a bucket as far as it is needed: the histories of some customers, and of those they share contracts with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from tenure.pipelines.examples.roster import Prints, Roster
from tenure.pipelines.examples.sample import in_sample
from tenure.pipelines.examples.task import Task
from tenure.pipelines.history.history import History, View
from tenure.pipelines.lake.people import People


@dataclass
class Reading:
    """The part of a bucket that has been read so far."""

    task: Task
    bucket: int
    people: People
    _held: tuple[History, Roster] | None = field(default=None, init=False)

    def sample(self) -> Prints:
        """The prints of the customers who belong to the task's sample."""
        return self.people.prints[in_sample(self.people.ids, self.task.sample)]

    def history(self, customers: Prints) -> tuple[History, Roster]:
        """A history of at least these customers, and its roster; read again only where more are needed."""
        if self._held is None or len(np.setdiff1d(customers, self._held[1].customers)):
            chosen = np.isin(self.people.prints, customers)
            if self._held is not None:
                chosen |= np.isin(self.people.prints, self._held[1].customers)
            if (chosen & self.people.share).any():
                chosen |= self.people.share
            self._held = None  # the old one need not stay while the new one is read
            history = self.task.recipe.read(self.bucket, None if chosen.all() else set(self.people.ids[chosen]))
            history = history.expecting(sorted(self.task.cutoffs, reverse=True))
            self._held = history, Roster.of(history, self.people, np.unique(self.people.prints[chosen]))
        return self._held


def views(task: Task, bucket: int, days: Sequence[dt.date]) -> Callable[[dt.date], View]:
    """The views of everybody in a bucket, to be asked for in the order of `days`; read when the first one is."""
    history = cache(lambda: task.recipe.read(bucket).expecting(days))
    return cache(lambda day: history().as_of(day))
