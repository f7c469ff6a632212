"""The desk of a bucket: gives answers from the cache, works out the missing ones, and keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.cache.store import Place, Store
from tenure.pipelines.examples.answers import Answers
from tenure.pipelines.examples.reading import Reading
from tenure.pipelines.examples.roster import Prints, Roster
from tenure.pipelines.history.history import History

Make = Callable[[History, NDArray[np.int64]], tuple[NDArray[Any], list[Any]]]
"""Works out values (a row a column) for the units at some places of a history, and describes the columns."""


@dataclass(frozen=True)
class Wanted:
    """An answer wanted for some units of the roster: what is there of it, and who is missing."""

    place: Place
    units: NDArray[np.bool_]
    held: Answers | None
    missing: NDArray[np.bool_]
    make: Make

    @property
    def complete(self) -> bool:
        """Whether there is nothing to be worked out; the columns are unknown until somebody has been described."""
        return self.held is not None and not self.missing.any()


@dataclass(frozen=True)
class Desk:
    """`roster` are the units asked about, `current` the prints of all units whose answers are worth keeping."""

    store: Store
    reading: Reading
    roster: Roster
    current: Prints

    def want(self, place: Place, units: NDArray[np.bool_], make: Make) -> Wanted:
        """Look an answer up."""
        held = Answers.read(self.store.get(place))
        missing = units.copy()
        if held is not None:
            missing[units] = ~held.find(self.roster.prints[units])[1]
        return Wanted(place, units, held, missing, make)

    def read_for(self, wanted: Iterable[Wanted]) -> None:
        """Read at once whoever is missing in any of the answers."""
        customers = [self._customers(one.missing) for one in wanted if not one.complete]
        if customers:
            self.reading.history(np.unique(np.concatenate(customers)))

    def answer(self, wanted: Wanted) -> tuple[NDArray[Any], list[Any]]:
        """The values of the wanted units, in the order of the roster, and the description of the columns."""
        held = wanted.held if wanted.complete else self._completed(wanted)
        assert held is not None  # it is complete
        return held.at(self.roster.prints[wanted.units]), held.about

    def _completed(self, wanted: Wanted) -> Answers:
        fresh, held = self._made(wanted, wanted.missing), wanted.held
        if held is not None and held.about != fresh.about:
            # the columns hang on who is described: only described together do they agree
            fresh, held = self._made(wanted, wanted.units), None
        answers = fresh if held is None else held.with_fresh(fresh, self.current)
        self.store.put(wanted.place, answers.block())
        return answers

    def _made(self, wanted: Wanted, units: NDArray[np.bool_]) -> Answers:
        history, read = self.reading.history(self._customers(units))
        places = np.flatnonzero(np.isin(read.prints, self.roster.prints[units]))
        values, about = wanted.make(history, places)
        return Answers.of(read.prints[places], values, about)

    def _customers(self, units: NDArray[np.bool_]) -> Prints:
        """Whom to read; everybody where no unit is wanted but the columns are."""
        return self.roster.of_customer[units] if units.any() else self.roster.customers
