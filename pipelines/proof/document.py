"""The back-test as JSON: the fixed minimum that other programs read, and what the report shows."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tenure.models.bootstrap import Bootstrap, Interval
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.backtest import BacktestResult, OriginResult, capacity_of
from tenure.pipelines.proof.slice_figures import slice_document, slices_of

SCHEMA = 1


def document(result: BacktestResult) -> dict[str, Any]:
    """The back-test as plain data; a figure that cannot be measured is null."""
    study = result.study
    return {
        "schema": SCHEMA,
        "project": study.project.name,
        "outcome": study.name,
        "definition": definition(study.name, study.outcome),
        "engine": study.project.project.engine,
        "features": len(result.features),
        "sample": study.sample,
        "snapshot": study.snapshot.snapshot_id,
        "data": {"from": study.data_from.isoformat(), "complete_until": study.watermark.isoformat()},
        "capacity": capacity_of(study),
        "origins": [_origin(origin) for origin in result.origins],
        "pooled": _values(result.pooled),
        "summary": _intervals(result.summary),
        "differences": _differences(result.summary),
        "slices": slice_document(slices_of(result)),
        "verdict": result.verdict.name,
        "verdict_sentence": result.verdict.sentence,
        "seconds": {name: round(value, 3) for name, value in result.seconds.items()},
    }


def write_document(content: dict[str, Any], folder: Path) -> Path:
    """Write `backtest.json` so that it is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "backtest.json"
    draft = target.with_suffix(".json.part")
    draft.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    draft.replace(target)
    return target


def _origin(origin: OriginResult) -> dict[str, Any]:
    return {
        "as_of": origin.as_of.isoformat(),
        "learned_until": origin.learned_until.isoformat(),
        "customers": origin.units,
        "positives": origin.positives,
        "models": _values(origin.bootstrap) if origin.bootstrap else {},
        "intervals": _intervals(origin.bootstrap) if origin.bootstrap else {},
        "race": _finite(origin.race),
    }


def _values(drawn: Bootstrap) -> dict[str, dict[str, float | None]]:
    return {model: {k: _number(v) for k, v in metrics.items()} for model, metrics in drawn.values.items()}


def _intervals(drawn: Bootstrap) -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        model: {metric: _interval("mean", interval) for metric, interval in metrics.items()}
        for model, metrics in drawn.intervals().items()
    }


def _differences(drawn: Bootstrap) -> dict[str, dict[str, dict[str, float | None]]]:
    """`risk` minus each other model, paired."""
    others = [model for model in drawn.values if model != "risk"]
    return {
        other: {m: _interval("mean", drawn.difference("risk", other, m)) for m in drawn.values["risk"]}
        for other in others
    }


def _interval(name: str, interval: Interval) -> dict[str, float | None]:
    return {name: _number(interval.value), "low": _number(interval.low), "high": _number(interval.high)}


def _number(value: float) -> float | None:
    return None if math.isnan(value) or math.isinf(value) else round(float(value), 6)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return _number(value) if isinstance(value, float) else value
