"""A study of leads as plain data, kept for the reports, and the day to act in a sentence."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tenure.models.bootstrap import PROFIT
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.lead import AUC_MARGIN, ON_THE_DAY, PRECISION_MARGIN, REACHED, RECENCY, Lead

SCHEMA = 1

METRICS = (
    REACHED,
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
        "schema": SCHEMA,
        "outcome": study.name,
        "definition": definition(study.name, study.outcome),
        "snapshot": study.snapshot.snapshot_id,
        "sample": study.sample,
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
        "margins": {REACHED: AUC_MARGIN, "precision_at_capacity": PRECISION_MARGIN},
        "act_days_ahead": found.act_ahead,
        "said": advice(found),
    }


def keep(content: dict[str, Any], study: Study) -> None:
    """Keep a study of leads beside the reports of its outcome, in the place of an earlier one."""
    target = _place(study)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".json.part")
    draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    draft.replace(target)


def kept(study: Study) -> dict[str, Any] | None:
    """The study of leads that was kept last; None where there is none, or the outcome meant something else then."""
    if not _place(study).is_file():
        return None
    content: dict[str, Any] = json.loads(_place(study).read_text(encoding="utf-8"))
    same = content["schema"] == SCHEMA and content["definition"] == definition(study.name, study.outcome)
    return content if same else None


def _place(study: Study) -> Path:
    return study.project.data / "reports" / study.name / "lead.json"


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
    right, area = found.cost(days, "precision_at_capacity"), found.cost(days, REACHED)
    return (
        f"of 100 customers contacted {100 * then['precision_at_capacity']:.0f} are right instead of "
        f"{100 * now['precision_at_capacity']:.0f} (difference {100 * right.low:+.0f} to {100 * right.high:+.0f}), "
        f"and ROC AUC is {then[REACHED]:.3f} instead of {now[REACHED]:.3f} ({area.low:+.3f} to {area.high:+.3f})"
    )


def _may_cost_more(found: Lead, days: int) -> bool:
    area, right = found.cost(days, REACHED), found.cost(days, "precision_at_capacity")
    return area.low < -AUC_MARGIN or right.low < -PRECISION_MARGIN
