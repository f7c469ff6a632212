"""What share of all cases is found by working down the list so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from tenure.models.odds import Floats
from tenure.pipelines.report.canvas import draw, legend_above, say_instead
from tenure.pipelines.report.palette import INK, MUTED, look_of

MOST_POINTS = 250


@dataclass(frozen=True)
class Gain:
    """Share of the list worked through, and share of all cases found by then."""

    worked: Floats
    found: Floats

    def at(self, share: float) -> float:
        """The share of cases found in the first `share` of the list."""
        return float(np.interp(share, self.worked, self.found))


def gain_curve(predicted: Floats, labels: Floats) -> Gain:
    """The gain of a ranking; among equal predictions the order is chance, so the line is straight.

    >>> gain = gain_curve(np.array([0.9, 0.5, 0.5, 0.1]), np.array([1.0, 1.0, 0.0, 0.0]))
    >>> gain.worked.tolist(), gain.found.tolist(), gain.at(0.5)
    ([0.0, 0.25, 0.75, 1.0], [0.0, 0.5, 1.0, 1.0], 0.75)
    """
    _, group, sizes = np.unique(-predicted, return_inverse=True, return_counts=True)
    hits = np.bincount(group, labels, len(sizes))
    total = hits.sum()
    found = np.cumsum(hits) / total if total else np.full(len(sizes), np.nan)
    worked = np.cumsum(sizes) / max(len(predicted), 1)
    return Gain(np.r_[0.0, worked], np.r_[0.0, found])


def plot_gain(curves: Mapping[str, Gain], *, capacity_share: float, capacity: str) -> str:
    """One line a model; the upright line is the part of the list that can be contacted, called `capacity`."""

    def paint(axes: Axes) -> None:
        if not any(np.isfinite(curve.found).all() for curve in curves.values()):
            say_instead(axes, "not measurable")
            return
        for model, curve in reversed(list(curves.items())):
            kept = _thinned(len(curve.worked))
            style = "-" if model == "risk" else "--"
            look = look_of(model)
            axes.plot(curve.worked[kept], curve.found[kept], color=look.colour, linestyle=style, label=look.name)
        axes.plot([0.0, 1.0], [0.0, 1.0], color=MUTED, linestyle=":", linewidth=1.2, label="at random")
        axes.axvline(min(capacity_share, 1.0), color=INK, linewidth=0.9)
        right = capacity_share < 0.55
        axes.annotate(
            capacity,
            (min(capacity_share, 1.0), 0.03),
            xytext=(5 if right else -5, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            fontsize=9.5,
        )
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(0.0, 1.01)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel("share of the list worked through, riskiest first")
        axes.set_ylabel("share of all cases found")
        legend_above(axes)

    return draw(paint)


def _thinned(points: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, points - 1, min(points, MOST_POINTS)).round().astype(np.int64))
