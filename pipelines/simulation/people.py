"""Who lives in a world: what each customer was given for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tenure.pipelines.simulation.draws import Draws, Floats, Ints
from tenure.pipelines.simulation.parameters import Parameters

YEAR = 364
"""Days of a contract year: contracts renew on the same weekday."""

IN_STOCK = 0.5
"""The share of customers who are there when the records begin; the others come while they are kept."""

LONGEST = 4 * YEAR
"""Days since which the first of them have been there."""


class Plan(NamedTuple):
    """What can be bought, and its price a month."""

    name: str
    price: float
    share: float


PLANS = (Plan("Basic", 12.0, 0.5), Plan("Plus", 25.0, 0.35), Plan("Pro", 49.0, 0.15))
SEGMENTS = ("home", "small business", "company")
SEGMENT_SHARES = (0.7, 0.22, 0.08)
LANGUAGES = ("en", "pl", "bg", "hi")
LANGUAGE_SHARES = (0.4, 0.25, 0.2, 0.15)


@dataclass(frozen=True)
class People:
    """A row for each customer, in the order of their numbers.

    `signed` is the day of the contract, counted from the first day of the records; `usual_use` the times a week the
    product is used at first; `troubled` how often the customer opens cases, against the mean; `seats` how many places
    are paid for; `hidden` and `responsive` are standard normal and seen by nobody; `patience` is the sum of hazards
    at which the customer leaves, exponential with mean 1.
    """

    signed: Ints
    plan: Ints
    segment: Ints
    language: Ints
    consent: Ints
    seats: Floats
    usual_use: Floats
    troubled: Floats
    hidden: Floats
    responsive: Floats
    patience: Floats

    @classmethod
    def born(cls, parameters: Parameters, draws: Draws, *, days: int) -> People:
        """The customers of a world whose records are to hold `days` days."""
        when, stock = draws.uniform("signed"), draws.uniform("in stock") < IN_STOCK
        before = -np.ceil(when * LONGEST).astype(np.int64)
        return cls(
            signed=np.where(stock, before, np.floor(when * days).astype(np.int64)),
            plan=draws.chosen("plan", tuple(plan.share for plan in PLANS)),
            segment=draws.chosen("segment", SEGMENT_SHARES),
            language=draws.chosen("language", LANGUAGE_SHARES),
            consent=(draws.uniform("consent") < 0.85).astype(np.int64),
            seats=np.exp(parameters.value_spread * draws.normal("seats")),
            usual_use=np.exp(1.5 + 0.5 * draws.normal("usual use")),
            troubled=-np.log1p(-draws.uniform("troubled")),
            hidden=draws.normal("hidden"),
            responsive=draws.normal("responsive"),
            patience=-np.log1p(-draws.uniform("patience")),
        )

    def __len__(self) -> int:
        return len(self.signed)


def customer_id(number: int) -> str:
    """What a customer is called.

    >>> customer_id(42)
    'c0000042'
    """
    return f"c{number:07d}"
