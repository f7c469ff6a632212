"""The report's plots: each with its title, what to see in it, and words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenure.models.metrics import measure
from tenure.pipelines.proof.backtest import BacktestResult
from tenure.pipelines.report.calibration_plot import bins_of_equal_mass, plot_calibration
from tenure.pipelines.report.figures import UNKNOWN
from tenure.pipelines.report.gain_plot import gain_curve, plot_gain
from tenure.pipelines.report.lead_plot import plot_lead
from tenure.pipelines.report.origins_plot import plot_origins
from tenure.pipelines.report.palette import look_of
from tenure.pipelines.report.pooled import Pooled, intervals_by_origin
from tenure.pipelines.report.scores_plot import plot_scores
from tenure.pipelines.report.words import Words


@dataclass(frozen=True)
class Plot:
    """A plot and its words. `name` is also the name of its file."""

    name: str
    title: str
    svg: str
    caption: str
    alt: str


def all_plots(
    result: BacktestResult, rows: Pooled, words: Words, *, capacity: int, leads: dict[str, Any] | None = None
) -> list[Plot]:
    """The four plots, in the order in which they are asked for, and what acting earlier costs where that is known."""
    return [
        gain(rows, words, capacity=capacity),
        origins(result),
        calibration(rows),
        scores(rows, words, capacity=capacity),
        *([] if leads is None else [lead(leads)]),
    ]


def origins(result: BacktestResult) -> Plot:
    """ROC AUC of every model at every origin."""
    days = [o.as_of for o in result.origins]
    found = {model: intervals_by_origin(result.origins, model, "roc_auc") for model in result.summary.values}
    ahead = int((found["risk"][:, 0] > found["recency"][:, 0]).sum()) if "recency" in found else 0
    known = int(np.isfinite(found["risk"][:, 0]).sum())
    ranges = [f"{look_of(model).name} {_range(values[:, 0])}" for model, values in found.items()]
    return Plot(
        "roc-auc-by-origin",
        "Does it hold on every date?",
        plot_origins(days, found),
        f"Risk ranks above days since last on {ahead} of {known} dates. Bars hold 95 of 100 redraws of the customers.",
        f"ROC AUC with intervals at {len(days)} dates. {'; '.join(ranges)}.",
    )


def calibration(rows: Pooled) -> Plot:
    """Predicted against observed share."""
    bins = bins_of_equal_mass(rows.risk, rows.labels)
    error, luck = _errors(rows)
    points = [f"{p:.1%} said, {o:.1%} happened" for p, o in zip(bins.predicted, bins.observed, strict=True)]
    return Plot(
        "calibration",
        "Does a risk of 30% mean 30 of 100?",
        plot_calibration(bins),
        f"{bins.agreeing} of {len(bins.rows)} points agree with what was said within their binomial intervals, 95 of "
        f"100. Mean distance {error}; a perfect forecast of this size would show {luck} by luck alone.",
        f"Predicted against observed share in bins of equal mass, all dates together: {'; '.join(points)}.",
    )


def gain(rows: Pooled, words: Words, *, capacity: int) -> Plot:
    """Share of cases found against share of the list worked through."""
    shown = [model for model in rows.predictions if model in ("recency", "risk")]
    curves = {model: gain_curve(rows.predictions[model], rows.labels) for model in shown}
    share = sum(capacity for _ in rows.cuts) / max(len(rows.labels), 1)
    names = {"recency": words.rival, "risk": "by the full model"}
    tenths = [f"{names[model]} {_percent(curves[model].at(0.1))}" for model in reversed(shown)]
    return Plot(
        "gain",
        "How far does a contact list reach?",
        plot_gain(curves, capacity_share=share, capacity=f"{capacity:,} contacts a date"),
        f"The first tenth of the list holds, of all who {words.happened}: {', '.join(tenths)}, at random 10%.",
        f"Share of all cases found against share of the list worked through. In the first tenth: {', '.join(tenths)}.",
    )


def scores(rows: Pooled, words: Words, *, capacity: int) -> Plot:
    """How the scores are spread."""
    cuts = np.array([cut for cut in rows.cuts if np.isfinite(cut)])
    middle = _percent(float(np.median(cuts)), 1) if len(cuts) else UNKNOWN
    quarters = [_percent(float(q), 1) for q in np.quantile(rows.risk, [0.25, 0.5, 0.75])] if len(rows.risk) else []
    return Plot(
        "scores",
        "How are the scores spread?",
        plot_scores(
            rows.risk,
            rows.labels,
            rows.cuts,
            happened=words.happened,
            stayed="did not",
            capacity=f"{capacity:,} contacts",
        ),
        f"All dates together, on a scale of odds. The list of {capacity:,} ends at a risk of {middle} on the median "
        "date; the shade spans the dates.",
        f"Histogram of predicted risk, split by what happened. Quartiles {', '.join(quarters) or UNKNOWN}; "
        f"the capacity ends at {middle}.",
    )


def lead(content: dict[str, Any]) -> Plot:
    """What acting earlier costs, as the study of leads that was kept last has it."""
    dates, asked = content["origins"], content["customers"]["compared"]
    when = dates[0] if len(dates) == 1 else f"{len(dates)} dates from {dates[0]} to {dates[-1]}"
    return Plot(
        "lead",
        "What does acting earlier cost?",
        plot_lead(content),
        f"{content['said']} Measured by tenure lead on snapshot {content['snapshot']}, at {when}: {asked:,} "
        "predictions at each lead, about the same people. Broken lines: the margins.",
        f"Differences to acting on the day, by days ahead, with intervals. {content['said']}",
    )


def _errors(rows: Pooled) -> tuple[str, str]:
    if not len(rows.risk):
        return UNKNOWN, UNKNOWN
    found = measure(rows.labels, rows.risk, capacity=1)
    return _percent(found["calibration_error"], 1), _percent(found["calibration_error_expected"], 1)


def _range(values: Sequence[float] | np.ndarray) -> str:
    known = np.asarray(values)[np.isfinite(values)]
    return f"{known.min():.3f} to {known.max():.3f}" if len(known) else UNKNOWN


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f}%" if np.isfinite(share) else UNKNOWN
