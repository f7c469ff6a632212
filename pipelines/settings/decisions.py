"""From a risk to a decision: what a contact costs and may save, who may be contacted, and who is held out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tenure.pipelines.settings.frozen import Frozen, Name

LONGEST = 1_000
"""Characters of an expression."""

Condition = Annotated[str, Field(min_length=1, max_length=LONGEST)]
"""A condition in SQL over the columns of the customer table: profile names, and facts such as `open_cases`."""

Conditions = dict[Name, Condition]
"""Conditions by the cause they stand for, under which they are counted."""

HOURS_A_YEAR = 2_080
"""Fifty-two weeks of forty hours."""

AGENT_HOUR = 36_920 / HOURS_A_YEAR
"""What an hour of a support agent costs: the US median pay of customer service representatives in 2021, in dollars
(Bureau of Labor Statistics, Occupational Outlook Handbook)."""

CONTACT_COST = round(AGENT_HOUR / 3, 2)
"""Twenty minutes of it: looking up the customer, the call, and the note."""


def _amount(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if not number and not (isinstance(value, str) and 0 < len(value) <= LONGEST):
        raise ValueError(f"expected a number of 0 or more, or an SQL expression of at most {LONGEST:,} characters")
    return value


class Economics(Frozen):
    """`[economics]`: what a contact costs and may save, in the project's currency; assumed, until it was measured.

    `capacity` contacts can be made in a campaign period of `period_days`. `value` is what is lost with a customer:
    a figure, or an expression over the customer table. Whoever would leave is kept by a contact in `save_rate` of the
    cases. An offer costs `offer_cost` wherever it is taken: by whoever is kept, and by `stayers_accept` of those who
    would have stayed anyway. Contacts are ranked by what is `best`: by their measured effect where `tenure uplift`
    found that people can be told apart by it, else by risk; or always by `risk`.
    """

    capacity: int = Field(50, ge=1)
    period_days: int = Field(28, ge=1, le=364)
    value: Annotated[float | str, BeforeValidator(_amount)] = 100.0
    contact_cost: float = Field(CONTACT_COST, ge=0)
    offer_cost: float = Field(0.0, ge=0)
    stayers_accept: float = Field(1.0, ge=0, le=1)
    save_rate: float = Field(0.1, ge=0, le=1)
    rank_by: Literal["best", "risk"] = "best"


class HoldOut(Frozen):
    """`[hold_out]`: the share of people whom nobody contacts in a campaign period, so that saves can be measured.

    They are drawn at random, by person, before anybody sees a list. `never` are conditions, by cause, under which
    somebody is never held out, such as key accounts; they do not count for what was saved either.
    """

    share: float = Field(0.1, ge=0, le=0.5)
    never: Conditions = Field(default_factory=dict)


class Contact(Frozen):
    """`[contact]`: who may be contacted on our own account.

    `allowed` are conditions, by cause, all of which must hold, such as `consent = "marketing = 'yes'"`; nobody is
    contacted again within `every_days`.
    """

    allowed: Conditions = Field(default_factory=dict)
    every_days: int = Field(14, ge=0)
