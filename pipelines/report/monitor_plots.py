"""The plots of the monitor: what came in, what was said, and how good it was, with noted events drawn in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tenure.models.odds import Floats
from tenure.pipelines.monitor.inputs import Tested
from tenure.pipelines.monitor.words import day_of
from tenure.pipelines.report.canvas import draw, legend_above, say_instead
from tenure.pipelines.report.origins_plot import short_date
from tenure.pipelines.report.palette import INK, LOOKS, MUTED, PALE
from tenure.pipelines.report.plots import Plot
from tenure.pipelines.store.kept_scores import KeptSet
from tenure.pipelines.store.noted_events import NotedEvent

SHOWN_DAYS = 120
TICKS = 5


def monitor_plots(
    tested: Sequence[Tested], sets: dict[str, tuple[KeptSet, ...]], events: Sequence[NotedEvent]
) -> list[Plot]:
    """A plot of rows for each source; for each outcome one of its risks, and one of their quality once it is known."""
    found = [_rows(one, events) for one in tested]
    for outcome, kept in sets.items():
        if kept:
            found.append(_risks(outcome, kept, events))
        judged = [one for one in kept if "figures" in (one.quality or {})]
        if judged:
            found.append(_quality(outcome, judged, events))
    return found


def _rows(one: Tested, events: Sequence[NotedEvent]) -> Plot:
    days = one.days
    (silence,) = (s for s in one.series if s.check == "silence")
    shown = range(max(0, days.length - SHOWN_DAYS), days.length)
    dates = [day_of(days, at) for at in shown]
    rows, expected = one.rows[list(shown)], silence.found.expected[list(shown)]

    def paint(axes: Axes) -> None:
        places = _places(dates)
        axes.bar(places, rows, width=1.0, color=PALE, label="rows")
        axes.plot(places, expected, color=LOOKS["risk"].colour, linewidth=1.2, label="expected")
        axes.set_ylabel("rows a day")
        _dated(axes, dates, events)
        legend_above(axes)

    last = f"{rows[-1]:,.0f} rows on {dates[-1]}, {expected[-1]:,.0f} expected"
    return Plot(
        f"rows-{days.source}", f"What came in: {days.source}", draw(paint),
        f"By the day on which a row became known. {last}.",
        f"Rows a day of {days.source} over {len(dates)} days; {last}.",
    )  # fmt: skip


def _risks(outcome: str, kept: Sequence[KeptSet], events: Sequence[NotedEvent]) -> Plot:
    dates = [one.day for one in kept]
    means = np.array([np.nan if one.figures["mean"] is None else one.figures["mean"] for one in kept])
    shares = np.array([one.figures["scored"] / max(one.figures["units"], 1) for one in kept])

    def paint(axes: Axes) -> None:
        places = _places(dates)
        axes.plot(places, means, marker="o", markersize=4, color=LOOKS["risk"].colour, label="mean risk")
        axes.plot(places, shares, marker="s", markersize=4, color=LOOKS["recency"].colour, label="share scored")
        axes.set_ylim(0.0, 1.0)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        _dated(axes, dates, events)
        legend_above(axes)

    said = f"{means[-1]:.1%} on average as of {dates[-1]}, {shares[-1]:.0%} of units scored"
    return Plot(
        f"risks-{outcome}", f"What was said: {outcome}", draw(paint), f"{said}.",
        f"Mean risk and share of units scored over {len(dates)} published sets; {said}.",
    )  # fmt: skip


def _quality(outcome: str, judged: Sequence[KeptSet], events: Sequence[NotedEvent]) -> Plot:
    dates = [one.day for one in judged]
    found = np.array([(one.quality or {})["figures"]["roc_auc"] for one in judged], dtype=float)

    def paint(axes: Axes) -> None:
        if not np.isfinite(found).any():
            say_instead(axes, "not measurable")
            return
        look = LOOKS["risk"]
        reach = np.clip([found[:, 0] - found[:, 1], found[:, 2] - found[:, 0]], 0.0, None)
        axes.errorbar(_places(dates), found[:, 0], yerr=reach, fmt=look.marker, color=look.colour, markersize=5)
        axes.axhline(0.5, color=MUTED, linestyle=":", linewidth=1.0)
        axes.set_ylabel("ROC AUC")
        _dated(axes, dates, events)

    last = f"{found[-1, 0]:.3f} ({found[-1, 1]:.3f} to {found[-1, 2]:.3f}) of the scores as of {dates[-1]}"
    return Plot(
        f"quality-{outcome}", f"How good it was: {outcome}", draw(paint),
        f"ROC AUC {last}. Bars hold 95 of 100 redraws of the customers; contacted customers are left out.",
        f"ROC AUC with intervals of {len(dates)} judged sets; {last}.",
    )  # fmt: skip


def _places(dates: Sequence[dt.date]) -> Floats:
    return np.array([day.toordinal() for day in dates], dtype=float)


def _dated(axes: Axes, dates: Sequence[dt.date], events: Sequence[NotedEvent]) -> None:
    """Dates below, and a line for every noted event that falls between the first and the last."""
    first, last = dates[0].toordinal(), dates[-1].toordinal()
    pad = max(1.0, 0.02 * (last - first))
    axes.set_xlim(first - pad, last + pad)
    places = np.unique(np.linspace(first, last, TICKS).round().astype(int)).tolist()
    axes.set_xticks(places, [short_date(dt.date.fromordinal(place)) for place in places])
    axes.grid(visible=False, axis="x")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    for event in events:
        if event.day <= dates[-1] and event.until >= dates[0]:
            axes.axvspan(event.day.toordinal() - 0.5, event.until.toordinal() + 0.5, color=INK, alpha=0.12, linewidth=0)
            axes.annotate(
                event.name, (max(event.day.toordinal(), first), 0.98), xycoords=("data", "axes fraction"),
                rotation=90, va="top", ha="left", fontsize=8.5, color=INK,
            )  # fmt: skip
