"""A comparison of definitions as JSON."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tenure.models.bootstrap import Interval
from tenure.pipelines.defining.choosing import rule
from tenure.pipelines.defining.comparison import Comparison
from tenure.pipelines.defining.judgement import Judgement
from tenure.pipelines.defining.plan import EVERY_DAYS, Definition
from tenure.pipelines.outcomes.sentence import definition as sentence

SCHEMA = 1


def document(found: Comparison) -> dict[str, Any]:
    """The comparison as plain data; a figure that cannot be known is null."""
    study, plan, chosen = found.study, found.plan, found.choice
    return {
        "schema": SCHEMA,
        "project": study.project.name,
        "outcome": study.name,
        "definition": sentence(study.name, study.outcome),
        "sample": study.sample,
        "snapshot": study.snapshot.snapshot_id,
        "data": {"from": study.data_from.isoformat(), "complete_until": study.watermark.isoformat()},
        "dates": {
            "first": plan.judged[0].isoformat(),
            "last": plan.judged[-1].isoformat(),
            "count": len(plan.judged),
            "every_days": EVERY_DAYS,
            "tests": [day.isoformat() for day in plan.tests],
        },
        "followed_days": plan.followed_days,
        "real_losses": found.real_losses,
        "limits": vars(found.limits),
        "declared": _definition(plan.declared),
        "definitions": [_judgement(one) for one in found.judgements],
        "recommended": None if chosen.definition is None else _definition(chosen.definition),
        "good": chosen.good,
        "sentence": chosen.sentence,
        "rule": rule(found.limits, plan),
        "notes": list(plan.notes),
        "seconds": round(found.seconds, 3),
    }


def write_document(content: dict[str, Any], folder: Path) -> Path:
    """Write `define.json` so that it is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "define.json"
    draft = target.with_suffix(".json.part")
    draft.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    draft.replace(target)
    return target


def _judgement(one: Judgement) -> dict[str, Any]:
    return {
        **_definition(one.definition),
        "eligible": _number(one.eligible),
        "lost": _number(one.lost),
        "people_lost": one.people,
        "base_rate": _number(one.base_rate),
        "false_churn": {"followed": one.followed, "returned": one.returned, **_interval("share", one.false_churn)},
        "already_lost": _number(one.already_lost),
        "delay_days": {
            "noticed": one.noticed,
            "mean": _number(one.mean_delay),
            "median": _number(one.median_delay),
        },
        "missed": _number(one.missed),
        "predictable": {
            "logistic": {
                "roc_auc": _interval("mean", one.roc_auc),
                "average_precision": _interval("mean", one.average_precision),
            },
            "recency": {"roc_auc": _interval("mean", one.recency_roc_auc)},
        },
        "against": list(one.against),
    }


def _definition(definition: Definition) -> dict[str, int | None]:
    return definition._asdict()


def _interval(name: str, found: Interval) -> dict[str, float | None]:
    return {name: _number(found.value), "low": _number(found.low), "high": _number(found.high)}


def _number(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None
