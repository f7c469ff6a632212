"""The two errors of a definition against each other: how often it is wrong, and how late it is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from tenure.pipelines.defining.judgement import Judgement
from tenure.pipelines.defining.plan import Definition
from tenure.pipelines.report.canvas import draw, say_instead
from tenure.pipelines.report.palette import INK, LOOKS, MUTED, Look

SERIES: tuple[Look, ...] = tuple(LOOKS.values())


def plot_definitions(
    judged: Sequence[Judgement], *, limit: float, followed_days: int, chosen: Definition | None, good: bool
) -> str:
    """False churn against days until noticed: a line a window of eligibility, a point a horizon.

    The broken line is the false churn a good definition does not exceed. The ring is what is chosen: recommended
    where it is good, else the least wrong.
    """
    shown = [one for one in judged if math.isfinite(one.false_churn.value) and math.isfinite(one.mean_delay)]

    def paint(axes: Axes) -> None:
        if not shown:
            say_instead(axes, "not measurable")
            return
        windows = list(dict.fromkeys(one.definition.active_days for one in shown))
        for place, window in enumerate(windows):
            again, series = divmod(place, len(SERIES))
            some = [one for one in shown if one.definition.active_days == window]
            _line(axes, some, SERIES[series], ":" if again else "-")
        axes.axhline(limit, color=MUTED, linestyle="--", linewidth=1.2)
        _ring(axes, [one for one in shown if one.definition == chosen], "recommended" if good else "least wrong")
        _horizons(axes, shown)
        axes.set_ylim(0.0, 1.1)
        axes.set_yticks(np.linspace(0.0, 1.0, 6))
        axes.set_xlim(0.0, 1.08 * max(one.mean_delay for one in shown))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("days from last activity until a real loss is noticed")
        axes.set_ylabel(f"of those called lost, back within {followed_days} days")
        axes.legend(loc="lower left", fontsize=9.0)

    return draw(paint)


def _line(axes: Axes, some: Sequence[Judgement], look: Look, stroke: str) -> None:
    window = some[0].definition.active_days
    delay, share = [one.mean_delay for one in some], np.array([one.false_churn.value for one in some])
    ends = np.array([[o.false_churn.low, o.false_churn.high] for o in some]).T
    reach = np.nan_to_num(np.clip([share - ends[0], ends[1] - share], 0.0, None))
    axes.errorbar(
        delay,
        share,
        yerr=reach,
        fmt=look.marker,
        linestyle=stroke,
        linewidth=1.2,
        color=look.colour,
        markersize=4.5,
        elinewidth=1.4,
        label="everybody" if window is None else f"active in {window} days",
    )


def _ring(axes: Axes, some: Sequence[Judgement], name: str) -> None:
    for one in some:
        axes.plot(
            [one.mean_delay],
            [one.false_churn.value],
            marker="o",
            linestyle="none",
            markersize=13,
            markerfacecolor="none",
            markeredgecolor=INK,
            markeredgewidth=1.4,
            label=name,
        )


def _horizons(axes: Axes, shown: Sequence[Judgement]) -> None:
    """Name each horizon once, above its highest point."""
    for horizon in dict.fromkeys(one.definition.horizon_days for one in shown):
        some = [one for one in shown if one.definition.horizon_days == horizon]
        top = max(np.nanmax([one.false_churn.value, one.false_churn.high]) for one in some)
        middle = float(np.mean([one.mean_delay for one in some]))
        axes.annotate(
            f"{horizon} d", (middle, top), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9.0
        )
