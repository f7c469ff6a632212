"""What acting earlier costs, drawn from the document of a study of leads."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from tenure.models.bootstrap import Interval
from tenure.pipelines.proof.lead import REACHED
from tenure.pipelines.report.canvas import draw, legend_above
from tenure.pipelines.report.cost_plot import paint_cost, paint_margin, paint_nothing_lost
from tenure.pipelines.report.palette import LOOKS

CURVES = {
    "precision_at_capacity": ("right of 100 contacted", LOOKS["risk"]),
    REACHED: ("ROC AUC in hundredths", LOOKS["boosted"]),
}
"""What is drawn: both are shares, and a hundredth of each is a step of the same scale."""

HUNDREDTHS = 100.0
ASIDE = 0.012
"""How far the two curves stand apart, in parts of the longest lead, so that their bars do not hide each other."""


def plot_lead(content: dict[str, Any]) -> str:
    """The differences to the day itself, with their intervals, by days ahead; the broken lines are the margins."""
    days = [lead["days"] for lead in content["leads"]]

    def paint(axes: Axes) -> None:
        paint_nothing_lost(axes)
        for side, (metric, (label, look)) in zip((-1, 1), CURVES.items(), strict=True):
            costs = [_hundredths(lead["cost"][metric]) for lead in content["leads"]]
            paint_cost(axes, days, costs, look, label=label, aside=side * ASIDE * max(days))
            paint_margin(axes, HUNDREDTHS * content["margins"][metric], colour=look.colour, label=None)
        axes.set_xticks([0, *days])
        axes.set_xlabel("days ahead")
        axes.set_ylabel("minus that of the day itself")
        legend_above(axes)

    return draw(paint)


def _hundredths(cost: dict[str, float | None]) -> Interval:
    value, low, high = (
        float("nan") if (found := cost[name]) is None else HUNDREDTHS * found for name in ("value", "low", "high")
    )
    return Interval(value, low, high)
