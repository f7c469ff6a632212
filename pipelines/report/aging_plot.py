"""What age costs, drawn: ROC AUC of models of several ages against a fresh one."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tenure.pipelines.proof.aging import AUC_MARGIN, Aging
from tenure.pipelines.report.canvas import draw
from tenure.pipelines.report.palette import LOOKS, MUTED


def plot_aging(found: Aging) -> str:
    """The difference in ROC AUC to a fresh model, with its interval, by age; the broken line is the margin."""

    def paint(axes: Axes) -> None:
        costs = [found.cost(weeks, "roc_auc") for weeks in found.weeks]
        values = np.array([0.0, *(cost.value for cost in costs)])
        low = np.array([0.0, *(cost.low for cost in costs)])
        high = np.array([0.0, *(cost.high for cost in costs)])
        weeks = np.array([0, *found.weeks])
        look = LOOKS["risk"]
        axes.errorbar(
            weeks, values, yerr=np.clip([values - low, high - values], 0.0, None), fmt=look.marker, linestyle="-",
            color=look.colour, markersize=5, elinewidth=1.4, label="risk",
        )  # fmt: skip
        axes.axhline(0.0, color=MUTED, linewidth=1.0)
        axes.axhline(-AUC_MARGIN, color=MUTED, linestyle="--", linewidth=1.2, label="margin")
        axes.set_xlabel("weeks since the model learned")
        axes.set_ylabel("ROC AUC minus that of a fresh model")
        axes.legend(loc="lower left", fontsize=9.0)

    return draw(paint)
