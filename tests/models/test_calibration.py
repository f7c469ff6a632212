from __future__ import annotations

import numpy as np
import pytest

from tenure.models.calibration import SMALLEST_SLOPE, Calibration, ease_level, fit_calibration
from tenure.models.odds import probability


def test_a_known_distortion_is_undone() -> None:
    generator = np.random.default_rng(1)
    raw = generator.normal(0.0, 2.0, 20_000)
    labels = (generator.random(20_000) < probability(-1.0 + 0.5 * raw)).astype(float)
    line = fit_calibration(raw, labels)
    assert (line.intercept, line.slope) == pytest.approx((-1.0, 0.5), abs=0.06)


def test_scores_that_point_the_wrong_way_become_flat_not_reversed() -> None:
    raw = np.linspace(-3.0, 3.0, 1_000)
    labels = (raw < -2.0).astype(float)
    line = fit_calibration(raw, labels)
    assert line.slope == SMALLEST_SLOPE
    assert probability(line.apply(raw)).mean() == pytest.approx(labels.mean(), abs=0.01)


@pytest.mark.parametrize("labels", [np.zeros(5), np.ones(5)])
def test_one_class_alone_stays_finite(labels: np.ndarray) -> None:
    line = fit_calibration(np.linspace(-1.0, 1.0, 5), labels)
    assert np.isfinite([line.intercept, line.slope]).all()


def test_easing_keeps_the_slope_and_part_of_the_move() -> None:
    raw = np.random.default_rng(1).normal(-1.0, 1.0, 5_000)
    line, ones = Calibration(-1.0, 2.0), np.ones(5_000)
    still, half, whole = (ease_level(line, raw, ones, kept=kept) for kept in (0.0, 0.5, 1.0))
    assert whole == line
    assert probability(still.apply(raw)).mean() == pytest.approx(probability(raw).mean(), abs=1e-3)
    assert half.intercept == pytest.approx((still.intercept + whole.intercept) / 2)
