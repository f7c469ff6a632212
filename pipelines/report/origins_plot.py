"""How well each model ranked at each origin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from tenure.models.odds import Floats
from tenure.pipelines.report.canvas import draw, legend_above, say_instead
from tenure.pipelines.report.palette import MUTED, look_of

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SPREAD = 0.5
MOST_LABELS = 7


def plot_origins(origins: Sequence[dt.date], found: Mapping[str, Floats]) -> str:
    """ROC AUC with intervals; `found` holds value, low and high per origin for every model, NaN where unknown."""

    def paint(axes: Axes) -> None:
        if not any(np.isfinite(values[:, 0]).any() for values in found.values()):
            say_instead(axes, "not measurable")
            return
        for place, (model, values) in enumerate(found.items()):
            _points(axes, values, model, SPREAD * (place / max(len(found) - 1, 1) - 0.5))
        _dates(axes, origins)
        low, high = axes.get_ylim()
        axes.set_ylim(low, min(high, 1.02))
        if low < 0.5 < high:
            axes.axhline(0.5, color=MUTED, linestyle=":", linewidth=1.0)
        axes.set_ylabel("ROC AUC")
        axes.grid(visible=False, axis="x")
        legend_above(axes)

    return draw(paint)


def _points(axes: Axes, values: Floats, model: str, offset: float) -> None:
    look, places = look_of(model), np.arange(len(values)) + offset
    known = np.isfinite(values).all(axis=1)
    value, low, high = values[known].T
    reach = np.clip([value - low, high - value], 0.0, None)
    axes.errorbar(
        places[known],
        value,
        yerr=reach,
        fmt=look.marker,
        color=look.colour,
        markersize=5.0,
        elinewidth=1.5,
        label=look.name,
    )


def _dates(axes: Axes, origins: Sequence[dt.date]) -> None:
    every = -(-len(origins) // MOST_LABELS)
    shown = list(range(0, len(origins), every))
    axes.set_xticks(shown, [short_date(origins[place]) for place in shown])
    axes.set_xlim(-0.6, len(origins) - 0.4)


def short_date(day: dt.date) -> str:
    """A date in two short lines, the same in every locale.

    >>> short_date(dt.date(2017, 8, 7))
    '7 Aug\\n2017'
    """
    return f"{day.day} {MONTHS[day.month - 1]}\n{day.year}"
