"""Retention contacts: from when until when each moves a hazard, and on which day it is all too much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.pipelines.simulation.draws import Floats, Ints
from tenure.pipelines.simulation.weeks import WEEK


@dataclass(frozen=True)
class Contacts:
    """The latest contact of each customer: the days in which it works, and what it adds to the log-hazard in them."""

    begin: Floats
    end: Floats
    moves: Floats

    @classmethod
    def none(cls, customers: int) -> Contacts:
        """Nobody was contacted."""
        return cls(np.full(customers, np.inf), np.full(customers, np.inf), np.zeros(customers))

    def of(self, rows: Ints) -> Contacts:
        """The same for some of the customers."""
        return Contacts(self.begin[rows], self.end[rows], self.moves[rows])

    def joined(self, rows: Ints, days: Floats, moves: Floats, *, lasting: int) -> Contacts:
        """With further contacts, each in the place of the one before."""
        begin, end, all_moves = self.begin.copy(), self.end.copy(), self.moves.copy()
        begin[rows], end[rows], all_moves[rows] = days, days + lasting, moves
        return Contacts(begin, end, all_moves)

    def pieces(self, start: float) -> tuple[Floats, Floats]:
        """Shares of the week from day `start` at which the contact's time begins and ends."""
        return np.clip((self.begin - start) / WEEK, 0, 1), np.clip((self.end - start) / WEEK, 0, 1)


def hazard_in_week(hazard: Floats, contacts: Contacts, *, start: float) -> Floats:
    """The hazard of a whole week, where a contact works in some of it.

    >>> day = Contacts(np.array([3.5]), np.array([99.0]), np.array([np.log(0.5)]))
    >>> hazard_in_week(np.array([0.4]), day, start=0.0).round(3)
    array([0.3])
    """
    begin, end = contacts.pieces(start)
    return hazard * (1 + (end - begin) * np.expm1(contacts.moves))


def leaving_time(hazard: Floats, contacts: Contacts, *, start: float, rest: Floats) -> tuple[Floats, Floats]:
    """The day within the week from `start` on which the hazards add up to `rest` (infinite where not), and their sum.

    >>> nobody = Contacts.none(2)
    >>> leaving_time(np.array([0.7, 0.7]), nobody, start=14.0, rest=np.array([0.1, 2.0]))[0]
    array([15., inf])
    """
    begin, end = contacts.pieces(start)
    rates = (hazard, hazard * np.exp(contacts.moves), hazard)
    edges = (np.zeros_like(begin), begin, end, np.ones_like(begin))
    day, borne = np.full(len(hazard), np.inf), np.zeros(len(hazard))
    for rate, first, last in zip(rates, edges, edges[1:], strict=False):
        more = rate * (last - first)
        here = np.isinf(day) & (borne + more >= rest) & (more > 0)
        share = first + np.divide(rest - borne, rate, out=np.zeros_like(rest), where=rate > 0)
        day = np.where(here, start + WEEK * np.minimum(share, last), day)
        borne = borne + more
    inside = np.nextafter(start + WEEK, start)
    return np.where(np.isinf(day), day, np.minimum(day, inside)), borne
