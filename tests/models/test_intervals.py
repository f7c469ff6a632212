from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.intervals import COVERAGE, Intervals, fit_intervals, unsure
from tenure.models.likeness import GROUPS, Likeness, learn_likeness
from tenure.models.odds import Floats, log_odds, probability
from tenure.models.race import Race
from tenure.models.serial import race_from_json, race_to_json
from tenure.models.settings import RaceSettings

ALL_ALIKE = Likeness()


def world(seed: int, *, persons: int, dates: int, base: float) -> dict[str, Any]:
    """Scores, true probabilities and labels of persons on several dates, who have something of their own besides."""
    draw = np.random.default_rng(seed)
    score = draw.normal(size=(persons, 1)) * 0.8 + draw.normal(size=(persons, dates)) * 0.6
    true = probability(base + 1.2 * score + draw.normal(size=(persons, 1)) * 0.7)
    return {
        "said": probability(0.9 * base + score).ravel(),  # not calibrated, but in order
        "true": true.ravel(),
        "labels": (draw.random(true.shape) < true).astype(float).ravel(),
        "persons": np.repeat(np.arange(persons), dates),
    }


def learnt(rows: dict[str, Any], *, drift: float = 0.0, weights: Floats | None = None) -> Intervals:
    count = len(rows["said"])
    return fit_intervals(
        ALL_ALIKE,
        np.zeros(count, dtype=np.int64),
        rows["said"],
        rows["labels"],
        np.ones(count) if weights is None else weights,
        rows["persons"],
        seed=1,
        drift=drift,
    )


def ends(intervals: Intervals, said: Floats) -> tuple[Floats, Floats]:
    return intervals.of(np.empty((len(said), 0)), said)


@pytest.mark.parametrize("base", [-5.0, -3.0, 0.0])
@pytest.mark.parametrize(("persons", "dates"), [(60, 3), (400, 5), (2_000, 1)])
def test_nine_of_ten_intervals_hold_the_true_share(base: float, persons: int, dates: int) -> None:
    """The share among all with a score, known from 300,000 rows, over twelve draws of those learnt from."""
    everybody = world(999, persons=300_000, dates=1, base=base)
    cells = np.array_split(np.argsort(everybody["said"]), 100)
    said, true = (np.array([everybody[name][cell].mean() for cell in cells]) for name in ("said", "true"))
    covered = []
    for seed in range(12):
        low, high = ends(learnt(world(seed, persons=persons, dates=dates, base=base)), said)
        covered.append(((low <= true) & (true <= high)).mean())
    assert np.mean(covered) >= COVERAGE


def test_the_probability_is_within_and_more_risk_never_has_lower_ends() -> None:
    intervals = learnt(world(3, persons=500, dates=2, base=-2.0))
    said = np.linspace(0.0, 1.0, 301)
    low, high = ends(intervals, said)
    assert (low <= said).all() and (said <= high).all()
    assert (np.diff(low) >= 0).all() and (np.diff(high) >= 0).all()


def test_the_more_were_seen_the_narrower() -> None:
    said = np.linspace(0.02, 0.4, 20)
    widths = []
    for persons in (50, 500, 5_000):
        low, high = ends(learnt(world(4, persons=persons, dates=1, base=-2.0)), said)
        widths.append(float((high - low).mean()))
    assert widths[0] > 1.8 * widths[1] > 3.2 * widths[2]


def test_rows_of_the_same_persons_count_for_no_more_than_the_persons() -> None:
    """Ten copies of every row tell nothing new."""
    once = world(5, persons=300, dates=1, base=-1.5)
    often = {name: np.repeat(values, 10) for name, values in once.items()}
    said = np.linspace(0.05, 0.6, 30)
    for first, second in zip(ends(learnt(once), said), ends(learnt(often), said), strict=True):
        assert np.allclose(first, second, atol=1e-12)


def test_a_row_that_stands_for_many_counts_as_many() -> None:
    """Of the negatives a quarter is kept and weighs four times: both ends stay about where they were."""
    whole = world(6, persons=4_000, dates=1, base=-1.5)
    kept = (whole["labels"] > 0) | (np.random.default_rng(1).random(4_000) < 0.25)
    thinned = {name: values[kept] for name, values in whole.items()}
    weights = np.where(thinned["labels"] > 0, 1.0, 4.0)
    said = np.linspace(0.05, 0.5, 30)
    all_rows, weighed, unweighed = (
        ends(one, said) for one in (learnt(whole), learnt(thinned, weights=weights), learnt(thinned))
    )
    assert all(np.abs(one - other).mean() < 0.03 for one, other in zip(all_rows, weighed, strict=True))
    assert np.abs(all_rows[1] - unweighed[1]).mean() > 0.1


def test_where_the_past_is_too_short_both_ends_are_further_apart() -> None:
    rows = world(7, persons=800, dates=1, base=-1.0)
    near, apart = learnt(rows).bands["settled"], learnt(rows, drift=0.5).bands["settled"]
    for one, other, sign in ((near.low, apart.low, -1), (near.high, apart.high, 1)):
        inside = (np.array(one) > 0.001) & (np.array(one) < 0.999)
        assert inside.sum() > 20
        assert np.allclose((log_odds(other) - log_odds(one))[inside], sign * 0.5)
        assert np.array_equal(np.array(one)[~inside] > 0.5, np.array(other)[~inside] > 0.5)


def test_of_a_group_that_was_never_seen_nothing_is_known() -> None:
    rows = world(8, persons=300, dates=1, base=-2.0)
    likeness = Likeness(categories=((0, 1),))
    known = np.tile([1.0, 0.0], (300, 1))
    intervals = fit_intervals(
        likeness, likeness.group(known), rows["said"], rows["labels"], np.ones(300), rows["persons"], seed=1
    )
    low, high = intervals.of(np.array([[0.0, 0.0], [0.0, 1.0]]), np.array([0.1, 0.1]))
    assert (low[0], high[0]) == (0.0, 1.0) and unsure(low[0], high[0])
    assert high[1] - low[1] < 0.2 and not unsure(low[1], high[1])


def test_of_a_handful_of_persons_nothing_is_said() -> None:
    """Nine who stayed would look like certainty."""
    nine = {name: values[:9] for name, values in world(9, persons=9, dates=1, base=-9.0).items()}
    assert nine["labels"].sum() == 0
    (low,), (high,) = ends(learnt(nine), np.array([0.01]))
    assert (low, high) == (0.0, 1.0)


def test_who_is_new_and_who_has_an_unknown_category() -> None:
    names = ["days_since_first", "plan_a", "plan_b", "visits"]
    matrix = np.column_stack([np.arange(100.0), np.ones(100), np.zeros(100), np.ones(100)])
    likeness = learn_likeness(matrix, names=names, age="days_since_first", categories=[["plan_a", "plan_b", "plan_c"]])
    asked = np.array([[5.0, 1, 0, 0], [50.0, 0, 1, 0], [50.0, 0, 0, 9], [5.0, 0, 0, 9], [np.nan, np.nan, np.nan, 0]])
    assert [GROUPS[place] for place in likeness.group(asked)] == [
        "new", "settled", "unknown_category", "unknown_category", "new",
    ]  # fmt: skip


def test_without_an_age_nobody_is_new() -> None:
    matrix = np.full((10, 1), np.nan)
    for age in (None, "elsewhere", "age"):
        found = learn_likeness(matrix, names=["age"], age=age, categories=[["not_there"]])
        assert found == Likeness(None, 0.0, ())


def test_a_race_has_intervals_for_its_risk_and_for_days_since_last(race: Race, later: pd.DataFrame) -> None:
    risk = race.predict(later)["risk"].to_numpy()
    low, high = race.interval(later, risk)
    assert set(race.intervals) == {"recency", race.blend.name}
    assert ((low >= 0) & (low <= risk) & (risk <= high) & (high <= 1)).all()
    tenths = np.array_split(np.argsort(risk), 10)
    happened = later["label"].to_numpy()
    inside = [low[part].mean() - 0.03 <= happened[part].mean() <= high[part].mean() + 0.03 for part in tenths]
    assert np.mean(inside) >= COVERAGE


def test_one_row_alone_has_the_interval_it_has_in_the_batch(race: Race, later: pd.DataFrame) -> None:
    risk = race.predict(later)["risk"].to_numpy()
    low, high = race.interval(later, risk)
    for row in range(30):
        (a,), (b,) = race.interval(later.iloc[[row]], risk[[row]])
        assert (a, b) == (low[row], high[row])


def test_intervals_survive_the_way_through_json_and_old_races_have_none(race: Race, later: pd.DataFrame) -> None:
    values = race_to_json(race)
    again = race_from_json(values, race.boosted.texts())
    assert again.intervals == race.intervals
    del values["intervals"]
    old = race_from_json(values, race.boosted.texts())
    low, high = old.interval(later, old.predict(later)["risk"].to_numpy())
    assert np.isnan(low).all() and np.isnan(high).all()


def test_new_customers_have_wider_intervals(
    examples: pd.DataFrame, features: tuple[Feature, ...], settings: RaceSettings
) -> None:
    """Those known for the fewest days are fewer, so less is known of them."""
    aged = examples.assign(age=np.random.default_rng(2).integers(1, 400, len(examples)).astype(float))
    told = Feature("age", "days since the first visit")
    found = fit_race(aged, features=(*features, told), settings=RaceSettings(**{**vars(settings), "age": "age"}))
    frame = aged[[feature.name for feature in found.features]]
    risk = np.random.default_rng(3).uniform(0.05, 0.6, len(frame))
    low, high = found.interval(frame, risk)
    new = frame["age"].to_numpy() < found.intervals[found.blend.name].likeness.new_days
    assert 0.05 < new.mean() < 0.15
    assert (high - low)[new].mean() > 1.5 * (high - low)[~new].mean()
