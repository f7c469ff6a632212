"""`History`: the interactions and profiles of some units, sorted once, viewed as of any date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.history.log import Ints, Log, Mask
from tenure.pipelines.history.past import Past
from tenure.pipelines.history.positions import Plan
from tenure.pipelines.history.spells import Spells
from tenure.pipelines.text.texts import Texts


@dataclass(frozen=True)
class History:
    """Everything about some units (customers or contracts), sorted by unit and time.

    `rows` are the unit's own interactions; its column `kind` holds codes into `kinds`, likewise
    `channel` into `channels`, `direction` into `directions` and `reason` into `reasons`.
    `words` are those of further coded columns (`agent_id` and the like) by name.
    `contracts` are the contract events of the unit's person over all their contracts; column
    `own` is 1 for those of the unit itself. `profiles` has a log a name: column `value` is a
    fixed-point number or a code into `levels`. Where messages are read, column `text` of `rows` is the
    place in `texts`, -1 where there is nothing to read.
    """

    calendar: Calendar
    unit_ids: NDArray[np.object_]
    customer_ids: NDArray[np.object_]
    kinds: tuple[str, ...]
    channels: tuple[str, ...]
    directions: tuple[str, ...]
    reasons: tuple[str, ...]
    rows: Log
    contracts: Log
    profiles: Mapping[str, Log]
    levels: Mapping[str, tuple[str, ...]]
    gaps: Mapping[str, tuple[tuple[int, int], ...]]
    observed_from: int
    texts: Texts = field(default_factory=Texts)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.unit_ids)

    def expecting(self, cutoffs: Iterable[dt.date]) -> History:
        """The same history, made ready to be viewed at dates in the order given: the same values, found sooner."""
        plan = Plan.of(cutoffs)
        profiles = {name: log.planned(plan) for name, log in self.profiles.items()}
        return replace(self, rows=self.rows.planned(plan), contracts=self.contracts.planned(plan), profiles=profiles)

    def as_of(self, as_of: dt.date, units: Ints | None = None) -> View:
        """What was known as of the midnight at which `as_of` begins, for all units or some."""
        chosen = np.arange(len(self)) if units is None else units
        return View(self, as_of, chosen)

    def kind_log(self, *names: str) -> Log:
        """The rows of one kind or of several together."""
        codes = [self.kinds.index(n) for n in names if n in self.kinds]
        log = self.rows.where(("kind", names), lambda: _among(self.rows.values["kind"], codes))
        return log.with_gaps(self.gaps_of(names))

    def observed(self, log: Log) -> Mask:
        """Which rows of a log lie outside the declared gaps of their kind: what a state may be built from."""
        found = np.ones(len(log), dtype=bool)
        for kind, gaps in self.gaps.items():
            if kind in self.kinds:
                of_kind = log.values["kind"] == self.kinds.index(kind)
                for start, end in gaps:
                    found &= ~(of_kind & (log.time >= start) & (log.time < end))
        return found

    def gaps_of(self, kinds: Iterable[str]) -> tuple[tuple[int, int], ...]:
        """The stretches without data of any of the kinds."""
        return tuple(sorted({gap for kind in kinds for gap in self.gaps.get(kind, ())}))


@dataclass(frozen=True)
class View:
    """The past of the units at `units`, as of a date: all that a feature is handed."""

    history: History
    as_of: dt.date
    units: Ints
    _pasts: dict[int, Past] = field(default_factory=dict, repr=False, compare=False)

    @property
    def any(self) -> Past:
        """All interactions."""
        return self._past(self.history.rows)

    @property
    def named(self) -> Past:
        """The interactions that name the unit itself: of a contract those with its id, of a customer all."""
        rows = self.history.rows
        if "named" not in rows.values:
            return self.any
        return self._past(rows.where("named", lambda: rows.values["named"] == 1))

    def kind(self, *names: str) -> Past:
        """The interactions of one kind, or of several together."""
        return self._past(self.history.kind_log(*names))

    def channel(self, name: str) -> Past:
        """The interactions over one channel."""
        history = self.history
        code = history.channels.index(name) if name in history.channels else -2  # -1 is a row without a channel
        return self._past(history.rows.where(("channel", name), lambda: history.rows.values["channel"] == code))

    def contract_events(self, *names: str, own: bool = True) -> Past:
        """Signups, renewals, notices and the like: of this contract, or of the person's other ones."""
        log, kinds = self.history.contracts, self.history.kinds
        codes = [kinds.index(n) for n in names if n in kinds]

        def mask() -> NDArray[np.bool_]:
            return _among(log.values["kind"], codes) & (log.values["own"] == int(own))

        return self._past(log.where((names, own), mask).with_gaps(self.history.gaps_of(names)))

    def select(self, name: object, mask: Callable[[Log], Mask], log: Log | None = None) -> Log:
        """The rows for which `mask` holds, as far as usable as of the date, to work dated facts out of.

        Rows that happened later stay, and are the same for other dates where all was known in
        time: what is worked out must say nothing of an instant that hangs on rows after it, and
        end before the date (`past`, `spells`). Rows inside a gap of their kind are left out.
        """
        every = self.history.rows if log is None else log
        chosen = every.where(("select", name), lambda: mask(every) & self.history.observed(every))
        return chosen.usable_at(self.history.calendar.midnight(self.as_of))

    def past(self, log: Log) -> Past:
        """The past of dated facts."""
        return self._past(log)

    def spells(self, log: Log) -> Spells:
        """The past of spells."""
        return Spells(log, self.as_of, self.units, self._first if log.gaps else None)

    def profile(self, name: str) -> Past | None:
        """The dated values of one profile name, or None where nobody has it."""
        log = self.history.profiles.get(name)
        return None if log is None else self._past(log)

    @property
    def observed_days(self) -> float:
        """For how many calendar days before `as_of` there is any data at all."""
        return float((self.as_of - self.history.calendar.date_of(self.history.observed_from)).days)

    def observes(self, days: int) -> bool:
        """Whether the data reach back far enough for a window of `days` days (a day of grace)."""
        return self.observed_days >= days - 1

    def scale(self, days: int) -> float:
        """What a total over `days` days is multiplied by where the data do not reach back that far.

        1 in the usual case; else the total is scaled up, so that it means the same at every date.
        """
        return days / min(float(days), max(self.observed_days, 1.0))

    def _past(self, log: Log) -> Past:
        """The past of a log, the same object at every call, so that families share its positions."""
        usable = log.usable_at(self.history.calendar.midnight(self.as_of))
        if id(usable) not in self._pasts:
            self._pasts[id(usable)] = Past(usable, self.as_of, self.units, self._first if log.gaps else None)
        return self._pasts[id(usable)]

    @cached_property
    def _first(self) -> Ints:
        """When each unit was first seen."""
        rows = self.history.rows.usable_at(self.history.calendar.midnight(self.as_of))
        return Past(rows, self.as_of, self.units).first_instant()


def _among(column: Ints, codes: list[int]) -> Mask:
    return column == codes[0] if len(codes) == 1 else np.isin(column, codes)
