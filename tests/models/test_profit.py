"""What a contact earns, calculated by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tenure.models.bootstrap import bootstrap
from tenure.models.profit import Stakes, Terms, earnings, expected_profit, places, realised_profit

TERMS = Terms(save_rate=0.25, contact_cost=2.0, offer_cost=10.0, stayers_accept=0.5)


def test_expected_profit_is_what_one_calculates_by_hand() -> None:
    # of 100 contacts 40 would leave: 10 are kept for 90 each, 30 stayers take 10 each, 100 contacts cost 2 each
    assert expected_profit([0.4], [100.0], terms=TERMS) == pytest.approx([(10 * 90 - 30 * 10 - 100 * 2) / 100])
    # with everybody taking the offer it is the profit of Neslin et al.: b*g*(V - d) - (1 - b)*d - c
    everybody = Terms(save_rate=0.3, contact_cost=1.0, offer_cost=5.0)
    assert expected_profit([0.2], [50.0], terms=everybody) == pytest.approx([0.2 * 0.3 * 45 - 0.8 * 5 - 1])


def test_a_measured_effect_stands_in_the_place_of_the_assumed_one_and_may_do_harm() -> None:
    found = expected_profit([0.4, 0.4], [100.0, 100.0], terms=TERMS, effects=[0.2, -0.1])
    assert found == pytest.approx([0.2 * 90 - 3 - 2, -0.1 * 90 - 3 - 2])


def test_realised_profit_knows_who_left() -> None:
    assert realised_profit([1, 0], [100.0, 100.0], terms=TERMS) == pytest.approx([0.25 * 90 - 2, -0.5 * 10 - 2])


def test_with_one_value_for_everybody_the_order_by_gain_is_the_order_by_risk() -> None:
    risk = np.sort(np.random.default_rng(5).beta(1, 6, 20_000))[::-1]
    risk[1:1000:2] = np.nextafter(risk[:999:2], 0.0)  # neighbours that differ by as little as can be
    for terms in (TERMS, Terms(save_rate=0.1, contact_cost=0.0)):
        found = places(expected_profit(risk, np.full(len(risk), 1e4), terms=terms), np.ones(len(risk), dtype=bool))
        placed = found[found > 0]
        assert placed.tolist() == list(range(1, len(placed) + 1))


def test_nobody_without_gain_or_permission_or_a_known_value_has_a_place() -> None:
    assert places([0.0, -1.0, np.nan, 3.0, 4.0], [True, True, True, True, False]).tolist() == [0, 0, 0, 1, 0]


LEFT = np.array([1.0, 0.0, 1.0, 0.0])
RISK = np.array([0.9, 0.8, 0.5, 0.1])
PLAIN = Terms(save_rate=0.1, contact_cost=3.0)


def profit(values: list[float], capacity: float, weights: list[float] | None = None, risk: np.ndarray = RISK) -> float:
    found = earnings(LEFT, risk, Stakes(values, PLAIN, capacity))
    return float(found.at_capacity(np.array([weights or [1.0] * 4]))[0])


def test_profit_at_capacity_contacts_the_highest_expected_profits_and_counts_what_happened() -> None:
    assert profit([100.0] * 4, 2) == pytest.approx(7 - 3)  # gains 6, 5, 2, -2: the first left, the second stayed
    assert profit([100.0, 100.0, 1000.0, 100.0], 1) == pytest.approx(100 - 3)  # the third is worth most
    assert profit([100.0] * 4, 99) == pytest.approx(7 - 3 + 7)  # the list ends where profit does
    assert profit([1.0] * 4, 2) == 0.0  # nobody is worth a contact
    assert profit([100.0, np.nan, 100.0, 100.0], 9) == pytest.approx(7 + 7)  # nobody knows what is lost


def test_profit_at_capacity_shares_ties_and_follows_weights() -> None:
    assert profit([100.0] * 4, 1, risk=np.full(4, 0.9)) == pytest.approx((7 - 3 + 7 - 3) / 4)
    assert profit([100.0] * 4, 2, [0.0, 3.0, 1.0, 1.0]) == pytest.approx(2 * -3)  # the second, drawn three times
    assert profit([100.0] * 4, 2, [1.0, 0.0, 5.0, 1.0]) == pytest.approx(7 + 7)


def test_an_interval_of_the_profit_is_drawn_by_person() -> None:
    generator = np.random.default_rng(3)
    risk = generator.beta(1, 4, 2_000)
    left = (generator.random(2_000) < risk).astype(float)
    stakes = Stakes(generator.gamma(2, 100, 2_000), PLAIN, 200)
    found = bootstrap({"risk": risk}, left, np.arange(2_000), capacity=200, replicates=100, seed=1, stakes=stakes)
    interval = found.interval("risk", "profit_at_capacity")
    order = np.argsort(-expected_profit(risk, stakes.values, terms=PLAIN))[:200]
    assert interval.value == pytest.approx(realised_profit(left, stakes.values, terms=PLAIN)[order].sum())
    assert 0 < interval.low < interval.value < interval.high
