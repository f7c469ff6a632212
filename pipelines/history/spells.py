"""Spells: what had begun and was not over as of a date."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from tenure.pipelines.history.log import Ints
from tenure.pipelines.history.past import Past, Values


class Spells(Past):
    """The past of a log whose rows begin spells; the instant at which each ends lies in column `end`.

    A spell that ends at the date or later is not over yet.
    """

    def still(self, days: int | None = None) -> Values:
        """How many spells are not over, of those that began in the last `days` days (None: ever)."""
        rows, owner = self._still
        if days is not None:
            recent = rows >= self._since(days)[owner]
            owner = owner[recent]
        return self._over(np.bincount(owner, minlength=len(self.units)).astype(np.float64), days)

    def days_of_oldest(self) -> Values:
        """Calendar days since the oldest spell began that is not over."""
        rows, owner = self._still
        return self._days(rows, owner, np.diff(owner, prepend=-1) > 0)

    def days_of_latest(self) -> Values:
        """Calendar days since the latest spell began that is not over."""
        rows, owner = self._still
        return self._days(rows, owner, np.diff(owner, append=len(self.units)) > 0)

    def _days(self, rows: Ints, owner: Ints, chosen: np.ndarray) -> Values:
        found = np.full(len(self.units), np.nan)
        found[owner[chosen]] = self._today - self.log.day[rows[chosen]]
        return self._over(found)

    @cached_property
    def _still(self) -> tuple[Ints, Ints]:
        """The rows of spells that are not over, and the place in `units` of each."""
        rows, _, owner = self._ages
        open_ = self.log.values["end"][rows] >= self._now
        return rows[open_], owner[open_]
