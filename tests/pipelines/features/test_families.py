"""How families are found, what they may return, and what a few features mean."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from histories import DAY, FITTED, OUTCOMES, World, question, told

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.column import Column, Fitted
from tenure.pipelines.features.family import BUILT_IN, Family, FamilyError, compute_columns, families
from tenure.pipelines.features.fitting import union
from tenure.pipelines.settings.features import Features
from tenure.pipelines.settings.outcome import Cancellation

AS_OF = dt.date(2024, 6, 1)


def test_a_family_that_is_not_known_comes_with_the_nearest_one() -> None:
    with pytest.raises(FamilyError, match="'rythm'; did you mean 'rhythm'"):
        families(Features(families=("rythm",)), Path())


def test_an_own_module_that_is_missing_or_has_no_compute_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "idle.py").write_text("x = 1\n", encoding="utf-8")
    for module, message in (("gone.py", "is not a file"), ("idle.py", "must define compute")):
        with pytest.raises(FamilyError, match=message):
            families(Features(families=(), modules=(module,)), tmp_path)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([Column("x", np.zeros(1), "m", "t"), Column("x", np.zeros(1), "m", "t")], "a second column 'x'"),
        ([Column("x", np.zeros(2), "m", "t")], r"one value a unit \(1\), found shape \(2,\)"),
    ],
)
def test_columns_that_cannot_be_are_refused(columns: list[Column], message: str) -> None:
    world = World(told("a purchase 2024-05-01"), (), AS_OF, question(OUTCOMES["inactivity"]))
    with pytest.raises(FamilyError, match=message):
        compute_columns(
            world.history().as_of(AS_OF), world.question.context, FITTED, {"own": Family("own", lambda *_: columns)}
        )


@pytest.mark.parametrize("family", BUILT_IN)
def test_every_column_has_a_meaning_a_theme_and_a_name_that_fits_everywhere(family: str) -> None:
    world = World(
        told("a purchase 2024-05-01 amount=3\na signup 2024-01-01"),
        (
            {
                "customer_id": "a",
                "name": "city",
                "value": "Lublin",
                "occurred_at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            },
        ),
        AS_OF,
        question(OUTCOMES["inactivity"]),
    )
    chosen = families(Features(families=(family,)), Path())
    columns = compute_columns(world.history().as_of(AS_OF), world.question.context, FITTED, chosen)
    assert columns
    assert all(c.meaning and c.theme and c.name.isidentifier() and c.name.islower() for c in columns)


def test_whatever_tells_of_a_change_of_price_is_told_as_price() -> None:
    rows = told("a signup 2024-01-01 amount=10\na price_changed 2024-05-01 amount=12")
    world = World(rows, (), AS_OF, question(OUTCOMES["dissatisfaction"]))
    chosen = families(Features(families=("contract",)), Path())
    marks = Fitted(frozenset({"kind:signup", "kind:price_changed", "has:price"}))
    columns = compute_columns(world.history().as_of(AS_OF), world.question.context, marks, chosen)
    themes = {column.name: column.theme for column in columns}
    assert themes["contract_price"] == themes["contract_days_since_price_changed"] == "price"
    assert (themes["contract_price_changed_count"], themes["contract_days_since_signup"]) == ("price", "contract")


def test_the_union_of_what_was_learnt_has_the_columns_of_each() -> None:
    both = union([Fitted(frozenset({"kind:visit"})), Fitted(frozenset({"any", "kind:visit", "kind:usage"}))])
    assert both.named("kind") == ("usage", "visit")
    assert "any" in both.keys


def test_a_window_longer_than_the_data_is_scaled_up_by_calendar_days() -> None:
    begin = AS_OF - 14 * DAY
    world = World(told("a purchase 2024-05-20"), (), AS_OF, question(OUTCOMES["inactivity"], observed_from=begin))
    assert world.features().loc["a", "purchase_count_28d"] == 2.0


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "America/New_York"])
def test_a_day_of_23_hours_does_not_scale_a_full_window(zone: str) -> None:
    as_of, asked = dt.date(2024, 4, 5), OUTCOMES["inactivity"]
    rows = told("a purchase 2024-04-01T12:00")
    world = World(rows, (), as_of, question(asked, zone=zone, observed_from=as_of - 28 * DAY))
    assert calendar_of(zone).midnight(as_of) - world.question.observed_from < 28 * 86_400_000
    assert world.features().loc["a", "purchase_count_28d"] == 1.0


def test_a_contract_without_a_stated_start_begins_with_its_signup() -> None:
    asked = question(Cancellation(type="cancellation", unit="contract", horizon_days=7))
    text = "a/1 signup 2024-05-20\nb/1 signup 2024-05-20 due=2024-06-03"
    assert World(told(text), (), AS_OF, asked).features()["contract_day"].tolist() == [12, -2]


def test_a_profile_nobody_is_known_to_have_is_missing_not_zero() -> None:
    found = World(told("a purchase 2024-05-01"), (), AS_OF, question(OUTCOMES["inactivity"])).features()
    assert math.isnan(found.get("profile_age", {"a": math.nan})["a"])


def profile_columns(sort: str, *values: str, fitted: Fitted = FITTED) -> pd.DataFrame:
    """The columns of a profile that customers a, b, ... have since January."""
    asked = question(OUTCOMES["inactivity"], fitted=fitted)
    asked = replace(asked, context=replace(asked.context, profiles={"joined": sort}))
    january, names = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "abcdefgh"[: len(values)]
    facts = [
        {"customer_id": who, "name": "joined", "value": value, "occurred_at": january}
        for who, value in zip(names, values, strict=True)
    ]
    rows = told("\n".join(f"{who} purchase 2024-05-01" for who in names))
    return World(rows, tuple(facts), AS_OF, asked).features().filter(like="profile_")


def test_a_date_becomes_the_days_since_it_and_is_negative_before_it() -> None:
    found = profile_columns("date", "2024-05-31", "2024-06-03", "2024-05-30 23:59:00+05:00", "unknown")
    assert found.columns.tolist() == ["profile_joined_days_since"]
    assert found["profile_joined_days_since"].tolist() == pytest.approx([1, -2, 2, math.nan], nan_ok=True)


def test_levels_that_differ_in_a_sign_have_columns_of_their_own() -> None:
    levels = ("<5", ">5", "5%", "10-20", "10+20", "-5")
    fitted = Fitted(frozenset(f"level:joined={level}" for level in levels))
    found = profile_columns("category", *levels, fitted=fitted)
    assert sorted(found) == [
        f"profile_joined_{name}" for name in ("10_20", "10_plus_20", "5_pct", "gt_5", "lt_5", "minus_5")
    ]
    assert (found.sum() == 1).all()


def test_levels_that_would_share_a_name_are_told_apart_by_a_hash_of_their_own() -> None:
    twins = Fitted(frozenset({"twin:joined=a/b", "twin:joined=a b"}))
    both, one = (
        profile_columns("category", "a/b", "a b", fitted=twins),
        profile_columns("category", "a/b", fitted=twins),
    )
    assert len(set(both)) == 2
    assert sorted(both) == sorted(one)
    assert (both.sum() == 1).all()


def test_counts_by_channel_are_scaled_for_young_data_like_counts_by_kind() -> None:
    rows = told("a purchase 2024-05-20 channel=phone")
    asked = question(OUTCOMES["inactivity"], observed_from=AS_OF - 14 * DAY)
    found = World(rows, (), AS_OF, asked).features().loc["a"]
    assert found["by_phone_count_28d"] == found["purchase_count_28d"] == 2.0


def test_the_columns_of_the_only_kind_with_amounts_need_that_it_was_the_only_one() -> None:
    both = union(
        [Fitted(frozenset({"amount:refund", "sole:refund"})), Fitted(frozenset({"amount:refund", "amount:visit"}))]
    )
    world = World(told("a refund 2024-05-01 amount=3"), (), AS_OF, question(OUTCOMES["dissatisfaction"]))
    columns = compute_columns(
        world.history().as_of(AS_OF), world.question.context, both, families(Features(families=("money",)), Path())
    )
    needs = {c.name: c.needs for c in columns}
    assert needs["refund_amount_28d"] == "amount:refund"
    assert needs["refund_amount_7d"] == needs["refund_amount_last"] == "sole:refund"
    assert needs["visit_amount_28d"] == "amount:visit"
    assert "visit_amount_last" not in needs


def test_a_kind_and_a_channel_may_have_one_name() -> None:
    both = Fitted(frozenset({"kind:email", "channel:email"}))
    rows = told("a email 2024-05-31 channel=email\na visit 2024-05-31 channel=email")
    found = World(rows, (), AS_OF, question(OUTCOMES["inactivity"], fitted=both)).features()
    assert found.loc["a", ["email_count_28d", "by_email_count_28d"]].tolist() == [1.0, 2.0]
