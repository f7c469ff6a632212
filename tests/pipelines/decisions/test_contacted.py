"""Training forgets whom contacts have changed, and lets the people of the hold-out stand for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tenure.pipelines.calendar import day_number
from tenure.pipelines.decisions.contacted import HELD, MOST_WEIGHT, TREATED, Contacts, Corrected, untreated

MONDAY = dt.date(2024, 3, 4)
DAY = day_number(MONDAY)


def contacts(treated: list[tuple[Any, ...]] = [], held: list[tuple[Any, ...]] = []) -> Contacts:  # noqa: B006
    return Contacts(pd.DataFrame(treated, columns=list(TREATED)), pd.DataFrame(held, columns=list(HELD)))


def examples(*rows: tuple[str, int]) -> pd.DataFrame:
    """Customers, and how many days after the Monday they are described."""
    dates = [np.datetime64(MONDAY + dt.timedelta(days=after), "s") for _, after in rows]
    names = [name for name, _ in rows]
    return pd.DataFrame({"unit_id": names, "customer_id": names, "as_of": dates, "label": 1.0})


def test_nothing_changes_where_nothing_was_done() -> None:
    rows = examples(("ann", 0), ("bob", 0))
    for held in (contacts(), contacts([("cid", DAY)], [("dee", DAY, "2024-03-04", 0.9)])):
        found, corrected = untreated(rows, held, lead_days=0, horizon_days=28)
        assert found is rows and corrected == Corrected() and corrected.said is None


@pytest.mark.parametrize(
    ("after", "stays"), [(-28, True), (-27, False), (0, False), (6, False), (7, True)], ids=lambda value: str(value)
)
def test_a_label_that_meets_the_time_of_a_contact_is_no_example(after: int, stays: bool) -> None:
    # of a horizon of 7 days that begins 21 days ahead; the contact counts for 7 days
    rows = examples(("ann", after), ("bob", after))
    found, corrected = untreated(rows, contacts([("ann", DAY)]), lead_days=21, horizon_days=7)
    assert list(found["customer_id"]) == (["ann", "bob"] if stays else ["bob"])
    assert corrected.contacted == (not stays) and "weight" not in found


def test_people_of_the_hold_out_weigh_as_many_as_they_stand_for_while_the_list_counts() -> None:
    rows = examples(("ann", 0), ("ann", 28), ("bob", 0))
    held = contacts(held=[("ann", DAY, "2024-03-04", 0.75)])
    found, corrected = untreated(rows, held, lead_days=0, horizon_days=28)
    assert found["weight"].tolist() == [4.0, 1.0, 1.0]
    assert corrected == Corrected(weighted=1, largest_weight=4.0)
    again, _ = untreated(rows.assign(weight=[2.0, 2.0, 2.0]), held, lead_days=0, horizon_days=28)
    assert again["weight"].tolist() == [8.0, 2.0, 2.0]


def test_lists_of_one_draw_are_one_chance_and_two_draws_are_two() -> None:
    week = DAY + 7
    one = contacts(held=[("ann", DAY, "2024-03-04", 0.9), ("ann", week, "2024-03-04", 0.9)])
    assert untreated(examples(("ann", 0)), one, lead_days=0, horizon_days=28)[0]["weight"].tolist() == [
        pytest.approx(10)
    ]
    two = contacts(held=[("ann", DAY, "2024-03-04", 0.8), ("ann", week, "list 7", 0.5)])
    assert untreated(examples(("ann", 0)), two, lead_days=0, horizon_days=28)[0]["weight"].tolist() == [
        pytest.approx(10)
    ]


def test_no_weight_is_beyond_the_largest_and_that_is_counted() -> None:
    held = contacts(held=[("ann", DAY, "a", 0.9), ("ann", DAY, "b", 0.9)])
    found, corrected = untreated(examples(("ann", 0)), held, lead_days=0, horizon_days=28)
    assert found["weight"].tolist() == [MOST_WEIGHT] and corrected.capped == 1
    assert corrected.said is not None and "1 of them cut off" in corrected.said


def test_who_is_held_out_and_was_contacted_all_the_same_is_no_example() -> None:
    done = contacts([("ann", DAY)], [("ann", DAY, "a", 0.9)])
    found, corrected = untreated(examples(("ann", 0), ("bob", 0)), done, lead_days=0, horizon_days=28)
    assert list(found["customer_id"]) == ["bob"] and (corrected.contacted, corrected.weighted) == (1, 0)


def test_the_untreated_rate_is_learnt_although_the_riskiest_were_kept_by_contacts() -> None:
    generator = np.random.default_rng(5)
    count, share = 40_000, 0.2
    risk = generator.uniform(0.0, 0.8, count)
    listed, held = risk > 0.5, generator.random(count) < share
    leaves = generator.random(count) < np.where(listed & ~held, risk * 0.3, risk)  # contacts keep seven of ten
    names = np.array([f"c{number}" for number in range(count)])
    rows = pd.DataFrame({"customer_id": names, "as_of": np.datetime64(MONDAY, "s"), "label": leaves.astype(float)})
    treated = [(name, DAY) for name in names[listed & ~held]]
    aside = [(name, DAY, "2024-03-04", 1 - share) for name in names[listed & held]]
    found, _ = untreated(rows, contacts(treated, aside), lead_days=0, horizon_days=28)
    naive, error = rows["label"].mean(), 4 * np.sqrt(0.24 * (1 / 25_000 + 0.4 / 3_000))
    assert np.average(found["label"], weights=found["weight"]) == pytest.approx(risk.mean(), abs=error)
    assert naive < risk.mean() - error
