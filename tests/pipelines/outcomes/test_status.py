"""Whom the question is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from histories import World, question, told
from pydantic import TypeAdapter

from tenure.pipelines.outcomes.status import status_of
from tenure.pipelines.settings.outcome import AnyOutcome

AS_OF = dt.date(2024, 6, 1)


def statuses(text: str, gaps: Any = None, **settings: Any) -> dict[str, str]:
    outcome: AnyOutcome = TypeAdapter(AnyOutcome).validate_python({"horizon_days": 10, **settings})
    history = World(told(text), (), AS_OF, question(outcome, gaps=gaps)).history()
    return dict(zip(history.unit_ids, status_of(history.as_of(AS_OF), outcome), strict=True))


def status(text: str, **settings: Any) -> str:
    (found,) = statuses(text, **settings).values()
    return found


LAPSE = {"type": "inactivity", "kinds": ["purchase"], "eligible": {"active_days": 28}}
CONTRACT = {"type": "cancellation", "unit": "contract"}


def test_only_customers_active_in_the_window_are_asked_about() -> None:
    found = statuses(
        """
        last    purchase 2024-05-31
        first   purchase 2024-05-04
        before  purchase 2024-05-03T23:59:59
        visits  visit    2024-05-31
        tomorrow purchase 2024-06-01
        late    purchase 2024-05-30 known=2024-06-02
        """,
        **LAPSE,
    )
    assert found == {
        "last": "scored", "first": "scored", "before": "lapsed", "visits": "lapsed", "tomorrow": "unknown", "late": "unknown",
    }  # fmt: skip


MAY = tuple(int(dt.datetime(2024, 5, day, tzinfo=dt.UTC).timestamp()) * 1000 for day in (10, 20))


def test_a_gap_makes_nobody_lapsed() -> None:
    text = "after purchase 2024-05-25\nbefore purchase 2024-05-05\nnone purchase 2024-04-01\nvisits visit 2024-05-25"
    assert statuses(text, {"purchase": (MAY,)}, **LAPSE) == {
        "after": "scored", "before": "scored", "none": "not_eligible", "visits": "not_eligible",
    }  # fmt: skip
    longer_ago = {"purchase": ((0, 1),)}
    assert statuses(text, longer_ago, **LAPSE)["none"] == "lapsed"


def test_a_gap_makes_no_contract_new() -> None:
    gaps = {"signup": (MAY,), "usage": (MAY,)}
    rules = {"eligible": {"contract_from_day": 7, "min_history_days": 14}, **CONTRACT}
    assert statuses("a/1 usage 2024-01-01\na/1 signup 2024-02-01", gaps, **rules) == {"a/1": "scored"}


def test_somebody_known_for_too_short_a_time_is_new() -> None:
    rules = {"type": "inactivity", "kinds": ["purchase"], "eligible": {"min_history_days": 14}}
    assert statuses("a purchase 2024-05-18\nb purchase 2024-05-19", **rules) == {"a": "scored", "b": "new"}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("signup 2024-01-01", "scored"),
        ("visit 2024-01-01", "not_eligible"),
        ("signup 2024-01-01; cancellation 2024-05-31", "left"),
        ("signup 2024-01-01; cancellation 2024-05-01; renewal 2024-05-20", "scored"),
        ("signup 2024-01-01; cancellation 2024-05-01; signup 2024-05-20", "scored"),
        ("signup 2024-01-01; cancellation 2024-06-01", "scored"),
        ("signup 2024-01-01; cancellation 2024-05-20 due=2024-06-30", "leaving"),
        ("signup 2024-01-01; cancellation 2024-05-20 due=2024-05-31", "left"),
        ("signup 2024-01-01; notice 2024-05-20 due=2024-06-30", "leaving"),
        ("signup 2024-01-01; notice 2024-05-20; renewal 2024-05-25", "scored"),
        ("signup 2024-01-01; notice 2024-05-20T09:00; renewal 2024-05-20T10:00", "scored"),
        ("signup 2024-01-01; notice 2024-05-20 until=2024-05-25", "scored"),
        ("signup 2024-01-01; cancellation 2024-01-01", "left"),
        ("cancellation 2024-05-31", "left"),
    ],
)
def test_the_state_of_a_contract(events: str, expected: str) -> None:
    text = "\n".join(f"a/1 {event.strip()}" for event in events.split(";"))
    assert status(text, **CONTRACT) == expected


def test_a_customer_who_changes_contracts_on_one_day_has_not_left() -> None:
    assert (
        status("a signup 2024-01-01\na cancellation 2024-05-20\na signup 2024-05-20", type="cancellation") == "scored"
    )


def test_other_contracts_of_a_person_have_a_state_of_their_own() -> None:
    text = "a/1 signup 2024-01-01\na/1 cancellation 2024-02-01\na/2 signup 2024-02-02"
    assert statuses(text, **CONTRACT) == {"a/1": "left", "a/2": "scored"}


def test_a_contract_on_trial_is_new_until_its_day_comes() -> None:
    text = "a/1 signup 2024-05-18\nb/1 signup 2024-05-19\nc/1 signup 2024-04-01 due=2024-05-25"
    assert statuses(text, trial_days=14, **CONTRACT) == {"a/1": "scored", "b/1": "new", "c/1": "new"}


def test_a_question_may_be_asked_within_certain_contract_days_only() -> None:
    text = "a/1 signup 2024-05-26\nb/1 signup 2024-05-25\nc/1 signup 2024-05-19\nd/1 signup 2024-05-18"
    rules = {"contract_from_day": 7, "contract_to_day": 14}
    found = statuses(text, eligible=rules, **CONTRACT)
    assert found == {"a/1": "new", "b/1": "scored", "c/1": "scored", "d/1": "not_eligible"}
