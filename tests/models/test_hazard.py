"""The time to leave: known hazards are found again, chances never fall, and one row is the batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenure.models.boosted import BoostedSettings
from tenure.models.feature import Feature
from tenure.models.hazard import CURVES, HazardModel, within
from tenure.models.hazard_fit import fit_hazard
from tenure.models.logistic import LogisticSettings
from tenure.models.odds import probability
from tenure.models.periods import Times, periods_of
from tenure.models.settings import RaceSettings
from tenure.models.training_rows import TooFewExamples

FEATURES = (Feature("days_since_last", sign=1), Feature("pull"), Feature("noise"))
SETTINGS = RaceSettings(
    recency="days_since_last",
    boosted=BoostedSettings(trees=(30, 60), leaf_rows=20),
    logistic=LogisticSettings(strengths=(0.01, 0.1)),
)
EDGES = (0, 7, 14, 28, 56)
LEVELS = np.array([-2.5, -3.0, -2.0, -1.5])


def hazards(frame: pd.DataFrame) -> np.ndarray:
    """The truth: the pull counts in the first part twice as much as in the last, days since last alike in all."""
    fading = np.array([1.0, 0.9, 0.7, 0.5])
    days = np.log1p(frame["days_since_last"].to_numpy()) - 2.3
    return probability(LEVELS + frame["pull"].to_numpy()[:, None] * fading + 0.5 * days[:, None])


def world(persons: int = 4000, *, seed: int = 3) -> tuple[pd.DataFrame, Times]:
    """Rows with known hazards, some of them young: those tell only of the parts that are over."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(persons)],
            "as_of": pd.Timestamp("2024-01-01"),
            "days_since_last": generator.exponential(15.0, persons).round(),
            "pull": generator.normal(0.0, 1.0, persons),
            "noise": generator.normal(0.0, 1.0, persons),
        }
    )
    drawn = generator.random((persons, len(LEVELS))) < hazards(frame)
    part = np.where(drawn.any(axis=1), drawn.argmax(axis=1), len(LEVELS))
    days = np.r_[np.asarray(EDGES[:-1], dtype=float), np.inf][part] + generator.integers(0, 7, persons)
    return frame, Times(days, generator.choice([10.0, 30.0, 60.0, 200.0], persons))


@pytest.fixture(scope="module")
def model() -> HazardModel:
    frame, times = world()
    return fit_hazard(frame, times, features=FEATURES, edges=EDGES, settings=SETTINGS)


def test_known_hazards_are_found_again_though_half_the_rows_are_censored(model):
    asked, _ = world(2000, seed=4)
    truth = within(hazards(asked))
    found = model.curves(asked.drop(columns=["customer_id", "as_of"]))
    for name in ("line", "hazard"):
        np.testing.assert_allclose(found[name].mean(axis=0), truth.mean(axis=0), atol=0.02)
        assert np.abs(found[name] - truth).mean() < 0.035, name
        assert np.corrcoef(found[name][:, -1], truth[:, -1])[0, 1] > 0.97
    assert np.abs(found["hazard"] - truth).mean() < np.abs(found["recency"] - truth).mean() / 2
    np.testing.assert_allclose(found["kaplan_meier"][0], truth.mean(axis=0), atol=0.03)


def test_what_fades_with_time_is_seen_to_fade(model):
    pull = [feature.name for feature in FEATURES].index("pull")
    place = model.line.preparation.columns.tolist().index(pull)
    assert model.line.weights[place] > 0 > model.line.tilts[place]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-50.0, 50.0) | st.just(float("nan")), min_size=3, max_size=3))
def test_the_chance_never_falls_with_the_days(model, values):
    row = pd.DataFrame([values], columns=[feature.name for feature in FEATURES])
    for name, chances in model.curves(row).items():
        assert (np.diff(chances[0]) >= 0.0).all(), name
        assert chances[0, 0] >= 0.0 and chances[0, -1] <= 1.0


def test_one_row_alone_is_the_row_of_the_batch_bit_for_bit(model):
    asked, _ = world(300, seed=5)
    asked = asked.drop(columns=["customer_id", "as_of"])
    batch = model.curves(asked)
    for place in range(0, 300, 7):
        alone = model.curves(asked.iloc[[place]])
        for name in CURVES:
            assert alone[name].tobytes() == batch[name][[place]].tobytes()


def test_the_same_rows_give_the_same_model(model):
    frame, times = world()
    again = fit_hazard(frame, times, features=FEATURES, edges=EDGES, settings=SETTINGS)
    asked = world(50, seed=6)[0].drop(columns=["customer_id", "as_of"])
    assert again.within(asked).equals(model.within(asked))
    assert again.report == model.report


def test_a_row_tells_only_of_the_parts_that_are_over():
    times = Times(np.array([20.0, 20.0, np.inf, 3.0]), np.array([60.0, 27.0, 14.0, 6.0]))
    found = periods_of(times, EDGES)
    lines = list(zip(found.row.tolist(), found.part.tolist(), found.event.tolist(), strict=True))
    assert lines == [(0, 0, 0), (0, 1, 0), (0, 2, 1), (1, 0, 0), (1, 1, 0), (2, 0, 0), (2, 1, 0)]


def test_parts_that_nobody_has_lived_through_are_not_told_of():
    frame, times = world(400)
    young = Times(times.days, np.minimum(times.decided, 30.0))
    found = fit_hazard(frame, young, features=FEATURES, edges=EDGES, settings=SETTINGS)
    assert found.days == (7, 14, 28)


def test_of_a_part_in_which_it_happened_to_nobody_next_to_nothing_is_said():
    frame, times = world(1500)
    never_late = Times(np.where(times.days >= 28, np.inf, times.days), np.full(1500, 60.0))
    found = fit_hazard(frame, never_late, features=FEATURES, edges=EDGES, settings=SETTINGS)
    chances = found.within(frame.drop(columns=["customer_id", "as_of"]))
    assert found.days[-2:] == (28, 56)
    assert 0.0 <= (chances[56] - chances[28]).mean() < 0.005


def test_a_large_table_is_thinned_and_says_nearly_the_same(model):
    frame, times = world()
    thinner = RaceSettings(**{**vars(SETTINGS), "most_rows": 6000})
    found = fit_hazard(frame, times, features=FEATURES, edges=EDGES, settings=thinner)
    asked = world(1000, seed=8)[0].drop(columns=["customer_id", "as_of"])
    assert found.report["periods"] < 8000 < model.report["periods"]
    np.testing.assert_allclose(found.within(asked).mean(), model.within(asked).mean(), atol=0.03)


def older_and_newer(truth, shift: float) -> tuple[pd.DataFrame, Times]:
    """Two cut-offs of a world; at the newer one the pull is larger by `shift`."""
    generator = np.random.default_rng(9)
    older, newer = world(2500, seed=10)[0], world(2500, seed=11)[0]
    newer = newer.assign(as_of=pd.Timestamp("2024-03-01"), pull=newer["pull"] + shift)
    frame = pd.concat([older, newer], ignore_index=True)
    chances = probability(truth(frame["pull"].to_numpy()))
    days = np.where(generator.random(len(frame)) < chances, 3.0, np.inf)
    return frame, Times(days, np.full(len(frame), 9.0))


@pytest.mark.parametrize(
    ("truth", "shift", "trees"),
    [
        (lambda pull: -3.0 + 1.2 * pull, 3.0, False),  # a line goes on where customers have never been before
        (lambda pull: -2.0 + 3.0 * (np.abs(pull) > 1.0), 0.0, True),  # what no line can say
    ],
)
def test_the_trees_have_the_part_that_newer_dates_show_to_be_best(truth, shift, trees):
    frame, times = older_and_newer(truth, shift)
    found = fit_hazard(frame, times, features=FEATURES, edges=EDGES, settings=SETTINGS)
    assert found.share > 0.5 if trees else found.share == 0.0


def test_one_cut_off_shows_nothing_of_other_dates(model):
    assert model.share == SETTINGS.risk.share


@pytest.mark.parametrize(
    ("rows", "said"), [(20, "at least 40 rows whose first 7 days are over, found"), (200, "positives")]
)
def test_too_few_rows_or_events_are_refused(rows, said):
    frame, times = world(rows)
    never = Times(np.full(rows, np.inf), times.decided)
    with pytest.raises(TooFewExamples, match=said):
        fit_hazard(frame, never, features=FEATURES, edges=EDGES, settings=SETTINGS)
