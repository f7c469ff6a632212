"""What age costs, drawn: ROC AUC of models of several ages against a fresh one."""

from __future__ import annotations

from matplotlib.axes import Axes

from tenure.pipelines.proof.aging import AUC_MARGIN, Aging
from tenure.pipelines.report.canvas import draw
from tenure.pipelines.report.cost_plot import paint_cost, paint_margin, paint_nothing_lost
from tenure.pipelines.report.palette import LOOKS


def plot_aging(found: Aging) -> str:
    """The difference in ROC AUC to a fresh model, with its interval, by age; the broken line is the margin."""

    def paint(axes: Axes) -> None:
        costs = [found.cost(weeks, "roc_auc") for weeks in found.weeks]
        paint_cost(axes, found.weeks, costs, LOOKS["risk"], label="risk")
        paint_nothing_lost(axes)
        paint_margin(axes, AUC_MARGIN)
        axes.set_xlabel("weeks since the model learned")
        axes.set_ylabel("ROC AUC minus that of a fresh model")
        axes.legend(loc="lower left", fontsize=9.0)

    return draw(paint)
