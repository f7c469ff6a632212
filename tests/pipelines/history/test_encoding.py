"""Numbers as the kernel keeps them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from histories import OUTCOMES, World, question, told

from tenure.pipelines.history.encoding import LARGEST, NumberTooLarge, fixed
from tenure.pipelines.history.log import MISSING

MAY = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def test_a_number_is_kept_in_ten_thousandths_and_what_is_none_is_missing() -> None:
    assert fixed(np.array([0.1, -LARGEST, np.nan]), "amount").tolist() == [1000, -9 * 10**18, MISSING]


@pytest.mark.parametrize(("amount", "age", "column"), [("1e15", "30", "'amount'"), ("3", "-9.3e14", "'profile age'")])
def test_a_number_that_does_not_fit_is_refused_with_its_column_and_how_many(amount: str, age: str, column: str) -> None:
    facts = ({"customer_id": "a", "name": "age", "value": age, "occurred_at": MAY},)
    world = World(told(f"a purchase 2024-05-01 amount={amount}"), facts, MAY.date(), question(OUTCOMES["inactivity"]))
    with pytest.raises(NumberTooLarge, match=f"column {column}: expected numbers up to 9e.14, found 1 larger"):
        world.history()
