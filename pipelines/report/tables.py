"""The report's tables, ready to be written out: every figure already in words."""

from __future__ import annotations

from typing import Any

from tenure.pipelines.report.figures import UNKNOWN, of_hundred, span, title, written
from tenure.pipelines.report.palette import look_of

Content = dict[str, Any]

HEADLINES = ("roc_auc", "average_precision", "lift_top_decile")
BY_ORIGIN = ("roc_auc", "average_precision", "brier")
SLICE_FIGURES = ("selection_rate", "true_positive_rate", "roc_auc", "calibration_in_the_large")
SIGNED = ("calibration_in_the_large",)
EXPLAINED = {
    "roc_auc": "Of two customers, one of each kind, how often the right one is ranked higher.",
    "average_precision": "How pure the list is, averaged over the places of the hits.",
    "lift_top_decile": "How many times more cases the riskiest tenth holds than a tenth at random.",
}


def headlines(content: Content) -> list[dict[str, str]]:
    """The figures of `risk` against those of days since last, as means over origins."""
    summary, differences = content["summary"], content["differences"].get("recency", {})
    return [
        {
            "title": title(metric),
            "explained": EXPLAINED[metric],
            "value": written(metric, summary["risk"][metric]["mean"]),
            "span": span(metric, summary["risk"][metric]),
            "baseline": _with_span(metric, summary.get("recency", {}).get(metric, {})),
            "gain": _with_span(metric, differences.get(metric, {}), signed=True),
        }
        for metric in HEADLINES
    ]


def base_rate(content: Content) -> float | None:
    """The share to whom it happened, averaged over the origins that can be measured."""
    shares = [o["positives"] / o["customers"] for o in content["origins"] if o["models"] and o["customers"]]
    return sum(shares) / len(shares) if shares else None


def contacts(content: Content, *, rival: str) -> list[dict[str, Any]]:
    """Of 100 people contacted, how many it happened to: picked by the model, its rival, and at random."""
    found = {m: v["precision_at_capacity"] for m, v in content["summary"].items() if m in ("risk", "recency")}
    base = base_rate(content)
    rows = [("risk", "by the full model", found["risk"])]
    rows += [("recency", rival, found["recency"])] if "recency" in found else []
    rows += [("random", "at random", {"mean": base})]
    return [
        {
            "key": key,
            "picked": picked,
            "count": of_hundred(share["mean"]),
            "width": round(100 * (share["mean"] or 0.0), 1),
            "span": _hundreds(share),
        }
        for key, picked, share in rows
    ]


def by_origin(content: Content) -> dict[str, Any]:
    """A row per origin, then the mean over origins and all rows pooled; columns grouped by metric."""
    models = list(content["summary"])
    rows = [
        {
            "as_of": origin["as_of"],
            "customers": f"{origin['customers']:,}",
            "positives": f"{origin['positives']:,}",
            "share": _share(origin["positives"], origin["customers"]),
            "cells": _cells(origin["models"], models),
        }
        for origin in content["origins"]
    ]
    means = {m: {k: v["mean"] for k, v in metrics.items()} for m, metrics in content["summary"].items()}
    ends = [("mean over dates", _cells(means, models)), ("all rows pooled", _cells(content["pooled"], models))]
    return {
        "models": [(model, look_of(model).name) for model in models],
        "metrics": [title(metric) for metric in BY_ORIGIN],
        "rows": rows,
        "ends": ends,
    }


def everything(content: Content) -> list[dict[str, Any]]:
    """Every metric of every model: mean over origins with interval, pooled, and what `risk` adds to it."""
    return [
        {
            "title": title(metric),
            "rows": [
                {
                    "key": model,
                    "model": look_of(model).name,
                    "value": written(metric, content["summary"][model][metric]["mean"]),
                    "span": span(metric, content["summary"][model][metric]),
                    "pooled": written(metric, content["pooled"][model][metric]),
                    "gain": _with_span(metric, content["differences"].get(model, {}).get(metric, {}), signed=True),
                }
                for model in content["summary"]
            ],
        }
        for metric in content["summary"]["risk"]
    ]


def learning(content: Content) -> list[dict[str, str]]:
    """What was learnt from and chosen at each origin."""
    return [
        {
            "as_of": origin["as_of"],
            "until": origin["learned_until"],
            "rows": f"{origin['race']['rows']:,}" if "rows" in origin["race"] else "",
            "chosen": _chosen(str(origin["race"].get("risk", ""))),
        }
        for origin in content["origins"]
    ]


def slices(content: Content) -> list[dict[str, Any]]:
    """The groups of customers, by division: how each is treated, and what is to be said of it."""
    divisions: dict[str, list[dict[str, Any]]] = {}
    for one in content.get("slices", []):
        cells = [_cell(name, one[name]) for name in SLICE_FIGURES]
        row = {"group": one["group"], "units": f"{one['units']:,}", "positives": f"{one['positives']:,}"}
        divisions.setdefault(one["by"], []).append(row | {"cells": cells, "remark": _remark(one)})
    return [{"by": by, "rows": rows} for by, rows in divisions.items()]


def _cell(name: str, found: dict[str, float | None] | None) -> dict[str, str]:
    signed = name in SIGNED
    if found is None:
        return {"value": UNKNOWN, "span": ""}
    return {"value": written(name, found["mean"], signed=signed), "span": span(name, found, signed=signed)}


def _remark(one: Content) -> str:
    gap = (one["calibration_in_the_large"] or {}).get("mean") or 0.0
    said = [f"predicted too {'high' if gap > 0 else 'low'}"] if one["miscalibrated"] else []
    said += ["not ranked better than by chance"] if one["not_ranked"] else []
    said += ["too few to tell"] if one["roc_auc"] is None else []
    return ", ".join(said)


def _chosen(risk: str) -> str:
    """Spell out what was chosen; a blend is known by the boosted model's part.

    >>> _chosen("blend 0.3"), _chosen("recency")
    ('blend: 30% boosted, 70% logistic', 'days since last')
    """
    kind, _, part = risk.partition(" ")
    if kind == "blend" and part:
        return f"blend: {float(part):.0%} boosted, {1.0 - float(part):.0%} logistic"
    return look_of(risk).name


def _cells(found: dict[str, dict[str, float | None]], models: list[str]) -> list[dict[str, str]]:
    return [
        {"key": model, "value": written(metric, found.get(model, {}).get(metric))}
        for metric in BY_ORIGIN
        for model in models
    ]


def _with_span(metric: str, found: dict[str, float | None], *, signed: bool = False) -> str:
    if not found:
        return ""
    value, reach = written(metric, found["mean"], signed=signed), span(metric, found, signed=signed)
    return f"{value} ({reach})" if reach else value


def _hundreds(share: dict[str, float | None]) -> str:
    low, high = share.get("low"), share.get("high")
    return "" if low is None or high is None else f"{of_hundred(low)} to {of_hundred(high)}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else UNKNOWN
