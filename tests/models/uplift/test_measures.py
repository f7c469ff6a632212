from __future__ import annotations

import numpy as np
import pytest

from tenure.models.uplift.effect import FittedEffect, OutOfFold
from tenure.models.uplift.gains import Order, difference_in_means, slope
from tenure.models.uplift.measures import measure_effect
from tenure.models.uplift.trial import Trial, TrialRefused

ONE = np.ones((1, 4))


def test_people_ranked_alike_share_their_places() -> None:
    order = Order.of(np.array([1.0, 1.0, 0.0, 0.0]), np.array([4.0, 0.0, 1.0, 1.0]))
    assert order.gain(ONE, share=0.25).tolist() == [0.5]  # half of the two first: (4 + 0) / 2 / 4
    assert Order.of(np.zeros(4), np.array([4.0, 0.0, 1.0, 1.0])).area(ONE).tolist() == [0.0]


def test_a_weight_of_two_is_the_row_twice() -> None:
    once = Order.of(np.array([3.0, 2.0, 1.0]), np.array([1.0, 5.0, -2.0]))
    twice = Order.of(np.array([3.0, 2.0, 2.0, 1.0]), np.array([1.0, 5.0, 5.0, -2.0]))
    weights = np.array([[1.0, 2.0, 1.0]])
    assert once.area(weights) == pytest.approx(twice.area(ONE))
    assert once.gain(weights, share=0.6) == pytest.approx(twice.gain(ONE, share=0.6))
    assert slope(np.array([3.0, 2.0, 1.0]), np.array([1.0, 5.0, -2.0]), weights) == pytest.approx(
        slope(np.array([3.0, 2.0, 2.0, 1.0]), np.array([1.0, 5.0, 5.0, -2.0]), ONE)
    )


def test_a_row_left_out_of_a_redraw_does_not_count() -> None:
    order = Order.of(np.array([3.0, 2.0, 1.0]), np.array([np.pi, 5.0, -2.0]))
    assert order.gain(np.array([[0.0, 1.0, 1.0]]), share=0.5).tolist() == [2.5]


def test_estimates_twice_too_far_apart_have_a_slope_of_a_half() -> None:
    truth = np.array([0.1, 0.2, 0.3, 0.4])
    assert slope(2 * truth, truth, ONE) == pytest.approx([0.5])
    assert np.isnan(slope(np.zeros(4), truth, ONE)).all()


def test_the_difference_in_means_makes_good_unequal_chances() -> None:
    # In each half a contact keeps a fifth; the half that leaves more is contacted more often.
    often = _half(people=1_000, chance=0.8, rate=0.6)
    seldom = _half(people=1_000, chance=0.2, rate=0.3)
    left, treated, chance = (np.concatenate(pair) for pair in zip(often, seldom, strict=True))
    weights = np.ones((1, len(left)))
    assert difference_in_means(left, treated, chance, weights) == pytest.approx([0.2])
    assert left[treated == 0].mean() - left[treated == 1].mean() < 0.1


def _half(*, people: int, chance: float, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    treated = np.repeat([1.0, 0.0], [round(people * chance), round(people * (1 - chance))])
    place = np.concatenate([np.arange(size) / size for size in (treated.sum(), people - treated.sum())])
    left = (place < np.where(treated > 0, rate - 0.2, rate) - 1e-9).astype(float)
    return left, treated, np.full(people, chance)


def test_what_is_measured_of_a_known_world(split: tuple[Trial, np.ndarray], fitted: FittedEffect) -> None:
    found = measure_effect(fitted.proof, capacity=0.2, replicates=100, seed=1)
    truth = split[1]
    assert not found.average.excludes(truth.mean())
    assert not found.difference.excludes(truth.mean())
    assert not found.slope.excludes(1.0)
    assert found.qini.low > 0.0 and found.relative_qini > 0.5
    best = truth[np.argsort(-fitted.proof.effects)[: len(truth) // 5]].mean()
    assert not found.top.excludes(best)
    assert [bin_.people for bin_ in found.bins] == [600] * 5
    assert [bin_.predicted for bin_ in found.bins] == sorted(bin_.predicted for bin_ in found.bins)
    assert all(not bin_.measured.excludes(bin_.predicted) for bin_ in (found.bins[0], found.bins[-1]))
    assert found.values()["average"]["value"] == found.average.value


def test_the_same_people_twice_do_not_narrow_an_interval(fitted: FittedEffect) -> None:
    proof = fitted.proof
    rows = np.tile(np.arange(len(proof.trial)), 2)
    twice = OutOfFold(proof.trial.rows(rows), proof.effects[rows], proof.scores[rows], proof.risk[rows])
    once = measure_effect(proof, capacity=0.2, replicates=200, seed=1).average
    again = measure_effect(twice, capacity=0.2, replicates=200, seed=1).average
    assert again.high - again.low == pytest.approx(once.high - once.low, rel=0.15)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"capacity": 0.0}, "between 0 and 1, found 0.0"),
        ({"capacity": 50}, "between 0 and 1, found 50"),
        ({"capacity": 0.2, "value": [1.0]}, "expected value to have a finite value for each of the 3000 rows"),
        ({"capacity": 0.2, "risk": np.full(3_000, np.nan)}, "with 3000 that are not finite"),
    ],
)
def test_what_cannot_be_measured_is_refused(fitted: FittedEffect, given: dict, said: str) -> None:
    with pytest.raises(TrialRefused, match=said):
        measure_effect(fitted.proof, seed=1, **given)
