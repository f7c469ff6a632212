"""Self-service of some units: what they looked for themselves, and whether they turned to us all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tenure.pipelines.calendar import DAY
from tenure.pipelines.history.cases import dated_log
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FIXED_POINT, Log, Mask
from tenure.pipelines.history.threads import Threads

SEARCHES = ("help_searched", "help_search_failed")
USES = ("self_service", "help_viewed", *SEARCHES)
"""Kinds by which customers help themselves."""

CONTACT = "contact_opened"


def helping_of(view: View) -> Helping:
    """The self-service of a view's history in its knowledge; worked out once where all was known in time."""
    history = view.history
    codes = [history.kinds.index(kind) for kind in (*USES, CONTACT) if kind in history.kinds]
    log = view.select("helping", lambda rows: np.isin(rows.values["kind"], codes))
    return log.once("helping", lambda: Helping(log, kinds=history.kinds, directions=history.directions))


class Helping:
    """Uses of self-service and contacts of the customer, put in time order."""

    def __init__(self, log: Log, *, kinds: Sequence[str], directions: Sequence[str]) -> None:
        self.log, self._kinds = log, kinds
        self._outbound = directions.index("outbound") if "outbound" in directions else -2
        rank = (log.values["kind"] == self._code(CONTACT)).astype(np.int64)  # of one instant the use comes first
        self._threads = Threads.of(log, np.zeros(len(log), dtype=np.int64), rank=rank)

    @cached_property
    def rows(self) -> Log:
        """Uses and contacts. Columns (1 or 0): `used`, `searched`, `failed`, `contact`, and `before`, not given
        for uses: whether the customer had used self-service in the 24 hours before the contact.
        """
        threads = self._threads
        found = {
            "used": self._used,
            "searched": self._is(*SEARCHES),
            "failed": self._is("help_search_failed"),
            "contact": self._contact,
            "before": self._contact & self._tried,
        }
        values = {name: threads.in_rows(mask * FIXED_POINT) for name, mask in found.items()}
        return replace(self.log, values=values, _derived={})

    @cached_property
    def settled(self) -> Log:
        """Uses of self-service, each known a day later. Column `alone`: 1 where no contact had followed by then."""
        threads = self._threads
        contact = threads.next_after(self._contact)
        followed = (contact >= 0) & (threads.time[contact] < threads.time + DAY)
        places = np.flatnonzero(self._used)
        unit = self.log.unit_of_row()[threads.order[places]]
        found = dated_log(self.log, unit, threads.time[places] + DAY, {"alone": ~followed[places] * FIXED_POINT})
        return replace(found, gaps=tuple((start, end + DAY) for start, end in self.log.gaps), _derived={})

    @cached_property
    def _used(self) -> Mask:
        return self._is(*USES)

    @cached_property
    def _contact(self) -> Mask:
        return self._is(CONTACT) & (self._threads.column("direction") != self._outbound)

    @property
    def _tried(self) -> Mask:
        last = self._threads.last_before(self._used)
        found: Mask = (last >= 0) & (self._threads.time - self._threads.time[last] < DAY)
        return found

    def _is(self, *names: str) -> Mask:
        return np.isin(self._threads.column("kind"), [self._code(name) for name in names])

    def _code(self, kind: str) -> int:
        return self._kinds.index(kind) if kind in self._kinds else -2
