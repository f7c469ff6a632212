"""The record of agents and teams once more, as sets and loops over everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oracle.plain import NAN, Unit

Row = dict[str, Any]

WHO = {"agent_id": "agents", "team_id": "teams"}
SHARES = {
    "rating": ("rating", "rated"),
    "resolved_share": ("resolved", "cases"),
    "reopened_share": ("reopened", "resolved"),
    "stayed_share": ("stayed", "before"),
}


def people(own: str, persons: Mapping[str, Unit], kinds: tuple[str, ...]) -> dict[str, float]:
    """The columns of the family for one person; `persons` is everybody by id."""
    found: dict[str, float] = {}
    for column, met in WHO.items():
        records = {who: _records(unit, column, kinds) for who, unit in persons.items()}
        elsewhere = [record for who, held in records.items() if who != own for record in held.items()]
        total = [record for _, record in elsewhere]
        mine = [
            [record for group, record in elsewhere if group == name]
            for name in records[own]
            if sum(group == name for group, _ in elsewhere) >= 5
        ]
        pooled = [record for group in mine for record in group]
        for name, (part, whole) in SHARES.items():
            found[f"people_{met}_{name}"] = _smoothed(pooled, total, part, whole)
    return found


def _smoothed(pooled: list[dict[str, float]], total: list[dict[str, float]], part: str, whole: str) -> float:
    among = sum(record[whole] for record in total)
    if not pooled or not among:
        return NAN
    usual = sum(record[part] for record in total) / among
    return (sum(r[part] for r in pooled) + 20 * usual) / (sum(r[whole] for r in pooled) + 20)


def _records(unit: Unit, column: str, kinds: tuple[str, ...]) -> dict[str, dict[str, float]]:
    rows = [row for row in unit.rows if unit.age(row) <= 364]
    groups = {row[column] for row in rows} - {None}
    return {group: _record(unit, rows, [row for row in rows if row[column] == group], kinds) for group in groups}


def _record(unit: Unit, rows: list[Row], named: list[Row], kinds: tuple[str, ...]) -> dict[str, float]:
    cases = {row["case_id"] for row in named} - {None}
    resolved = {c for c in cases if any(row["kind"] == "resolved" and row["case_id"] == c for row in rows)}
    reopened = {c for c in resolved if any(row["kind"] == "reopened" and row["case_id"] == c for row in rows)}
    ratings = {_rating(row) for row in named if row["rating"] is not None}
    for case in cases:
        first = min(row["occurred_at"] for row in named if row["case_id"] == case)
        inside = [row for row in rows if row["case_id"] == case and row["rating"] is not None]
        ratings |= {_rating(row) for row in inside if row["occurred_at"] >= first}
    met = min((unit.age(row) for row in named if unit.age(row) > 91), default=None)
    active = [unit.age(row) for row in rows if not kinds or row["kind"] in kinds]
    stayed = met is not None and any(met - 91 <= age < met for age in active)
    return {
        "cases": len(cases),
        "resolved": len(resolved),
        "reopened": len(reopened),
        "rated": len(ratings),
        "rating": sum(rating[2] for rating in ratings),
        "before": met is not None,
        "stayed": stayed,
    }


def _rating(row: Row) -> tuple[Any, ...]:
    return row["occurred_at"].timestamp() * 1000 // 1, row["case_id"], row["rating"]
