"""Whether what was said came true: predicted against observed share, in bins of equal mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from tenure.models.odds import Floats
from tenure.pipelines.report.canvas import draw, legend_above, say_instead
from tenure.pipelines.report.palette import LOOKS, MUTED

Z = 1.959964
"""Standard errors to either side that hold 95 of 100."""


@dataclass(frozen=True)
class Bins:
    """Mean prediction, share to whom it happened with its interval, and rows, a bin each."""

    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    rows: NDArray[np.int64]

    @property
    def agreeing(self) -> int:
        """In how many bins the prediction lies within the interval of what happened."""
        return int(((self.low <= self.predicted) & (self.predicted <= self.high)).sum())


def bins_of_equal_mass(predicted: Floats, labels: Floats, *, count: int = 10) -> Bins:
    """Cut the rows into `count` bins by prediction; rows of equal prediction stay together.

    The interval is Wilson's (1927), at 95 of 100.

    >>> found = bins_of_equal_mass(np.array([0.1, 0.1, 0.6, 0.8]), np.array([0.0, 0.0, 1.0, 0.0]), count=2)
    >>> found.predicted.round(2).tolist(), found.observed.tolist(), found.rows.tolist()
    ([0.1, 0.7], [0.0, 0.5], [2, 2])
    """
    order = np.argsort(predicted, kind="stable")
    fitted, truth = predicted[order], labels[order]
    _, group, sizes = np.unique(fitted, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2.0
    number = np.minimum((middle * count / max(len(fitted), 1)).astype(np.int64), count - 1)[group]
    rows = np.bincount(number, minlength=count)
    used = rows > 0
    mass = rows[used].astype(np.float64)
    observed = np.bincount(number, truth, count)[used] / mass
    mean = np.bincount(number, fitted, count)[used] / mass
    low, high = wilson(observed, mass)
    return Bins(mean, observed, low, high, rows[used])


def wilson(share: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """The score interval of a share of so many rows.

    >>> low, high = wilson(np.array([0.0, 0.5]), np.array([10.0, 10.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.237], [0.278, 0.763])
    """
    widened = 1.0 + Z * Z / rows
    middle = (share + Z * Z / (2.0 * rows)) / widened
    reach = Z * np.sqrt(share * (1.0 - share) / rows + (Z / (2.0 * rows)) ** 2) / widened
    return np.clip(middle - reach, 0.0, 1.0), np.clip(middle + reach, 0.0, 1.0)


def plot_calibration(bins: Bins) -> str:
    """Each bin as a point with its interval; a perfect forecast lies on the diagonal."""

    def paint(axes: Axes) -> None:
        if not len(bins.rows):
            say_instead(axes, "not measurable")
            return
        look = LOOKS["risk"]
        reach = np.clip([bins.observed - bins.low, bins.high - bins.observed], 0.0, None)
        axes.errorbar(
            bins.predicted,
            bins.observed,
            yerr=reach,
            fmt=look.marker,
            color=look.colour,
            markersize=5.5,
            elinewidth=1.5,
            label="a tenth of the predictions",
        )
        top = min(1.0, 1.08 * float(max(bins.high.max(), bins.predicted.max(), 0.01)))
        axes.plot([0.0, top], [0.0, top], color=MUTED, linestyle="--", linewidth=1.2, label="said = happened")
        axes.set_xlim(-0.02 * top, top)
        axes.set_ylim(-0.02 * top, top)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.06 else 1))
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.06 else 1))
        axes.set_xlabel("predicted risk")
        axes.set_ylabel("share to whom it happened")
        legend_above(axes)

    return draw(paint)
