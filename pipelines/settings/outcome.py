"""Outcomes: named, tested label definitions. 1 means that it happened."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from tenure.pipelines.settings.frozen import Frozen, Name, Names

WRITTEN_BY_US = frozenset(
    {
        "message_out",
        "assigned",
        "escalated",
        "resolved",
        "callback_promised",
        "followed_up",
        "survey_sent",
        "bot_handover",
        "campaign_sent",
        "offer_made",
        "price_changed",
        "renewal_due",
    }
)
"""Kinds that the company writes: their absence says nothing about the customer."""


class Eligible(Frozen):
    """For whom the question makes sense as of a date; every condition given must hold.

    `active_days`: at least one row in that many days before `as_of`, of `active_kinds`; left out,
    of the outcome's kinds where it is about a silence or a decline, else of any kind.
    `min_history_days`: first seen at least that long ago. `contract_from_day` and
    `contract_to_day`: days since the contract's start (half-open; the start is `due_at` of
    the signup where it has one). `ever`: anyone seen before.
    """

    active_days: int | None = Field(None, ge=1)
    active_kinds: Names = ()
    min_history_days: int | None = Field(None, ge=0)
    contract_from_day: int | None = None
    contract_to_day: int | None = None
    ever: bool = False


class Outcome(Frozen):
    """The fields every outcome has."""

    unit: Literal["customer", "contract"] = "customer"
    kinds: Names = ()
    eligible: Eligible = Eligible()
    lead_days: int = Field(0, ge=0)
    horizon_days: int = Field(ge=1)
    maturity_days: int = Field(0, ge=0)
    """Usual delay of the kinds: a label exists only that long after its horizon."""


class Inactivity(Outcome):
    """No row of `kinds` in the horizon."""

    type: Literal["inactivity"]
    kinds: Names = Field(min_length=1)

    @model_validator(mode="after")
    def _by_the_customer(self) -> Inactivity:
        refuse_our_own(self.kinds)
        return self


class Decline(Outcome):
    """The horizon's total falls below `below` times the total of as many days before `as_of`."""

    type: Literal["decline"]
    kinds: Names = Field(min_length=1)
    measure: Literal["amount", "count"] = "amount"
    below: float = Field(0.5, gt=0, lt=1)

    @model_validator(mode="after")
    def _by_the_customer(self) -> Decline:
        refuse_our_own(self.kinds)
        return self


class Cancellation(Outcome):
    """An open contract ends in the horizon.

    A contract is open from its `signup` or `renewal` to its `cancellation`; one under notice,
    on trial or gone is not eligible. The `reason` attribute of the cancellation decides
    between voluntary and payment; those in `exclude_reasons` are censored.
    """

    type: Literal["cancellation"]
    kinds: Names = ("cancellation",)
    cause: Literal["voluntary", "payment", "any"] = "any"
    payment_reasons: Names = ("payment", "payment_failed", "non_payment")
    exclude_reasons: Names = ()
    trial_days: int = Field(0, ge=0)


class Dissatisfaction(Outcome):
    """A complaint, a dispute, or a rating at or below `max_rating` in the horizon."""

    type: Literal["dissatisfaction"]
    kinds: Names = ("complaint", "dispute", "survey_answered")
    max_rating: float = Field(0.4, ge=0, le=1)


class Expression(Outcome):
    """A SQL condition over the rows of the horizon, such as `count(*) filter (kind = 'refund') >= 2`."""

    type: Literal["expression"]
    where: str = Field(min_length=3)


AnyOutcome = Annotated[Inactivity | Decline | Cancellation | Dissatisfaction | Expression, Field(discriminator="type")]
Outcomes = dict[Name, AnyOutcome]


def refuse_our_own(kinds: tuple[str, ...]) -> None:
    """Raise when a silence would be measured by rows that the company writes."""
    ours = sorted(set(kinds) & WRITTEN_BY_US)
    if ours:
        raise ValueError(
            f"counts only what the customer does, but {', '.join(ours)} is written by the company; "
            "name kinds such as 'purchase', 'visit' or 'message_in'"
        )
