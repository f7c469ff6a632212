"""What a label is, type by type, on histories one can read."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from histories import World, question, told
from pydantic import TypeAdapter

from tenure.pipelines.outcomes.expression import ExpressionRefused
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.outcomes.label import labels as of
from tenure.pipelines.settings.outcome import AnyOutcome

AS_OF = dt.date(2024, 6, 1)
JUNE = (1_717_200_000_000, 1_718_000_000_000)  # some days from 2024-06-01 on


def outcome(**settings: Any) -> AnyOutcome:
    return TypeAdapter(AnyOutcome).validate_python({"horizon_days": 10, **settings})


def labels(text: str, *, gaps: Any = None, **settings: Any) -> dict[str, float | None]:
    found = World(told(text), (), AS_OF, question(outcome(**settings), gaps=gaps)).labels()
    return {unit: None if math.isnan(value) else value for unit, value in found.items()}


def test_inactivity_is_no_row_of_its_kinds_in_the_half_open_horizon() -> None:
    found = labels(
        """
        before purchase 2024-05-31T23:59:59
        first  purchase 2024-06-01
        last   purchase 2024-06-10T23:59:59
        after  purchase 2024-06-11
        other  visit    2024-06-05
        """,
        type="inactivity", kinds=["purchase"],
    )  # fmt: skip
    assert found == {"before": 1, "first": 0, "last": 0, "after": 1, "other": 1}


def test_a_lead_moves_the_horizon_and_maturity_only_the_day_on_which_the_label_exists() -> None:
    text = "a purchase 2024-06-03\nb purchase 2024-06-04\nc purchase 2024-06-13\nd purchase 2024-06-14"
    settings = {"type": "inactivity", "kinds": ["purchase"], "lead_days": 3, "maturity_days": 5}
    assert labels(text, **settings) == {"a": 1, "b": 0, "c": 0, "d": 1}
    assert label_end(outcome(**settings), AS_OF) == dt.date(2024, 6, 19)


def test_a_row_that_was_withdrawn_is_no_activity() -> None:
    assert labels("a purchase 2024-06-03 until=2024-06-04", type="inactivity", kinds=["purchase"]) == {"a": 1}


def test_decline_compares_the_horizon_with_as_many_days_before() -> None:
    found = labels(
        """
        long  purchase 2024-05-21 amount=100
        long  purchase 2024-06-02 amount=50
        less  purchase 2024-05-22 amount=100
        less  purchase 2024-06-02 amount=49.99
        half  purchase 2024-05-31 amount=100
        half  purchase 2024-06-10 amount=50
        none  purchase 2024-05-25 amount=1
        debt  purchase 2024-05-25 amount=-5
        """,
        type="decline", kinds=["purchase"], below=0.5,
    )  # fmt: skip
    assert found == {"long": None, "less": 1, "half": 0, "none": 1, "debt": None}


def test_decline_can_count_rows_instead_of_money() -> None:
    text = "a visit 2024-05-25\na visit 2024-05-26\na visit 2024-06-02\nb visit 2024-05-25\nb visit 2024-05-26"
    assert labels(text, type="decline", kinds=["visit"], measure="count", below=0.5) == {"a": 0, "b": 1}


CONTRACTS = """
    wish/1    signup       2024-01-01
    wish/1    cancellation 2024-06-05
    unpaid/1  signup       2024-01-01
    unpaid/1  cancellation 2024-06-05 reason=payment
    died/1    signup       2024-01-01
    died/1    cancellation 2024-06-05 reason=death
    early/1   signup       2024-01-01
    early/1   cancellation 2024-06-02
    stays/1   signup       2024-01-01
"""


@pytest.mark.parametrize(("cause", "wish", "unpaid"), [("any", 1, 1), ("voluntary", 1, 0), ("payment", 0, 1)])
def test_a_cancellation_counts_by_its_cause(cause: str, wish: float, unpaid: float) -> None:
    found = labels(CONTRACTS, type="cancellation", unit="contract", cause=cause, exclude_reasons=["death"], lead_days=2)
    assert found == {"wish/1": wish, "unpaid/1": unpaid, "died/1": None, "early/1": None, "stays/1": 0}


def test_whoever_cancels_in_the_lead_is_censored_even_when_it_happens_again() -> None:
    again = "a/1 signup 2024-01-01\na/1 cancellation 2024-06-02\na/1 signup 2024-06-03\na/1 cancellation 2024-06-08"
    assert labels(again, type="cancellation", unit="contract", lead_days=2) == {"a/1": None}


def test_an_end_for_an_excluded_reason_does_not_hide_one_that_counts() -> None:
    text = "a/1 cancellation 2024-06-03 reason=death\na/2 cancellation 2024-06-08"
    assert labels(text, type="cancellation", exclude_reasons=["death"]) == {"a": 1}


def test_outcomes_with_other_excluded_reasons_do_not_share_an_answer() -> None:
    world = World(told(CONTRACTS), (), AS_OF, question(outcome(type="cancellation", unit="contract")))
    history, died = world.history(), world.history().unit_ids.tolist().index("died/1")
    found = [
        of(
            Horizon(
                history, outcome(type="cancellation", unit="contract", exclude_reasons=reasons), AS_OF, np.arange(5)
            )
        )[died]
        for reasons in ([], ["death"])
    ]
    assert found[0] == 1
    assert math.isnan(found[1])


def test_the_end_of_one_contract_is_not_the_end_of_another() -> None:
    text = "a/1 signup 2024-01-01\na/1 cancellation 2024-06-05\na/2 signup 2024-02-01"
    assert labels(text, type="cancellation", unit="contract") == {"a/1": 1, "a/2": 0}
    assert labels(text, type="cancellation") == {"a": 1}


def test_dissatisfaction_is_a_complaint_a_dispute_or_a_bad_rating() -> None:
    found = labels(
        """
        angry  complaint       2024-06-02
        billed dispute         2024-06-02
        poor   survey_answered 2024-06-02 rating=0.4
        fine   survey_answered 2024-06-02 rating=0.41
        silent survey_answered 2024-06-02
        past   complaint       2024-05-30
        """,
        type="dissatisfaction", max_rating=0.4,
    )  # fmt: skip
    assert found == {"angry": 1, "billed": 1, "poor": 1, "fine": 0, "silent": 0, "past": 0}


@pytest.mark.parametrize(
    ("where", "some", "none"),
    [
        ("count(*) filter (kind = 'refund') >= 2", 1, 0),
        ("count(*) = 0", 0, 1),
        ("sum(amount) < 10", 1, 0),
        ("bool_or(direction = 'inbound')", 1, 0),
        ("max(rating) is null", 1, 1),
    ],
)
def test_an_expression_is_a_condition_over_the_rows_of_the_horizon(where: str, some: float, none: float) -> None:
    text = """
        some refund 2024-06-02 amount=4 direction=inbound
        some refund 2024-06-03 amount=5
        none refund 2024-05-31 amount=4
        none refund 2024-06-11 amount=4
    """
    assert labels(text, type="expression", where=where) == {"some": some, "none": none}


def test_a_condition_that_is_not_sql_is_refused_with_its_text() -> None:
    with pytest.raises(ExpressionRefused, match="'amont > 3' is not a SQL condition"):
        labels("a refund 2024-06-02", type="expression", where="amont > 3")


def test_a_gap_in_the_horizon_leaves_everybody_without_a_label() -> None:
    text = "a purchase 2024-06-03\nb purchase 2024-05-01"
    settings = {"type": "inactivity", "kinds": ["purchase"]}
    assert labels(text, gaps={"purchase": (JUNE,)}, **settings) == {"a": None, "b": None}
    assert labels(text, gaps={"visit": (JUNE,)}, **settings) == {"a": 0, "b": 1}


def test_a_gap_of_a_kind_that_nobody_here_has_still_leaves_an_expression_without_a_label() -> None:
    assert labels("a purchase 2024-06-03", gaps={"visit": (JUNE,)}, type="expression", where="count(*) > 0") == {
        "a": None
    }
