"""What waiting or acting earlier costs, drawn: differences to a figure that is the best there is, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from tenure.models.bootstrap import Interval
from tenure.pipelines.report.palette import MUTED, Look


def paint_cost(
    axes: Axes, steps: Sequence[int], costs: Sequence[Interval], look: Look, *, label: str, aside: float = 0.0
) -> None:
    """Draw the cost of each step with its interval; step 0 costs nothing. `aside` moves the marks, not the steps."""
    found = [Interval(0.0, 0.0, 0.0), *costs]
    values, low, high = (np.array([getattr(cost, name) for cost in found]) for name in ("value", "low", "high"))
    axes.errorbar(
        np.array([0, *steps]) + aside, values, yerr=np.clip([values - low, high - values], 0.0, None), fmt=look.marker,
        linestyle="-", color=look.colour, markersize=5, elinewidth=1.4, label=label,
    )  # fmt: skip


def paint_margin(axes: Axes, margin: float, *, colour: str = MUTED, label: str | None = "margin") -> None:
    """Draw how much may be lost."""
    axes.axhline(-margin, color=colour, linestyle="--", linewidth=1.2, label=label)


def paint_nothing_lost(axes: Axes) -> None:
    """Draw where nothing is lost."""
    axes.axhline(0.0, color=MUTED, linewidth=1.0)
