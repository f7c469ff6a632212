"""BG/NBD against the published figures, against the package lifetimes, and against its own definition."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from tenure.pipelines.features import bgnbd
from tenure.pipelines.features.bgnbd import BgNbd, Expectations, fit

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
from cdnow_likelihood import DATA, sample  # noqa: E402 (the benchmark and the test read the sample alike)

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
ODD = (
    BgNbd(0.3, 0.2, 0.05, 60.0),
    BgNbd(2.0, 9.0, 1.0, 0.3),
    BgNbd(1.0, 1.0, 800.0, 900.0),
    BgNbd(1.0, 0.01, 3.0, 0.2),
)
LIVES = np.array(
    [[0, 0, 0], [0, 0, 39.0], [1, 0.3, 39], [1, 38.9, 39], [7, 20, 25.6], [300, 51.9, 52], [900, 100, 104]]
)
"""`x`, `t_x` and `T` in weeks, from one-time buyers to daily ones."""


def lifetimes_with(model: BgNbd) -> Any:
    """The other package, handed the parameters instead of fitting them."""
    with warnings.catch_warnings():  # it is no longer maintained and sets an option that pandas dropped
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter
    other = BetaGeoFitter()
    other.params_ = pd.Series(dict(zip(("r", "alpha", "a", "b"), model.parameters, strict=True)))
    return other


def drawn(customers: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customers who buy and stop as the model says, in whole days."""
    random = np.random.default_rng(seed)
    x, t_x, T = np.zeros(customers), np.zeros(customers), random.integers(100, 400, customers).astype(float)
    for who in range(customers):
        rate, stop, now = random.gamma(0.6, 1 / 20.0), random.beta(0.8, 2.5), 0.0
        while (now := now + random.exponential(1 / rate)) < T[who]:
            x[who], t_x[who] = x[who] + 1, np.floor(now)
            if random.random() < stop:
                break
    return x, t_x / 7, T / 7


def test_the_published_parameters_and_log_likelihood_of_cdnow_come_out_again(require) -> None:
    require(DATA)
    x, t_x, T = sample()
    found = fit(x, t_x, T)
    assert found is not None
    assert [round(value, 3) for value in found.parameters] == [0.243, 4.414, 0.793, 2.426]
    assert round(found.log_likelihood(x, t_x, T), 1) == -9582.4


def test_expected_purchases_and_the_chance_of_being_alive_are_those_of_lifetimes() -> None:
    x, t_x, T = LIVES[:5].T
    other = lifetimes_with(CDNOW)
    for weeks in (4.0, 26.0, 52.0):
        expected = other.conditional_expected_number_of_purchases_up_to_time(weeks, x, t_x, T)
        np.testing.assert_allclose(CDNOW.expected(weeks, x, t_x, T), expected, rtol=1e-10)
    np.testing.assert_allclose(CDNOW.alive(x, t_x, T), other.conditional_probability_alive(x, t_x, T), rtol=1e-12)


@pytest.mark.parametrize("model", ODD)
def test_expected_purchases_hold_for_frequent_buyers_and_odd_parameters(model: BgNbd) -> None:
    x, t_x, T = LIVES.T
    for weeks in (1.0, 52.0):
        found = model.expected(weeks, x, t_x, T) / model.alive(x, t_x, T)
        for place, (count, age) in enumerate(zip(x, T, strict=True)):
            assert found[place] == pytest.approx(_by_its_definition(model, weeks, count, age), rel=1e-6)


def _by_its_definition(model: BgNbd, weeks: float, x: float, T: float) -> float:
    """The mean over the chance p of stopping, its beta variable written as a quantile."""
    growth = weeks / (model.alpha + T)

    def purchases(quantile: float) -> float:
        p = max(float(beta.ppf(quantile, model.a, model.b + x)), 1e-300)
        return -np.expm1(-(model.r + x) * np.log1p(p * growth)) / p

    return float(quad(purchases, 0.0, 1.0, limit=400, epsrel=1e-9)[0])


def test_the_chance_of_any_purchase_lies_below_what_is_expected_and_falls_with_silence() -> None:
    x, t_x, T = LIVES.T
    chance, expected = CDNOW.chance(4.0, x, t_x, T), CDNOW.expected(4.0, x, t_x, T)
    assert (chance <= expected + 1e-12).all()
    silent = [CDNOW.chance(4.0, *(np.array([v]) for v in (5.0, 20.0, T)))[0] for T in (20.0, 24.0, 30.0, 60.0)]
    assert silent == sorted(silent, reverse=True)


def test_slopes_of_the_likelihood_are_its_differences() -> None:
    likelihood = bgnbd._Likelihood(*bgnbd._grouped(*LIVES.T))
    logs = np.log([0.4, 5.0, 0.9, 2.0])
    for place in range(4):
        step = np.eye(4)[place] * 1e-5
        difference = (likelihood(logs + step)[0] - likelihood(logs - step)[0]) / 2e-5
        assert likelihood(logs)[1][place] == pytest.approx(difference, rel=1e-6, abs=1e-9)


def test_one_customer_alone_is_expected_to_buy_what_it_is_in_the_batch_bit_for_bit() -> None:
    x, t_x, T = drawn(300)
    batch = (CDNOW.expected(4.0, x, t_x, T), CDNOW.chance(4.0, x, t_x, T))
    for who in range(0, 300, 7):
        own = x[[who]], t_x[[who]], T[[who]]
        assert CDNOW.expected(4.0, *own)[0] == batch[0][who]
        assert CDNOW.chance(4.0, *own)[0] == batch[1][who]


def test_the_order_of_customers_and_how_many_are_alike_change_no_bit() -> None:
    x, t_x, T = drawn(400)
    mixed = np.random.default_rng(3).permutation(400)
    assert fit(x, t_x, T) == fit(x[mixed], t_x[mixed], T[mixed])


def test_of_very_many_customers_evenly_many_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    x, t_x, T = drawn(3_000)
    whole = fit(x, t_x, T)
    monkeypatch.setattr(bgnbd, "LARGEST", 1_000)
    rows, weights = bgnbd._thinned(*bgnbd._grouped(x, t_x, T))
    assert weights.sum() == 1_000
    assert abs((weights * rows[:, 0]).sum() / 1_000 - x.mean()) < 0.05
    thinned = fit(x, t_x, T)
    assert whole is not None and thinned is not None
    assert thinned.r == pytest.approx(whole.r, rel=0.15)


def test_parameters_that_run_away_are_none() -> None:
    everyone_alike = np.full(200, 5.0), np.full(200, 10.0), np.full(200, 10.0)
    assert fit(*everyone_alike) is None
    assert fit(np.zeros(200), np.zeros(200), np.full(200, 10.0)) is None


def test_what_is_remembered_has_the_bits_of_what_is_worked_out() -> None:
    x, T = (np.random.default_rng(3).integers(0, most, 400).astype(float) for most in (90, 2_500))
    remembered = Expectations(CDNOW, 28)
    worked_out = CDNOW.expected_alive(4.0, x, T / 7)
    for part in (slice(0, 50), slice(None), slice(300, 301)):
        np.testing.assert_array_equal(remembered.of(x[part], T[part]), worked_out[part])
