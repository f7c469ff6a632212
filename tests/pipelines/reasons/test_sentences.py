"""A reason is a plain sentence, and every figure in it is the customer's own."""

from __future__ import annotations

import math
import re
from random import Random

import pytest
from histories import busy_world

from tenure.pipelines.reasons.sentences import Facts, sentence

ROW = {
    "purchase_days_since_last": 19.0, "purchase_gap_mean": 4.2, "purchase_count_28d": 2.0, "purchase_count_91d": 20.0,
    "purchase_amount_28d": 12.5, "purchase_amount_91d": 340.0, "purchase_days_since_first": 300.0,
    "contract_day": 40.0, "contract_days_until_renewal": 12.0, "others_signup_count": 3.0, "others_cancellation_count": 2.0,
    "voice_messages_count_28d": 4.0, "voice_leave_share_28d": 0.0, "voice_tone_share_28d": 0.75, "voice_effort_share_28d": 0.25,
    "voice_complaint_share_28d": math.nan, "voice_leave_days_since": 40.0, "voice_name_share_91d": 0.0, "voice_apology_share_91d": 0.4,
    "service_open_cases": 2.0, "service_open_days": 9.0, "service_unanswered_count": 1.0, "service_unanswered_days": 1.0,
    "service_reply_hours_mean_91d": 60.0, "service_wait_seconds_mean_28d": 90.0, "service_transfers_left_days_since": 1.0,
    "service_first_contact_share_91d": 0.25, "service_reopened_364d": 3.0, "service_promises_overdue": 0.0,
    "service_agents_mean_91d": 2.5, "satisfaction_last": 0.4, "satisfaction_last_days_since": 12.0, "satisfaction_silent_last": 1.0,
    "satisfaction_complaints_28d": 1.0, "selfservice_failed_share_91d": 0.5, "selfservice_failed_28d": 0.0,
    "contract_price": 12.0, "contract_price_change": 0.2, "contract_failed_since_paid": 2.0, "contract_failed_payments_364d": 2.0,
    "contract_days_until_end": 20.0, "contract_under_notice": 1.0, "contract_offers_days_since": 40.0,
}  # fmt: skip


def said(theme: str, feature: str, meaning: str = "the meaning", **changes: float) -> str | None:
    return sentence(theme, Facts(ROW | changes, feature, meaning))


@pytest.mark.parametrize(
    ("theme", "feature", "changes", "text"),
    [
        ("silence", "purchase_gap_cv", {}, "no purchase for 19 days; usually every 4 days"),
        ("silence", "purchase_gap_cv", {"purchase_gap_mean": 1.2}, "no purchase for 19 days; usually almost every day"),
        ("silence", "purchase_gap_cv", {"purchase_days_since_last": 1.0}, "purchases every 4 days on average; the last one yesterday"),
        ("silence", "purchase_gap_cv", {"purchase_gap_mean": math.nan}, "no purchase for 19 days; only one day with purchases so far"),
        (
            "silence", "purchase_gap_cv", {"purchase_gap_mean": math.nan, "purchase_days_since_last": 1.0},
            "only one day with purchases so far, yesterday",
        ),
        ("activity", "purchase_count_28d", {}, "2 purchases in the last 28 days; before that on average 8 in 28 days"),
        ("activity", "purchase_count_28d", {"purchase_count_91d": 2.0}, "2 purchases in the last 28 days"),
        ("activity", "purchase_count_28d", {"purchase_count_28d": 0.0, "purchase_count_91d": 0.0}, "no purchase in the last 28 days"),
        ("money", "purchase_amount_28d", {}, "spent 12.5 in the last 28 days; before that on average 146 in 28 days"),
        ("money", "purchase_amount_28d", {"purchase_amount_91d": math.nan}, "spent 12.5 in the last 28 days"),
        ("activity", "purchase_count_28d", {"purchase_days_since_first": 90.0}, "2 purchases in the last 28 days"),
        ("money", "purchase_amount_28d", {"purchase_days_since_first": 90.0}, "spent 12.5 in the last 28 days"),
        (
            "repeat buying", "repeat_expected_28d", {"repeat_odds_28d": -1.0986},
            "own rhythm so far: comes back within 28 days with a chance of 25%",
        ),
        ("repeat buying", "repeat_against_pace_28d", {"repeat_odds_28d": -20.0}, "own rhythm so far: comes back within 28 days with a chance of under 1%"),
        ("repeat buying", "repeat_odds_28d", {"repeat_odds_28d": math.nan}, None),
        ("loyalty", "purchase_count_91d", {}, "the meaning: 20"),
        ("history", "purchase_days_since_first", {}, "first seen 300 days ago"),
        ("contract", "contract_day", {}, "day 40 of the contract"),
        ("contract", "contract_day", {"contract_day": -1.0}, "the contract begins in 1 day"),
        ("contract", "contract_days_until_renewal", {}, "the contract is due for renewal in 12 days"),
        ("other contracts", "others_signup_count", {}, "2 of 3 other contracts ended early"),
        ("loyalty", "purchase_count_28d", {}, "the meaning: 2"),
        ("voice", "voice_tone_mean_28d", {}, "1 of 4 messages in the last 28 days sounds of trouble taken"),
        ("voice", "voice_leave_mean_28d", {"voice_leave_share_28d": 0.5}, "2 of 4 messages in the last 28 days sound like leaving"),
        ("voice", "voice_leave_mean_28d", {"voice_effort_share_28d": 0.0}, "the last message that sounds like leaving came 40 days ago"),
        ("voice", "voice_tone_mean_28d", {"voice_effort_share_28d": 0.0}, "3 of 4 messages in the last 28 days have a bad tone"),
        ("how we speak", "voice_name_share_28d", {}, "none of our messages in the last 91 days uses the customer's name"),
        ("how we speak", "voice_apology_share_28d", {}, "40 of 100 of our messages in the last 91 days say sorry"),
        ("service", "service_open_days", {}, "2 cases are open, the oldest for 9 days"),
        ("service", "service_unanswered_days", {}, "1 message waits for an answer, the oldest for 1 day"),
        ("service", "service_reply_hours_trend_91d_364d", {}, "our first message came after 2.5 days on average in the last 91 days"),
        ("service", "service_wait_seconds_mean_28d", {}, "the customer waited 90 seconds in queues on average in the last 28 days"),
        ("service", "service_transfers_left_days_since", {}, "a case was passed on yesterday and nobody came back to the customer"),
        ("service", "service_first_contact_share_91d", {}, "25 of 100 solved cases were solved at the first contact in the last 91 days"),
        ("service", "service_reopened_364d", {"purchase_days_since_first": 400.0}, "3 solved cases opened again in the last 364 days"),
        ("work on cases", "service_agents_mean_91d", {}, "the meaning: 2.5"),
        ("satisfaction", "satisfaction_mean_28d", {}, "the last rating, 12 days ago, was 40 of 100"),
        ("satisfaction", "satisfaction_silent_share_91d", {}, "the last survey was left unanswered"),
        ("complaints", "satisfaction_complaints_28d", {}, "1 complaint in the last 28 days"),
        ("self-service", "selfservice_failed_share_91d", {}, "50 of 100 searches of the help centre found nothing in the last 91 days"),
        ("self-service", "selfservice_failed_28d", {}, "no search without a find in the help centre in the last 28 days"),
        ("price", "contract_price", {}, "the price last rose by 20 of 100"),
        ("failed payments", "contract_failed_since_paid", {}, "2 payments failed since one last went through"),
        ("contract", "contract_under_notice", {}, "notice was given, the contract ends in 20 days"),
        ("contract", "contract_under_notice", {"contract_days_until_end": math.nan}, "notice was given"),
        ("offers", "contract_offers_days_since", {}, "the last offer was made 40 days ago"),
    ],
)  # fmt: skip
def test_a_sentence_says_the_figures_of_the_row(theme: str, feature: str, changes: dict[str, float], text: str) -> None:
    assert said(theme, feature, **changes) == text


@pytest.mark.parametrize(
    "feature", ["purchase_count_91d", "purchase_amount_91d", "purchase_decayed_7d", "contract_failed_payments_364d"]
)
def test_a_figure_that_may_be_scaled_up_for_young_data_is_not_said(feature: str) -> None:
    young = {"purchase_days_since_first": 60.0, "purchase_decayed_7d": 2.0}
    assert said("loyalty", feature, **young) is None


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert said("silence", "purchase_days_since_last", purchase_days_since_last=math.nan) is None
    assert said("loyalty", "purchase_gap_cv", purchase_gap_cv=math.nan) is None
    assert said("service", "service_reply_hours_mean_91d", service_reply_hours_mean_91d=math.nan) is None
    assert said("service", "service_promises_overdue") == "the meaning: 0"


def test_the_subject_is_the_kind_whose_columns_the_feature_belongs_to() -> None:
    row = {"any_days_since_last": 1.0, "payment_days_since_last": 2.0, "payment_failed_days_since_last": 3.0}
    assert Facts(row, "payment_failed_count_28d", "").one == "'payment failed'"
    assert Facts(row, "payment_count_28d", "").one == "payment"
    assert Facts(row, "by_phone_count_28d", "").one == "interaction"


def test_whatever_is_said_of_service_contracts_and_self_service_is_said_in_full() -> None:
    for seed in range(10):
        world = busy_world(Random(seed))
        table = world.features()
        for _, values in table.iterrows():
            row = values.to_dict()
            for feature in (
                name for name in row if name.startswith(("service_", "satisfaction_", "selfservice_", "contract_"))
            ):
                for theme in ("service", "contract"):
                    text = sentence(
                        theme, Facts(row, feature, f"{feature} (log ratio)" if "trend" in feature else feature)
                    )
                    assert text is None or not re.search(r"\bnan\b|log ratio|\{", text)
