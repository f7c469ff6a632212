"""What a contact is expected to earn, what it then earned, and in which order contacts are worth making."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenure.models.odds import Floats


@dataclass(frozen=True)
class Terms:
    """What a contact costs and may save, in one currency.

    Whoever would leave is kept in `save_rate` of the cases. An offer costs `offer_cost` where it is taken: by whoever
    is kept, and by `stayers_accept` of those who would have stayed anyway. Every contact costs `contact_cost`.
    """

    save_rate: float
    contact_cost: float
    offer_cost: float = 0.0
    stayers_accept: float = 1.0


@dataclass(frozen=True)
class Stakes:
    """What is lost with each unit (one value a row), under which terms, and how many of them can be contacted."""

    values: ArrayLike
    terms: Terms
    capacity: float


def expected_profit(
    probabilities: ArrayLike, values: ArrayLike, *, terms: Terms, effects: ArrayLike | None = None
) -> Floats:
    """What contacting each unit is expected to bring: `p*s*(v - o) - (1 - p)*a*o - c`.

    This is the profit of a retention campaign of Neslin et al. (2006, "Defection Detection", Journal of Marketing
    Research 43(2), equation 1), a unit at a time and without its fixed cost, as in Verbeke et al. (2012, "New insights
    into churn prediction", European Journal of Operational Research 218(1)). Those who would have stayed take the
    offer in the share `a`, where Neslin et al. have all of them. `effects`, where they were measured, are by how much
    a contact lowers each probability, and stand in the place of `p*s`; one may be negative.

    >>> expected_profit([0.5, 0.02], [100.0, 100.0], terms=Terms(save_rate=0.1, contact_cost=1.0)).tolist()
    [4.0, -0.8]
    """
    risk, lost = np.asarray(probabilities, dtype=np.float64), np.asarray(values, dtype=np.float64)
    saved = risk * terms.save_rate if effects is None else np.asarray(effects, dtype=np.float64)
    given_away = (1.0 - risk) * terms.stayers_accept * terms.offer_cost
    return np.asarray(saved * (lost - terms.offer_cost) - given_away - terms.contact_cost, dtype=np.float64)


def realised_profit(left: ArrayLike, values: ArrayLike, *, terms: Terms) -> Floats:
    """What contacting each unit would have brought, known who was to leave (1) and who was not (0).

    It is the expected profit with what happened in the place of the probability: that a contact keeps `save_rate` of
    those who would leave stays assumed.

    >>> realised_profit([1, 0], [100.0, 100.0], terms=Terms(save_rate=0.1, contact_cost=1.0, offer_cost=20.0)).tolist()
    [7.0, -21.0]
    """
    return expected_profit(left, values, terms=terms)


def places(gains: ArrayLike, contactable: ArrayLike) -> NDArray[np.int64]:
    """The place of each unit in the order of contacts, 1 for the highest gain; 0 for whom no contact is worth making.

    Rows of equal gain keep their order.

    >>> places([2.0, 5.0, -1.0, 9.0], [True, True, True, False]).tolist()
    [2, 1, 0, 0]
    """
    gain = np.asarray(gains, dtype=np.float64)
    wanted = np.asarray(contactable, dtype=bool) & (gain > 0.0)  # a gain that is NaN is not above 0
    found = np.zeros(len(gain), dtype=np.int64)
    chosen = np.flatnonzero(wanted)
    found[chosen[np.argsort(-gain[chosen], kind="stable")]] = np.arange(1, len(chosen) + 1)
    return found


@dataclass(frozen=True)
class Earnings:
    """What one ranking earns: the rows worth contacting, the highest expected profit first, cut into groups of ties.

    `order` are their places among all rows, `realised` what each brought.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    realised: Floats
    capacity: float

    def at_capacity(self, weights: Floats) -> Floats:
        """The realised profit of the first `capacity` contacts; fewer where nobody else is worth one.

        `weights` are replicates x rows, in the order of the rows that were handed in. Rows of equal expected profit
        share what they would bring on average over their orders.
        """
        if not len(self.order):
            return np.zeros(len(weights))
        chosen = weights[:, self.order]
        mass = np.add.reduceat(chosen, self.starts, axis=1)
        earned = np.add.reduceat(chosen * self.realised, self.starts, axis=1)
        before = np.cumsum(mass, axis=1) - mass
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.clip((self.capacity - before) / mass, 0.0, 1.0)
        return np.asarray(np.where(mass > 0.0, earned * part, 0.0).sum(axis=1), dtype=np.float64)


def earnings(labels: ArrayLike, probabilities: ArrayLike, stakes: Stakes) -> Earnings:
    """Rank by expected profit, and look up what each contact then brought.

    >>> stakes = Stakes([100.0, 900.0, 100.0], Terms(save_rate=0.1, contact_cost=1.0), capacity=1)
    >>> found = earnings([1, 0, 1], [0.9, 0.2, 0.001], stakes)
    >>> found.order.tolist(), found.at_capacity(np.ones((1, 3))).tolist()
    ([1, 0], [-1.0])
    """
    gains = expected_profit(probabilities, stakes.values, terms=stakes.terms)
    order = np.argsort(-gains, kind="stable")
    order = order[: int(np.count_nonzero(gains > 0.0))]
    ranked = gains[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.empty(0, dtype=np.int64)
    realised = realised_profit(labels, stakes.values, terms=stakes.terms)[order]
    return Earnings(order, starts, realised, stakes.capacity)
