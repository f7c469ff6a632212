"""A world: the same seed is the same world, contacts move only whom they move, and truths agree with what happens."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from tenure.pipelines.simulation.hazard import CAUSES, UNSEEN
from tenure.pipelines.simulation.parameters import WORLDS, WorldFileError, load_world
from tenure.pipelines.simulation.weeks import FIRST_DAY
from tenure.pipelines.simulation.world import NotInTheWorld, World

SUMMER = dt.date(2024, 7, 1)
WEEKS_LATER = dt.date(2024, 7, 29)


def world(name: str = "plain", *, customers: int = 4_000, seed: int = 3, **switches: bool) -> World:
    return World(load_world(name, **switches), customers=customers, seed=seed)


def test_the_same_seed_is_the_same_world_and_another_seed_another() -> None:
    first, again, other = (world(seed=seed).advance(SUMMER) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first.at(SUMMER), again.at(SUMMER))
    assert not first.left().equals(other.left())


def test_living_in_steps_is_living_at_once() -> None:
    steps = world().advance(dt.date(2024, 3, 4)).advance(SUMMER)
    pd.testing.assert_series_equal(steps.left(), world().advance(SUMMER).left())


def test_looking_ahead_changes_nothing() -> None:
    looked, blind = world(), world()
    ahead = looked.at(SUMMER)
    looked.fates(SUMMER)
    pd.testing.assert_frame_equal(ahead, blind.advance(SUMMER).at(SUMMER))
    assert looked.today == FIRST_DAY


def test_a_contact_moves_nobody_else() -> None:
    day = dt.date(2024, 7, 3)
    people = world().advance(SUMMER).at(SUMMER, futures=1)["customer_id"].tolist()
    chosen = people[::3]
    with_contacts = world().advance(SUMMER).advance(WEEKS_LATER, contacts=dict.fromkeys(chosen, day)).left()
    without = world().advance(WEEKS_LATER).left()
    others = without.index.difference(pd.Index(chosen))
    pd.testing.assert_series_equal(with_contacts[others], without[others])
    assert not with_contacts[chosen].equals(without[chosen])


def test_without_an_effect_everybody_has_the_same_fate_with_and_without_contact() -> None:
    found = world(no_effect=True)
    assert (found.at(SUMMER)["saved"] == 0).all()
    fates = found.fates(SUMMER)
    assert (fates["without"] == fates["with_contact"]).all()
    assert fates["without"].sum() > 20


class Summer(NamedTuple):
    """What is true of a world on a day, what happens then, and what can be seen."""

    truth: pd.DataFrame
    fates: pd.DataFrame
    seen: pd.DataFrame


@pytest.fixture(scope="module")
def summer() -> Summer:
    found = world("plain", customers=24_000).advance(SUMMER)
    return Summer(found.at(SUMMER), found.fates(SUMMER), found.observed())


def test_fates_differ_by_the_mean_of_the_true_effects(summer: Summer) -> None:
    difference = summer.fates["without"].astype(float) - summer.fates["with_contact"].astype(float)
    noise = difference.std() / np.sqrt(len(difference))
    assert abs(difference.mean() - summer.truth["saved"].mean()) < 3 * noise
    assert summer.truth["saved"].mean() > 5 * noise


def test_risks_are_calibrated_among_the_high_and_the_low(summer: Summer) -> None:
    high = (summer.truth["risk"] > summer.truth["risk"].median()).to_numpy()
    for group in (high, ~high):
        told, real = summer.truth["risk"][group].mean(), summer.fates["without"][group].mean()
        assert abs(told - real) < 3 * np.sqrt(told / group.sum())


def test_causes_of_plain_are_in_the_order_of_their_strengths(summer: Summer) -> None:
    spread = summer.truth[[f"cause_{name}" for name in CAUSES if name not in UNSEEN]].std()
    order = [*spread.sort_values(ascending=False).index]
    assert order == ["cause_service", "cause_use", "cause_price", "cause_contract"]
    assert spread["cause_service"] > 1.1 * spread["cause_use"] > 1.3 * spread["cause_price"]


def test_what_is_observed_is_of_the_same_customers_and_tells_of_the_causes(summer: Summer) -> None:
    seen, truth = summer.seen, summer.truth
    assert seen["customer_id"].equals(truth["customer_id"])
    assert np.corrcoef(seen["broken_13w"], truth["cause_service"])[0, 1] > 0.5
    assert np.corrcoef(seen["uses_4w"] / (seen["uses_13w"] + 1), truth["cause_use"])[0, 1] < -0.1


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("no_signal", [False, True])
def test_about_the_base_rate_leave(name: str, no_signal: bool) -> None:
    found = world(name, customers=6_000, no_signal=no_signal).at(SUMMER, futures=2)
    assert found["risk"].mean() == pytest.approx(load_world(name).base_rate, rel=0.15)


def test_half_of_the_spread_of_plain_is_seen_by_nobody_and_effects_spread_little() -> None:
    for seed in (1, 2):
        found = world("plain", customers=12_000, seed=seed).at(SUMMER, futures=8)
        unseen = found[[f"cause_{name}" for name in UNSEEN]].sum(axis=1)
        assert 0.5 <= unseen.var() / found["log_hazard"].var() <= 0.7
        assert found["saved"].std() <= 1.5 * found["saved"].mean()


def test_every_world_has_all_four_fates_and_some_whom_a_contact_drives_away() -> None:
    for name in WORLDS:
        found = world(name, customers=20_000).advance(SUMMER)
        assert set(found.fates(SUMMER, horizon=56)["fate"]) == {
            "sure thing",
            "lost cause",
            "persuadable",
            "driven away",
        }
        assert (found.at(SUMMER, futures=2)["saved"] < 0).mean() > 0.02


def test_without_signal_all_are_alike() -> None:
    found = world("hostile", no_signal=True).at(SUMMER, futures=1)
    assert found["risk"].nunique() == 1


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda w: w.advance(dt.date(2024, 7, 2)), "expected a Monday from 2024-01-01"),
        (lambda w: w.advance(SUMMER, contacts={"c0000001": SUMMER}), "before 2024-07-01, found 1"),
        (lambda w: w.advance(SUMMER, contacts={"ann": FIRST_DAY}), "expected a customer from c0000000 to c0003999"),
        (lambda w: w.at(FIRST_DAY, horizon=30), "whole weeks, found 30 days"),
    ],
)
def test_what_is_not_in_the_world_is_refused(act: object, words: str) -> None:
    with pytest.raises(NotInTheWorld, match=words):
        act(world())  # type: ignore[operator]


def test_a_wrong_world_file_says_what_is_wrong(tmp_path: object) -> None:
    with pytest.raises(WorldFileError, match="did you mean 'plain'"):
        load_world("plane")
