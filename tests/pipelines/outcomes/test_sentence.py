"""The definition that is said with every answer."""

from __future__ import annotations

from tenure.pipelines.outcomes.sentence import definition, happens
from tenure.pipelines.settings.outcome import Cancellation, Eligible, Expression


def test_a_cancellation_says_lead_cause_and_eligible_contracts() -> None:
    outcome = Cancellation(
        type="cancellation", unit="contract", lead_days=3, horizon_days=7, cause="voluntary",
        eligible=Eligible(contract_from_day=7, contract_to_day=240),
    )  # fmt: skip
    assert definition("churn", outcome) == (
        "churn: the contract ends by the customer's wish in the 7 days from 3 days after the date, "
        "among open contracts between contract day 7 and 240"
    )


def test_an_expression_is_quoted() -> None:
    outcome = Expression(type="expression", horizon_days=5, where="count(*) = 0")
    assert definition("odd", outcome) == (
        "odd: the condition (count(*) = 0) holds in the 5 days from the date, among all customers seen before it"
    )
    assert happens(outcome) == "meet the condition within 5 days"
