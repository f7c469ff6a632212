"""The columns about messages once more: one unit, one row at a time; only how a text scores is asked of the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

NAN = math.nan
WINDOWS = (28, 91, 364)
SIGNALS = ("tone", "leave", "effort", "complaint")
OURS = ("message_out", "callback_promised", "followed_up", "campaign_sent", "offer_made")
READ = {"<p>Nie dzia&#322;a</p>": "Nie działa", "\x00": ""}
SORRY = ("Sorry, Ms Nowak", "Przykro nam, Panie Iwanie")
CALLED = {("Sorry, Ms Nowak", "Anna Nowak"), ("Przykro nam, Panie Iwanie", "Iwan")}

Row = dict[str, Any]
Hear = Callable[[str], Mapping[str, float]]
"""The log-odds of the signals that are known for the unit."""


def expected_voice(unit: Any, keys: frozenset[str], hear: Hear) -> dict[str, float]:
    """Every column of the family voice."""
    if "has:text" not in keys:
        return {}
    read = [(row, READ.get(row["text"], row["text"])) for row in unit.rows if row.get("text")]
    theirs = [(unit.age(row), text) for row, text in read if text and not _ours(row)]
    found: dict[str, float] = {}
    for days in WINDOWS:
        lately = [text for age, text in theirs if age <= days]
        found[f"messages_count_{days}d"] = len(lately) * unit.scale(days)
        found[f"characters_mean_{days}d"] = _mean([len(text) for text in lately])
    for name in SIGNALS:
        found |= _signal(unit, name, theirs, hear)
    if "has:agent_text" in keys:
        found |= _courtesy(unit, [(unit.age(row), text) for row, text in read if text and _ours(row)])
    return {f"voice_{name}": float(value) for name, value in found.items()}


def _ours(row: Row) -> bool:
    direction = row.get("direction")
    return direction == "outbound" or (direction != "inbound" and row["kind"] in OURS)


def _signal(unit: Any, name: str, theirs: list[tuple[int, str]], hear: Hear) -> dict[str, float]:
    known = name in hear("")
    heard = [(age, round(hear(text)[name], 4)) for age, text in theirs] if known else []
    found: dict[str, float] = {}
    for days in WINDOWS:
        odds = [value for age, value in heard if age <= days]
        found[f"mean_{days}d"] = _mean(odds)
        found[f"largest_{days}d"] = max(odds, default=NAN)
        found[f"share_{days}d"] = _mean([float(value > 0) for value in odds])
        if name != "tone":
            found[f"count_{days}d"] = sum(value > 0 for value in odds) * unit.scale(days) if known else NAN
    if name == "tone" and unit.observes(364):
        found["trend_28d_364d"] = found["mean_28d"] - found["mean_364d"]
    if name == "leave":
        found["days_since"] = min((age for age, value in heard if value > 0), default=NAN)
    return {f"{name}_{suffix}": value for suffix, value in found.items()}


def _courtesy(unit: Any, ours: list[tuple[int, str]]) -> dict[str, float]:
    facts = [fact for fact in unit.facts if fact["name"] == "name"]
    name = max(facts, key=lambda fact: (fact["occurred_at"], fact["value"]))["value"] if facts else None
    found: dict[str, float] = {}
    for days in WINDOWS:
        lately = [text for age, text in ours if age <= days]
        found[f"apology_share_{days}d"] = _mean([float(text in SORRY) for text in lately])
        found[f"name_share_{days}d"] = _mean([float((text, name) in CALLED) for text in lately]) if name else NAN
    return found


def _mean(values: list[float]) -> float:
    return fmean(values) if values else NAN
