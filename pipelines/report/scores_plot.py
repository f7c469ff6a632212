"""How the scores are spread, and where the capacity cuts the list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from tenure.models.odds import Floats, log_odds
from tenure.pipelines.report.canvas import draw, legend_above, say_instead
from tenure.pipelines.report.palette import INK, LOOKS, PALE

BINS = 36
TICKS = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.999)


def capacity_cut(predicted: Floats, capacity: int) -> float:
    """The lowest score on a list of `capacity` rows; NaN where there are no rows.

    >>> capacity_cut(np.array([0.1, 0.9, 0.4]), 2), capacity_cut(np.array([0.1]), 5)
    (0.4, 0.1)
    """
    if not len(predicted):
        return float("nan")
    return float(np.sort(predicted)[::-1][min(capacity, len(predicted)) - 1])


def plot_scores(
    predicted: Floats,
    labels: Floats,
    cuts: Sequence[float],
    *,
    happened: str,
    stayed: str,
    capacity: str,
) -> str:
    """Rows by score on a scale of odds, split by what happened; `cuts` are the capacity's cuts, one an origin."""

    def paint(axes: Axes) -> None:
        if not len(predicted):
            say_instead(axes, "not measurable")
            return
        places = log_odds(predicted)
        low, high = float(places.min()), float(places.max())
        pad = 0.02 * (high - low) if high - low > 1e-6 else 1.0
        edges = np.linspace(low - pad, high + pad, BINS + 1)
        parts = [places[labels == 1.0], places[labels == 0.0]]
        colours, names = [LOOKS["risk"].colour, PALE], [happened, stayed]
        axes.hist(parts, bins=edges.tolist(), stacked=True, color=colours, label=names, rwidth=0.9)
        _cut(axes, np.array(cuts, dtype=np.float64), capacity)
        _ticks(axes, float(edges[0]), float(edges[-1]))
        axes.grid(visible=False, axis="x")
        axes.set_xlabel("predicted risk")
        axes.set_ylabel("predictions")
        legend_above(axes)

    return draw(paint)


def _cut(axes: Axes, cuts: Floats, words: str) -> None:
    known = log_odds(cuts[np.isfinite(cuts)])
    if not len(known):
        return
    middle = float(np.median(known))
    if known.min() < known.max():
        axes.axvspan(float(known.min()), float(known.max()), color=INK, alpha=0.12, linewidth=0)
    axes.axvline(middle, color=INK, linewidth=1.1)
    left = middle > float(np.mean(axes.get_xlim()))
    axes.annotate(
        words,
        (middle, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-8 if left else 8, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        fontsize=9.5,
    )


def _ticks(axes: Axes, low: float, high: float) -> None:
    shown = [tick for tick in TICKS if low <= log_odds(np.array([tick]))[0] <= high]
    axes.set_xticks(log_odds(np.array(shown)), [f"{100 * tick:g}%" for tick in shown])
    axes.set_xlim(low, high)
