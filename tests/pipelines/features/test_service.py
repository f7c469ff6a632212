"""Small cases told row by row, and what the families about service make of them; bad ones among them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from histories import OUTCOMES, World, question, told

AS_OF = dt.date(2024, 6, 1)


def features(text: str, unit: str = "a") -> dict[str, Any]:
    """The features of one customer as of 1 June 2024, of rows as `histories.told` reads them."""
    lines = "\n".join(line for line in text.splitlines() if line.strip())
    return dict(World(told(lines), (), AS_OF, question(OUTCOMES["dissatisfaction"])).features().loc[unit])


CASE = """
    a contact_opened 2024-05-01T10:00 case_id=k channel=web
    a assigned       2024-05-01T12:00 case_id=k agent_id=x
    a message_out    2024-05-02T10:00 case_id=k agent_id=x
"""


def test_waits_run_from_the_first_contact_to_whoever_takes_it_and_to_our_first_message() -> None:
    found = features(CASE)
    assert (found["service_queue_hours_mean_91d"], found["service_reply_hours_mean_91d"]) == (2.0, 24.0)
    assert (found["service_open_cases"], found["service_open_days"], found["service_unanswered_count"]) == (1, 31, 0)


def test_a_case_is_followed_as_of_the_date_and_not_as_it_ended() -> None:
    found = features(CASE + "a resolved 2024-06-01 case_id=k")
    assert (found["service_open_cases"], found["service_open_days"]) == (1, 31)
    found = features(CASE + "a resolved 2024-05-31T23:59 case_id=k")
    assert found["service_open_cases"] == 0


def test_a_transfer_after_which_nobody_came_back_is_told_until_somebody_does() -> None:
    passed_on = CASE + "a assigned 2024-05-20 case_id=k agent_id=y\n"
    found = features(passed_on + "a message_out 2024-05-21 case_id=k agent_id=y")
    assert (found["service_transfers_count_28d"], found["service_transfers_left_days_since"]) == (1, 12)
    found = features(passed_on + "a followed_up 2024-05-21 case_id=k agent_id=y")
    assert math.isnan(found["service_transfers_left_days_since"])


def test_a_promised_callback_is_open_then_overdue_then_missed() -> None:
    promise = CASE + "a callback_promised 2024-05-03 case_id=k due=2024-05-10\n"
    found = features(promise)
    assert (found["service_promises_open"], found["service_promises_overdue_days"]) == (1, 22)
    found = features(promise + "a followed_up 2024-05-12 case_id=k")
    assert (found["service_promises_open"], found["service_promises_missed_91d"]) == (0, 1)
    found = features(promise + "a followed_up 2024-05-09 case_id=k")
    assert (found["service_promises_open"], found["service_promises_missed_91d"]) == (0, 0)


def test_first_contact_resolution_is_known_a_week_later() -> None:
    assert math.isnan(features(CASE + "a resolved 2024-05-25 case_id=k")["service_first_contact_share_91d"])
    assert features(CASE + "a resolved 2024-05-24 case_id=k")["service_first_contact_share_91d"] == 1.0
    again = CASE + "a resolved 2024-05-10 case_id=k\na message_in 2024-05-12 case_id=k"
    assert features(again)["service_first_contact_share_91d"] == 0.0


def test_escalated_reopened_and_disputed_are_counted_each() -> None:
    found = features(
        CASE
        + """
        a escalated 2024-05-03 case_id=k
        a escalated 2024-05-04 case_id=k
        a resolved  2024-05-05 case_id=k
        a reopened  2024-05-06 case_id=k
        a dispute   2024-05-07 case_id=k
        """
    )
    assert [found[f"service_{name}_91d"] for name in ("escalated", "reopened", "disputes")] == [1, 1, 1]


def test_a_change_of_channel_inside_a_case_is_counted() -> None:
    assert features(CASE + "a message_in 2024-05-03 case_id=k channel=phone")["service_channel_switches_91d"] == 1


@pytest.mark.parametrize("order", [1, -1])
def test_rows_may_come_in_any_order(order: int) -> None:
    lines = (CASE.strip() + "\na resolved 2024-05-10 case_id=k").splitlines()
    found = features("\n".join(lines[::order]))
    assert found["service_solution_hours_mean_91d"] == 206.0


@pytest.mark.parametrize(
    "inverted",
    [
        "a resolved 2024-05-01 case_id=k\na contact_opened 2024-05-03 case_id=k\na message_out 2024-05-04 case_id=k",
        "a contact_opened 2024-05-01 case_id=k\na resolved 2024-05-02 case_id=k\na message_out 2024-05-04 case_id=k",
    ],
)
def test_a_case_closed_before_it_opened_is_not_trusted(inverted: str) -> None:
    found = features(inverted)
    assert (found["service_open_cases"], found["service_unanswered_count"]) == (0, 0)
    for name in ("reply_hours_mean", "answer_hours_mean", "solution_hours_mean", "first_contact_share"):
        assert math.isnan(found[f"service_{name}_364d"])


def test_a_case_that_changes_its_customer_is_told_to_each_as_far_as_it_is_theirs() -> None:
    text = CASE + "b message_in 2024-05-03 case_id=k\nb message_out 2024-05-04 case_id=k agent_id=y"
    mine, theirs = features(text), features(text, "b")
    assert (mine["service_open_cases"], mine["service_transfers_count_91d"]) == (1, 0)
    assert (theirs["service_open_cases"], theirs["service_answer_hours_mean_91d"]) == (1, 24.0)


def test_a_rating_outside_the_scale_is_no_rating_but_an_answer() -> None:
    found = features(
        """
        a survey_sent     2024-05-01 case_id=k
        a survey_answered 2024-05-02 case_id=k rating=5
        a survey_answered 2024-04-01 rating=0.8
        """
    )
    assert (found["satisfaction_last"], found["satisfaction_ratings_91d"]) == (0.8, 1)
    assert (found["satisfaction_asked_91d"], found["satisfaction_silent_91d"]) == (1, 0)


def test_ratings_are_told_by_the_last_the_mean_and_the_trend() -> None:
    found = features("a survey_answered 2023-12-01 rating=1\na survey_answered 2024-05-01 rating=0.2")
    assert (found["satisfaction_last"], found["satisfaction_lowest_91d"], found["satisfaction_bad_91d"]) == (
        0.2,
        0.2,
        1,
    )
    assert (found["satisfaction_mean_364d"], found["satisfaction_last_change"]) == (0.6, 0.2 - 0.6)
    assert found["satisfaction_trend_91d_364d"] == 0.2 - 1.0


def test_asked_and_silent_is_known_when_the_week_for_an_answer_is_over() -> None:
    found = features("a survey_sent 2024-05-25\na survey_sent 2024-05-01\na survey_answered 2024-05-08 rating=1")
    assert (found["satisfaction_asked_91d"], found["satisfaction_silent_91d"], found["satisfaction_silent_last"]) == (
        1,
        1,
        1,
    )


def test_self_service_before_a_contact_and_instead_of_one() -> None:
    found = features(
        """
        a help_searched      2024-05-01T10:00
        a help_search_failed 2024-05-01T10:05
        a contact_opened     2024-05-02T09:00 case_id=k
        a contact_opened     2024-05-20T09:00 case_id=l
        a help_viewed        2024-05-25T09:00
        """
    )
    assert (found["selfservice_before_contact_share_91d"], found["selfservice_share_91d"]) == (0.5, 0.6)
    assert found["selfservice_alone_share_91d"] == pytest.approx(1 / 3)
    assert (found["selfservice_searches_28d"], found["selfservice_searches_91d"]) == (0, 2)
    assert (found["selfservice_failed_share_91d"], found["selfservice_failed_days_since"]) == (0.5, 31)


def test_prices_payments_and_offers_of_a_contract() -> None:
    found = features(
        """
        a signup         2024-01-01 amount=10
        a price_changed  2024-03-01 amount=12
        a plan_changed   2024-04-01 amount=6
        a payment        2024-03-05
        a payment_failed 2024-04-05
        a payment_failed 2024-05-05
        a offer_made     2024-05-06
        a notice         2024-05-20 due=2024-06-30
        """
    )
    assert (found["contract_price"], found["contract_price_change"], found["contract_price_rise_364d"]) == (
        6.0,
        -0.5,
        1,
    )
    assert (found["contract_price_cheaper_364d"], found["contract_price_dearer_364d"]) == (1, 0)
    assert (found["contract_failed_since_paid"], found["contract_failed_share_91d"]) == (2, pytest.approx(2 / 3))
    assert (found["contract_offers_91d"], found["contract_offers_since_taken"]) == (1, 1)
    assert (found["contract_under_notice"], found["contract_days_until_end"]) == (1, 29)


def test_prices_of_two_contracts_of_one_customer_are_not_compared() -> None:
    found = features(
        "a/1 signup 2024-01-01 amount=10\na/2 signup 2024-03-01 amount=50\na/1 renewal 2024-04-01 amount=11"
    )
    assert found["contract_price_change"] == 0.1
    assert found["contract_price_rise_364d"] == 1
