"""The columns about satisfaction once more, survey by survey, written from their meanings."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

NAN = math.nan
SLIM, LONG = (28, 91, 364), (91, 364)
WEEK = dt.timedelta(days=7)

Row = dict[str, Any]


def expected_satisfaction(unit: Any) -> dict[str, float]:
    """Every column of the family for one unit."""
    rated = [r for r in unit.rows if _trusted(r)]
    found = _ratings(unit, rated) | _silence(unit)
    complaints = unit.ages(unit.of("complaint"))
    found |= {f"complaints_{d}d": sum(age <= d for age in complaints) * unit.scale(d) for d in SLIM}
    found["complaints_days_since"] = min(complaints, default=NAN)
    return {f"satisfaction_{name}": float(value) for name, value in found.items()}


def _trusted(row: Row) -> bool:
    return row.get("rating") is not None and 0.0 <= row["rating"] <= 1.0


def _ratings(unit: Any, rated: list[Row]) -> dict[str, float]:
    def given(oldest: float, newest: float = 0) -> list[float]:
        return [round(r["rating"], 4) for r in rated if newest < unit.age(r) <= oldest]

    latest = max((r["occurred_at"] for r in rated), default=None)
    last = max((r["rating"] for r in rated if r["occurred_at"] == latest), default=NAN)
    found = {"last": last, "last_change": last - _mean(given(math.inf)), "last_days_since": _least(unit.ages(rated))}
    found |= {f"mean_{d}d": _mean(given(d)) for d in SLIM}
    for d in LONG:
        found[f"lowest_{d}d"] = min(given(d), default=NAN)
        found[f"bad_{d}d"] = sum(rating <= 0.4 for rating in given(d)) * unit.scale(d)
        found[f"ratings_{d}d"] = len(given(d)) * unit.scale(d)
    if unit.observes(364):
        found["trend_91d_364d"] = _mean(given(91)) - _mean(given(364, 91))
    return found


def _silence(unit: Any) -> dict[str, float]:
    """Each survey with the days since its week for an answer ended, and whether it ended in silence."""
    asked: list[tuple[dt.datetime, bool]] = []
    for sent in unit.of("survey_sent"):
        until = sent["occurred_at"] + WEEK
        answers = [
            r
            for r in unit.rows
            if r.get("case_id") == sent.get("case_id")
            and (r["kind"] == "survey_answered" or (_trusted(r) and r["kind"] != "survey_sent"))
            and sent["occurred_at"] <= r["occurred_at"] < until
        ]
        if (unit.as_of - until.astimezone(unit.zone).date()).days >= 1:
            asked.append((until, not answers))
    age = [((unit.as_of - until.astimezone(unit.zone).date()).days, silent) for until, silent in asked]
    found: dict[str, float] = {}
    for d in LONG:
        recent = [silent for days, silent in age if days <= d]
        found[f"asked_{d}d"], found[f"silent_{d}d"] = len(recent) * unit.scale(d), sum(recent) * unit.scale(d)
        found[f"silent_share_{d}d"] = sum(recent) / len(recent) if recent else NAN
    last = max((until for until, _ in asked), default=None)
    found["silent_last"] = max((float(silent) for until, silent in asked if until == last), default=NAN)
    return found


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else NAN


def _least(values: list[int]) -> float:
    return min(values, default=NAN)
