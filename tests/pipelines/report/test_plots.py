"""The plots as functions of arrays."""

from __future__ import annotations

import datetime as dt

import matplotlib
import numpy as np
import pytest

from tenure.pipelines.report.calibration_plot import bins_of_equal_mass, plot_calibration
from tenure.pipelines.report.canvas import inline
from tenure.pipelines.report.gain_plot import gain_curve, plot_gain
from tenure.pipelines.report.origins_plot import plot_origins
from tenure.pipelines.report.scores_plot import plot_scores

NONE = np.array([], dtype=np.float64)


def test_bins_have_equal_mass():
    bins = bins_of_equal_mass(np.linspace(0.0, 1.0, 100), np.zeros(100))
    assert bins.rows.tolist() == [10] * 10


def test_equal_predictions_stay_in_one_bin():
    bins = bins_of_equal_mass(np.full(50, 0.2), np.r_[np.ones(10), np.zeros(40)])
    assert (bins.rows.tolist(), bins.observed.tolist(), bins.agreeing) == ([50], [0.2], 1)


def test_bins_do_not_depend_on_the_order_of_rows():
    rng = np.random.default_rng(1)
    predicted, labels = rng.random(200).round(1), rng.integers(0, 2, 200).astype(float)
    order = rng.permutation(200)
    first, second = bins_of_equal_mass(predicted, labels), bins_of_equal_mass(predicted[order], labels[order])
    np.testing.assert_allclose(first.observed, second.observed)


def test_the_gain_ends_with_everybody_found():
    gain = gain_curve(np.array([0.2, 0.2, 0.1]), np.array([1.0, 0.0, 1.0]))
    assert (gain.worked[-1], gain.found[-1], gain.at(1 / 3)) == (1.0, 1.0, 0.25)


def test_without_cases_the_gain_is_not_measurable():
    gain = gain_curve(np.array([0.2, 0.1]), np.zeros(2))
    assert "not measurable" in plot_gain({"risk": gain}, capacity_share=0.1, capacity="1 contact")


@pytest.mark.parametrize(
    "svg",
    [
        lambda: plot_calibration(bins_of_equal_mass(NONE, NONE)),
        lambda: plot_scores(NONE, NONE, [], happened="left", stayed="did not", capacity="9 contacts"),
        lambda: plot_origins([dt.date(2017, 8, 7)], {"risk": np.full((1, 3), np.nan)}),
    ],
    ids=["calibration", "scores", "origins"],
)
def test_without_rows_a_plot_says_so(svg):
    assert "not measurable" in svg()


def test_a_plot_carries_no_date_and_leaves_the_users_style_alone():
    before = dict(matplotlib.rcParams)
    svg = plot_calibration(bins_of_equal_mass(np.array([0.2, 0.8]), np.array([0.0, 1.0])))
    assert "<metadata" not in svg
    assert "dc:date" not in svg
    assert dict(matplotlib.rcParams) == before


def test_a_plot_ignores_the_users_style():
    bins = bins_of_equal_mass(np.array([0.2, 0.8]), np.array([0.0, 1.0]))
    plain = plot_calibration(bins)
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30, "svg.fonttype": "path"}):
        assert plot_calibration(bins) == plain


def test_inside_a_page_colours_follow_it_and_words_are_escaped():
    svg = plot_calibration(bins_of_equal_mass(np.array([0.2, 0.8]), np.array([0.0, 1.0])))
    body = inline(svg, "calibration", 'a "bold" <claim>')
    assert body.startswith('<svg role="img" aria-label="a &quot;bold&quot; &lt;claim&gt;"')
    assert "var(--risk, #0072b2)" in body
    assert "<?xml" not in body
