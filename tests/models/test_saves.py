"""Saves: examples worked out by hand, persons who come back, draws gone wrong, and what is said."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tenure.models.mover import Rate, difference, wilson
from tenure.models.saves import Estimate, NoArms, holm, measure_saves, once_a_period
from tenure.models.saves_groups import groups
from tenure.models.saves_verdict import needed, say
from tenure.models.trust import balance, contamination, ratio_wrong, sample_ratios


def arm(places: int, left: int, *, held_out: bool, name: str = "p", **columns: Any) -> pd.DataFrame:
    """So many members of a list, of whom the first `left` left."""
    numbers = np.arange(places)
    frame = pd.DataFrame({"person": [f"{name}{'h' if held_out else 'c'}{n}" for n in numbers]})
    given = {"held_out": held_out, "contacted": not held_out, "risk": 0.2, "propensity": 0.9, "value": np.nan}
    frame = frame.assign(**given, left=(numbers < left).astype(float))
    frame = frame.assign(
        list=1, draw="2024-01-01", period="2024-01-01", unit=frame["person"], playbook=None, segment=None
    )
    return frame.assign(**columns)


def trial(held_out: tuple[int, int], contacts: tuple[int, int], **columns: Any) -> pd.DataFrame:
    """A list: places and leavings of both arms."""
    both = [arm(*held_out, held_out=True, **columns), arm(*contacts, held_out=False, **columns)]
    return pd.concat(both, ignore_index=True)


def test_one_list_is_the_difference_of_two_rates_with_newcombes_interval() -> None:
    found = measure_saves(trial((80, 48), (70, 28)))  # 0.6 and 0.4
    assert found.effect.value == pytest.approx(0.2)
    low, high = difference(Rate(0.6, 80), Rate(0.4, 70), 1.959964)
    assert (found.effect.low, found.effect.high) == pytest.approx((low, high))
    assert found.effect.error == pytest.approx((0.6 * 0.4 / 80 + 0.4 * 0.6 / 70) ** 0.5)
    assert found.saved.value == pytest.approx(14.0)
    assert (found.left_held_out, found.left_contacts) == (48, 28)


def test_lists_with_other_shares_are_put_together_as_if_all_were_contacted() -> None:
    half = trial((100, 50), (100, 40), propensity=0.5, name="a")  # saves 10 of 100
    tenth = trial((100, 20), (900, 180), propensity=0.9, name="b")  # saves nobody of 900
    found = measure_saves(pd.concat([half, tenth], ignore_index=True))
    # held out: 100 * 1 * 0.5 + 100 * 9 * 0.2 = 230 of 1000; contacted: 220 of 1000
    assert (found.rate_held_out, found.rate_contacts) == pytest.approx((0.23, 0.22))
    assert found.saved.value == pytest.approx(10.0)


def test_somebody_on_the_list_ten_times_is_one_person() -> None:
    once = trial((100, 30), (300, 60))
    ten = pd.concat([once] * 10, ignore_index=True)
    one, many = measure_saves(once), measure_saves(ten)
    assert many.effect.low == pytest.approx(one.effect.low)
    assert many.effect.high == pytest.approx(one.effect.high)
    strangers = ten.assign(person=[f"{name}/{n}" for n, name in enumerate(ten["person"])])
    apart = measure_saves(strangers).effect
    assert apart.high - apart.low < 0.4 * (one.effect.high - one.effect.low)


def test_an_unlucky_draw_is_put_right_by_the_predicted_risk() -> None:
    generator = np.random.default_rng(4)
    risk = generator.uniform(0.05, 0.95, 4_000)
    held_out = generator.random(4_000) < 0.05 + 0.2 * risk  # riskier people held out more often than drawn
    left = (generator.random(4_000) < risk).astype(float)
    members = arm(4_000, 0, held_out=False).assign(held_out=held_out, left=left, risk=risk, propensity=0.85)
    plain, adjusted = measure_saves(members.assign(risk=0.5)), measure_saves(members)
    assert plain.effect.value > 0.08
    assert abs(adjusted.effect.value) < 0.03
    unlike = balance(members)
    assert unlike is not None
    assert unlike.wrong
    assert unlike.held_out > unlike.contacts


def test_the_predicted_risk_makes_the_interval_narrower() -> None:
    generator = np.random.default_rng(4)
    risk = generator.uniform(0.05, 0.95, 4_000)
    left = (generator.random(4_000) < risk).astype(float)
    members = arm(4_000, 0, held_out=False).assign(held_out=generator.random(4_000) < 0.1, left=left, risk=risk)
    assert measure_saves(members).effect.error < 0.9 * measure_saves(members.assign(risk=0.5)).effect.error


def test_the_effect_on_the_contacted_is_per_contact_made() -> None:
    members = trial((200, 60), (200, 50))
    reached = (members.groupby("held_out").cumcount() % 2 == 0) & ~members["held_out"]
    found = measure_saves(members.assign(contacted=reached))
    assert (found.contacted, found.contacted_held_out) == pytest.approx((0.5, 0.0))
    assert found.on_contacted is not None
    assert found.on_contacted.value == pytest.approx(2 * found.effect.value)
    assert measure_saves(members.assign(contacted=False)).on_contacted is None


def test_money_saved_counts_each_as_large_as_its_value() -> None:
    members = trial((100, 50), (100, 50))
    dear = (members["left"] == 1) & members["held_out"]
    found = measure_saves(members.assign(value=np.where(dear, 300.0, 100.0)))
    # held out: 50 * 300 of 20,000 at stake; contacted: 50 * 100 of 10,000
    assert found.value is not None
    assert found.value.value == pytest.approx((0.75 - 0.5) * 10_000)
    assert measure_saves(members).value is None


def test_nobody_leaving_has_an_interval_all_the_same() -> None:
    found = measure_saves(trial((30, 0), (300, 0)))
    assert found.effect.low < 0 < found.effect.high
    assert found.effect.high == pytest.approx(wilson(Rate(0.0, 30), 1.959964)[1], rel=0.02)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (arm(10, 1, held_out=True), "none to be contacted"),
        (arm(10, 1, held_out=False), "none held out"),
        (trial((10, 1), (10, 1), propensity=1.0), "expected chances above 0 and below 1"),
    ],
)
def test_what_cannot_be_compared_is_refused(members: pd.DataFrame, said: str) -> None:
    with pytest.raises(NoArms, match=said):
        measure_saves(members)


def test_a_unit_counts_once_a_period() -> None:
    again = pd.concat([trial((2, 1), (3, 1)), trial((2, 1), (3, 1)).assign(list=2)], ignore_index=True)
    assert once_a_period(again)["list"].tolist() == [1] * 5
    assert len(once_a_period(again.assign(period=again["list"].astype(str)))) == 10


def test_a_draw_that_held_out_too_few_raises_the_alarm() -> None:
    (right,) = sample_ratios(trial((103, 0), (897, 0)))
    (wrong,) = sample_ratios(trial((60, 0), (940, 0)))
    assert (right.share, right.people, right.held_out) == (0.1, 1000, 103)
    assert not right.wrong
    assert wrong.wrong
    assert ratio_wrong([wrong])
    assert not ratio_wrong([right])
    verdict = say(measure_saves(trial((60, 30), (940, 100))), save_rate=0.1, ratio_is_wrong=True)
    assert verdict.name == "do not believe"
    assert verdict.sentence.startswith("The sample ratio is wrong: do not believe this.")


def test_the_ratio_counts_a_person_once_a_period() -> None:
    again = pd.concat([trial((100, 0), (900, 0)).assign(list=n) for n in range(20)], ignore_index=True)
    assert sample_ratios(again)[0].people == 1000


def test_contamination_is_counted_both_ways() -> None:
    members = trial((10, 1), (90, 9))
    members = members.assign(contacted=members.groupby("held_out").cumcount() < 3)
    found = contamination(members)
    assert (found.held_out, found.held_out_contacted, found.contacts, found.not_contacted) == (10, 3, 90, 87)


def test_an_effect_beyond_doubt_is_said_as_kept() -> None:
    verdict = say(measure_saves(trial((500, 200), (2000, 500))), save_rate=0.1, ratio_is_wrong=False)
    assert verdict.name == "kept"
    assert verdict.sentence == "About 300 of 2,000 to be contacted were kept, between 207 and 395."


def test_contacts_that_drive_away_are_said_to() -> None:
    verdict = say(measure_saves(trial((500, 100), (2000, 700))), save_rate=0.1, ratio_is_wrong=False)
    assert verdict.name == "driven away"
    assert "left because of it" in verdict.sentence


def test_too_little_says_how_many_more_it_takes() -> None:
    found = measure_saves(trial((100, 20), (900, 170)))
    verdict = say(found, save_rate=0.1, ratio_is_wrong=False)
    assert verdict.name == "cannot tell yet"
    assert verdict.sentence == (
        "Cannot tell yet, needs about 51,000 more places on lists, 10% of them held out: "
        "of 900 to be contacted it may be anything from 55 driven away to 93 kept."
    )
    # with as many more places an effect of 0.02 has a standard error of 0.02 / (2.576 + 0.842)
    more = needed(found, save_rate=0.1)
    assert more is not None
    width = (found.effect.high - found.effect.low) / 2 / 1.96
    assert width * (1000 / (1000 + more)) ** 0.5 == pytest.approx(0.02 / (2.576 + 0.842), rel=0.01)


def test_a_large_trial_without_effect_cannot_show_one() -> None:
    found = measure_saves(trial((20_000, 4_000), (60_000, 12_000)))
    verdict = say(found, save_rate=0.1, ratio_is_wrong=False)
    assert (verdict.name, verdict.needed) == ("cannot show an effect", 0)
    assert verdict.sentence.startswith("Cannot show an effect:")


def test_a_small_holdout_says_so() -> None:
    verdict = say(measure_saves(trial((19, 19), (200, 0))), save_rate=0.1, ratio_is_wrong=False)
    assert verdict.name == "hold-out too small"
    assert "19 people are held out, at least 20 are needed" in verdict.sentence


@pytest.mark.parametrize(("held_out", "rate", "said"), [
    ((50, 0), 0.1, "nobody who was held out left so far"),
    ((50, 5), 0.0, r"no save rate is assumed \(\[economics\] save_rate\)"),
])  # fmt: skip
def test_where_nobody_can_say_how_many_more_it_says_why(held_out: tuple[int, int], rate: float, said: str) -> None:
    verdict = say(measure_saves(trial(held_out, (400, 40))), save_rate=rate, ratio_is_wrong=False)
    assert verdict.needed is None
    assert re.search(said, verdict.sentence)


def test_an_effect_that_is_only_likely_is_not_claimed() -> None:
    certain = measure_saves(trial((500, 200), (2000, 500)))
    likely = replace(certain, p_value=0.03, effect=Estimate(0.05, 0.005, 0.095, 0.023))
    verdict = say(likely, save_rate=0.1, ratio_is_wrong=False)
    assert verdict.name == "cannot tell yet"
    assert "It leans that way" in verdict.sentence


def test_many_groups_make_each_claim_harder() -> None:
    alone = trial((200, 60), (1000, 210), playbook="call", name="x")
    others = [trial((200, 40), (1000, 200), playbook=f"mail {n}", name=f"{n}") for n in range(9)]
    small = trial((5, 5), (100, 0), playbook="visit", name="v")
    (one,) = groups(alone, "playbook")
    found = {group.name: group for group in groups(pd.concat([alone, *others, small]), "playbook")}
    assert one.p_value is not None
    assert found["call"].p_value == pytest.approx(10 * one.p_value)
    assert found["visit"].p_value is None
    assert found["visit"].verdict == "hold-out too small"
    assert found["mail 3"].verdict == "cannot tell"


def test_a_group_without_an_arm_is_left_out_and_so_is_whoever_has_none() -> None:
    members = pd.concat([trial((50, 5), (50, 5)), arm(9, 1, held_out=False, segment="new")], ignore_index=True)
    assert groups(members, "segment") == []


def test_holm_never_makes_a_larger_p_smaller() -> None:
    found = holm(dict(zip("abcd", [0.04, 0.01, 0.5, 0.03], strict=True)))
    assert found == pytest.approx({"a": 0.09, "b": 0.04, "c": 0.5, "d": 0.09})


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    from saves_coverage import COVERED, Campaign, repeat

    found = repeat(Campaign(people=1_500, places=600, lists=2), 120, seed=5)
    low, high = COVERED
    assert low - 0.02 <= found["covered_effect"] <= high + 0.02
