"""Histories in a request: strict, bounded, and every instant with its offset from UTC."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

EARLIEST, LATEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
MAX_CUSTOMERS = 100
MAX_ROWS = 10_000

Channel = Literal[
    "phone",
    "email",
    "chat",
    "sms",
    "social",
    "letter",
    "fax",
    "in_person",
    "video",
    "web",
    "app",
    "portal",
    "bot",
]


class Strict(BaseModel):
    """A part of a request: unknown fields, wrong types, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _instant(value: object) -> dt.datetime:
    if not isinstance(value, str):
        raise ValueError("expected a time such as '2026-01-31T09:30:00Z'")
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value[:40]!r} is not a time such as '2026-01-31T09:30:00Z'") from None
    if moment.tzinfo is None:
        raise ValueError(f"{value[:40]!r} has no offset from UTC; write it as '2026-01-31T09:30:00Z'")
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"{value[:40]!r} is not between 1900 and 2200")
    return moment.astimezone(dt.UTC)


def _date(value: object) -> dt.date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("expected a date such as '2026-01-31'")
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a date such as '2026-01-31'") from None
    if not EARLIEST.date() < day < LATEST.date():
        raise ValueError(f"{value!r} is not between 1900 and 2200")
    return day


Instant = Annotated[dt.datetime, BeforeValidator(_instant)]
Day = Annotated[dt.date, BeforeValidator(_date)]


def _plain(value: str) -> str:
    if (
        value != value.strip()
        or "\0" in value
        or (not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value))
    ):
        raise ValueError("an id or kind has no spaces around it, no NUL, and no half of a surrogate pair")
    return value


Identifier = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
Number = Annotated[float, Field(ge=-1e12, le=1e12)]
Seconds = Annotated[float, Field(ge=0, le=1e9)]


class Interaction(Strict):
    """One row of history. Rows at or after `as_of`, or not known by then, are not looked at."""

    interaction_id: Identifier | None = None
    contract_id: Identifier | None = None
    occurred_at: Instant
    known_at: Instant | None = Field(None, description="when it could be known; left out: when it happened")
    due_at: Instant | None = None
    kind: Identifier
    channel: Channel | None = None
    direction: Literal["inbound", "outbound"] | None = None
    case_id: Identifier | None = None
    agent_id: Identifier | None = None
    team_id: Identifier | None = None
    product_id: Identifier | None = None
    amount: Number | None = None
    wait_seconds: Seconds | None = None
    handle_seconds: Seconds | None = None
    rating: Annotated[float, Field(ge=0, le=1)] | None = None
    text: Annotated[str, StringConstraints(max_length=20_000)] | None = None
    attributes: dict[str, str] | None = Field(None, max_length=100)


class ProfileFact(Strict):
    """A dated fact about a customer or a contract."""

    contract_id: Identifier | None = None
    name: Identifier
    value: Annotated[str, StringConstraints(max_length=2_000)]
    occurred_at: Instant
    known_at: Instant | None = None


class History(Strict):
    """What is known of one customer."""

    customer_id: Identifier
    interactions: list[Interaction] = Field(max_length=MAX_ROWS)
    profiles: list[ProfileFact] = Field(default_factory=list, max_length=MAX_ROWS)


class ScoreRequest(Strict):
    """Histories to be scored as of a midnight in the project's time zone; nothing is stored."""

    as_of: Day
    customers: list[History] = Field(min_length=1, max_length=MAX_CUSTOMERS)

    @model_validator(mode="after")
    def _once_each(self) -> ScoreRequest:
        seen: set[str] = set()
        for history in self.customers:
            if history.customer_id in seen:
                raise ValueError(f"customer {history.customer_id!r} comes twice; put all of a customer's rows together")
            seen.add(history.customer_id)
        return self
