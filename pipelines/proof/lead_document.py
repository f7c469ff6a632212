"""A study of leads as plain data, and the day to act in a sentence."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tenure.models.bootstrap import PROFIT
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.lead import AUC_MARGIN, ON_THE_DAY, PRECISION_MARGIN, RECENCY, Lead

METRICS = (
    "roc_auc",
    "average_precision",
    "brier",
    "log_loss",
    "calibration_in_the_large",
    "precision_at_capacity",
    "lift_top_decile",
    PROFIT,
)


def document(found: Lead) -> dict[str, Any]:
    """The study as plain data: every figure of every lead, and its difference to the day itself."""
    study = found.study
    return {
        "schema": 1,
        "outcome": study.name,
        "definition": definition(study.name, study.outcome),
        "snapshot": study.snapshot.snapshot_id,
        "origins": [day.isoformat() for day in found.origins],
        "left_out": [day.isoformat() for day in found.left_out],
        "customers": asdict(found.counts),
        "on_the_day": _figures(found, ON_THE_DAY),
        "recency": _figures(found, RECENCY),
        "leads": [
            {
                "days": days,
                **_figures(found, str(days)),
                "cost": {metric: found.cost(days, metric).plain() for metric in METRICS},
                "too_costly": found.too_costly(days),
            }
            for days in found.days
        ],
        "margins": {"roc_auc": AUC_MARGIN, "precision_at_capacity": PRECISION_MARGIN},
        "act_days_ahead": found.act_ahead,
        "said": advice(found),
    }


def _figures(found: Lead, name: str) -> dict[str, dict[str, float | None]]:
    return {metric: found.drawn.interval(name, metric).plain() for metric in METRICS}


def advice(found: Lead) -> str:
    """The day to act, what acting that much earlier costs, and what the next longer lead would."""
    days, longer = found.act_ahead, next((lead for lead in found.days if lead > found.act_ahead), None)
    if days == 0:
        shortest = found.days[0]
        return f"Act on the day itself: {_ahead(shortest)} costs too much already, {_right(found, shortest)}."
    said = f"Act {_ahead(days)}: {_right(found, days)}."
    if _may_cost_more(found, days):
        said += " Whether that is more than the margin cannot be told from so few."
    if longer is None:
        return f"{said} Nothing longer was tried."
    return f"{said} {_ahead(longer)} would cost too much: {_right(found, longer)}."


def _ahead(days: int) -> str:
    return "1 day ahead" if days == 1 else f"{days} days ahead"


def _right(found: Lead, days: int) -> str:
    """How many contacts are right, and how well the whole is ranked, against the day itself."""
    then, now = found.drawn.values[str(days)], found.drawn.values[ON_THE_DAY]
    right, area = found.cost(days, "precision_at_capacity"), found.cost(days, "roc_auc")
    return (
        f"of 100 customers contacted {100 * then['precision_at_capacity']:.0f} are right instead of "
        f"{100 * now['precision_at_capacity']:.0f} (difference {100 * right.low:+.0f} to {100 * right.high:+.0f}), "
        f"and ROC AUC is {then['roc_auc']:.3f} instead of {now['roc_auc']:.3f} ({area.low:+.3f} to {area.high:+.3f})"
    )


def _may_cost_more(found: Lead, days: int) -> bool:
    area, right = found.cost(days, "roc_auc"), found.cost(days, "precision_at_capacity")
    return area.low < -AUC_MARGIN or right.low < -PRECISION_MARGIN
