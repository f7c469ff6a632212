"""The answers of the API, as objects."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tenure.serving.scorer import Reason, Status

Band = Literal["low", "medium", "high", "critical"]


class Answer(BaseModel):
    """The base of all answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Provenance(Answer):
    """What was asked, of which data and by which model: part of every answer."""

    outcome: str
    definition: str = Field(description="the outcome in a sentence")
    as_of: dt.date = Field(description="the local midnight up to which history was looked at")
    scored_at: dt.datetime
    model_version: str
    stale: bool = Field(description="true when newer scores are due and these are served until they exist")


class Risk(Answer):
    """A calibrated probability in three forms, and why; a status without a score has only words."""

    status: Status
    probability: float | None = Field(ge=0, le=1)
    probability_low: float | None = Field(None, ge=0, le=1, description="from where it may be; null: not known")
    probability_high: float | None = Field(None, ge=0, le=1, description="to where it may be, nine times of ten")
    low_confidence: bool | None = Field(None, description="true where it may as well be much lower or higher")
    band: Band | None
    in_words: str = Field(description="such as 'High: about 40 of 100 leave within 28 days'")
    reasons: list[Reason]


class UnitRisk(Risk):
    """The risk of one unit: a customer, or a contract of one."""

    unit_id: str


class CustomerRisk(Risk):
    """A customer's risk is that of the riskiest unit; `units` has all of them, riskiest first."""

    customer_id: str
    units: list[UnitRisk]


class Change(Answer):
    """What became of a probability since the score before, and why; parts are of the probability, signed."""

    since: dt.date
    before: float = Field(ge=0, le=1)
    passing_time: float | None = Field(None, description="by time alone; null where it cannot be told apart")
    customer: float | None = Field(None, description="by what happened since")
    new_model: bool = Field(False, description="another model scores since then")
    in_words: str


class RiskAnswer(CustomerRisk, Provenance):
    """The answer of `GET /v1/customers/{id}/risk`."""

    changed: Change | None = Field(
        None, description="where it is known what was said before: in the set before, or before what happened since"
    )


class DeliveryAnswer(Answer):
    """The answer of `POST /v1/interactions`."""

    source: str
    accepted: int = Field(ge=0, description="rows that were new")
    duplicates: int = Field(ge=0, description="rows that were known already")
    suppressed: int = Field(0, ge=0, description="rows of people who were erased, which are not kept")


class HookAnswer(Answer):
    """The answer of `POST /hooks/...`; the same however often a delivery is sent."""

    source: str
    kept: bool = Field(description="false where the record means nothing here, which is no mistake")


class ListedUnit(UnitRisk):
    """A row of the at-risk list; rank 1 is the highest risk."""

    customer_id: str
    rank: int = Field(ge=1)
    held_out: bool = Field(description="true for whoever must not be contacted on one's own account")
    value: float | None = Field(None, ge=0, description="what is lost with the customer, in the project's currency")
    expected_profit: float | None = Field(None, description="what a contact is expected to bring, its cost taken off")
    contact: str | None = Field(None, description="'allowed', or the cause for which the customer is not contacted")


class AtRiskAnswer(Provenance):
    """The answer of `GET /v1/at-risk`: one page of the list."""

    verdict: str
    total: int = Field(ge=0, description="units in the whole list")
    held_out: int = Field(ge=0, description="units that are left out, or marked, because they are held out")
    held_out_until: dt.date | None = Field(description="the day of the next draw; null before the first")
    limit: int
    offset: int
    rows: list[ListedUnit]


class ScoreAnswer(Provenance):
    """The answer of `POST /v1/score`, customers in the order of the request."""

    customers: list[CustomerRisk]


class ActionsAnswer(Answer):
    """The answer of `POST /v1/actions`."""

    accepted: int = Field(ge=0, description="actions that were new")
    duplicates: int = Field(ge=0, description="actions that were known already")
    contaminated: list[str] = Field(
        description="ids of new actions with people of the hold-out: they are kept, and blur what can be said of saves"
    )


class Alive(Answer):
    """The answer of `GET /healthz`."""

    status: Literal["alive"] = "alive"


class Ready(Answer):
    """The answer of `GET /readyz`."""

    status: Literal["ready"] = "ready"
    outcome: str
    as_of: dt.date
    model_version: str
