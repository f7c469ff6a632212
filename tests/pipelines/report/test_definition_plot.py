"""The plot of the two errors of a definition."""

from __future__ import annotations

import math
from dataclasses import replace

from tenure.models.bootstrap import Interval
from tenure.pipelines.defining.judgement import Judgement
from tenure.pipelines.defining.plan import Definition
from tenure.pipelines.report.definition_plot import plot_definitions

SURE = Interval(0.4, 0.35, 0.45)
ONE = Judgement(Definition(28, 56), 900, 300, 250, 0.3, 300, 120, SURE, 0.0, 40, 32.0, 32.0, 0.0, SURE, SURE, SURE)


def test_it_names_windows_horizons_and_what_is_chosen() -> None:
    svg = plot_definitions([ONE], limit=0.5, followed_days=182, chosen=ONE.definition, good=True)
    assert all(words in svg for words in ("active in 56 days", "28 d", "recommended", "back within 182 days"))
    assert "least wrong" in plot_definitions([ONE], limit=0.5, followed_days=182, chosen=ONE.definition, good=False)


def test_what_is_not_measurable_is_not_drawn() -> None:
    blind = replace(ONE, mean_delay=math.nan)
    assert "not measurable" in plot_definitions([blind], limit=0.5, followed_days=182, chosen=None, good=False)
    nobody = replace(ONE, false_churn=Interval(0.0, math.nan, math.nan))
    assert "active in 56 days" in plot_definitions([nobody], limit=0.5, followed_days=182, chosen=None, good=False)
