"""Bare dates put many rows at one instant: what is said of them must not hang on their order."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from histories import DAY, OUTCOMES, World, question, same_bits

AS_OF = dt.date(2024, 6, 15)
MORNING = dt.datetime(2024, 6, 10, tzinfo=dt.UTC)
ROWS = [
    {"customer_id": "a", "occurred_at": MORNING - 7 * DAY, "kind": "purchase", "amount": 3.3},
    {"customer_id": "a", "occurred_at": MORNING, "kind": "purchase", "amount": 0.1},
    {"customer_id": "a", "occurred_at": MORNING, "kind": "purchase", "amount": 19.99},
    {"customer_id": "a", "occurred_at": MORNING, "kind": "purchase", "amount": 0.2},
    {"customer_id": "a", "occurred_at": MORNING, "kind": "purchase", "amount": 0.3},
    {"customer_id": "a", "occurred_at": MORNING, "kind": "purchase"},
    {"customer_id": "a", "occurred_at": MORNING, "kind": "signup", "due_at": MORNING + 5 * DAY},
]


@pytest.mark.parametrize("outcome", ["inactivity", "dissatisfaction"])
def test_rows_of_one_instant_without_ids_have_no_order(outcome: str) -> None:
    asked = question(OUTCOMES[outcome])
    expected = World(tuple(ROWS), (), AS_OF, asked).features()
    for first in range(len(ROWS)):
        turned = ROWS[first:] + ROWS[:first]
        same_bits(World(tuple(turned), (), AS_OF, asked).features(), expected)
        same_bits(World(tuple(turned[::-1]), (), AS_OF, asked).features(), expected)


def test_the_last_amount_is_the_largest_of_the_latest_instant() -> None:
    found = World(tuple(ROWS), (), AS_OF, question(OUTCOMES["inactivity"])).features()
    assert found.loc["a", "purchase_amount_last"] == 19.99


def test_two_values_of_a_profile_at_one_instant_have_no_order() -> None:
    facts = [{"customer_id": "a", "name": "age", "value": v, "occurred_at": MORNING} for v in ("30", "41")]
    found = [
        World(tuple(ROWS), order, AS_OF, question(OUTCOMES["inactivity"])).features().loc["a", "profile_age"]
        for order in permutations(facts)
    ]
    assert found == [41.0, 41.0]
