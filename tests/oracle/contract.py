"""The columns about contracts once more, row by row, written from their meanings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

NAN = math.nan
SLIM, LONG = (28, 91, 364), (91, 364)
PRICED = ("signup", "renewal", "plan_changed", "price_changed")
KINDS = ("signup", "renewal", "renewal_due", "notice", "cancellation", "plan_changed", "price_changed")

Row = dict[str, Any]


def expected_contract(unit: Any, kinds: Sequence[str]) -> dict[str, float]:
    """Every column of the family for one unit, those about `kinds` as far as these have columns."""
    found = _dated(unit) | _others(unit)
    here = {
        "contract_days_until_renewal": "renewal_due",
        "contract_days_until_end": "notice",
        "contract_under_notice": "notice",
        "contract_renewals_count": "renewal",
        "contract_day": "signup",
        "others_cancelled_share": "cancellation",
    }

    def kind_of(name: str) -> str:
        return here.get(name) or next(k for k in sorted(KINDS, key=len, reverse=True) if k in name)

    found = {name: value for name, value in found.items() if kind_of(name) in kinds}
    return {name: float(value) for name, value in (found | _price(unit) | _paid(unit) | _offers(unit)).items()}


def _dated(unit: Any) -> dict[str, float]:
    def due(kind: str) -> float:
        rows = unit.of(kind)
        dates = [r["due_at"] for r in rows if r["occurred_at"] == rows[-1]["occurred_at"] and r["due_at"]]
        return (max(dates).astimezone(unit.zone).date() - unit.as_of).days if dates else NAN

    found: dict[str, float] = {}
    for kind in ("signup", "renewal", "notice", "plan_changed", "price_changed"):
        found[f"contract_days_since_{kind}"] = _since(unit, unit.of(kind))
    found["contract_day"] = _since(unit, unit.of("signup")) if math.isnan(due("signup")) else -due("signup")
    found["contract_days_until_renewal"], found["contract_days_until_end"] = due("renewal_due"), due("notice")
    found["contract_renewals_count"] = len(unit.of("renewal"))
    noticed, signed = unit.ages(unit.of("notice")), unit.ages(unit.of("signup", "renewal"))
    found["contract_under_notice"] = bool(noticed) and min(noticed) <= min(signed, default=math.inf)
    for kind in ("plan_changed", "price_changed"):
        found[f"contract_{kind}_count"] = len(unit.ages(unit.of(kind), 364))
    return found


def _others(unit: Any) -> dict[str, float]:
    found: dict[str, float] = {}
    signed, gone = ([r for r in unit.others if r["kind"] == kind] for kind in ("signup", "cancellation"))
    for kind in ("signup", "cancellation", "renewal"):
        other = [r for r in unit.others if r["kind"] == kind]
        found |= {f"others_{kind}_count": len(other), f"others_{kind}_days_since": _since(unit, other)}
    found["others_cancelled_share"] = len(gone) / len(signed) if signed else NAN
    return found


def _price(unit: Any) -> dict[str, float]:
    rows = [r for r in unit.of(*PRICED) if r.get("amount") is not None]
    rows.sort(key=lambda r: (r["occurred_at"], PRICED.index(r["kind"]), r["amount"]))
    moves: list[tuple[Row, float, float]] = []
    for place, row in enumerate(rows):
        earlier = [r["amount"] for r in rows[:place] if r.get("contract_id") == row.get("contract_id")]
        if earlier:
            moves.append((row, earlier[-1], row["amount"]))
    latest = [r for r in rows if r["occurred_at"] == rows[-1]["occurred_at"]]
    changes = [
        min(round((new - old) / old, 4), 1e6) for row, old, new in moves if old > 0 and any(row is r for r in latest)
    ]
    lately = [(row["kind"] == "plan_changed", new - old) for row, old, new in moves if unit.age(row) <= 364]
    found = {
        "price": max((r["amount"] for r in latest), default=NAN),
        "price_change": max(changes, default=NAN),
        "price_rise_364d": sum(step > 0 for _, step in lately) * unit.scale(364),
        "price_cheaper_364d": sum(plan and step < 0 for plan, step in lately) * unit.scale(364),
        "price_dearer_364d": sum(plan and step > 0 for plan, step in lately) * unit.scale(364),
    }
    return {f"contract_{name}": value for name, value in found.items()}


def _paid(unit: Any) -> dict[str, float]:
    failed, paid = unit.of("payment_failed"), unit.of("payment")
    found = {f"contract_failed_payments_{d}d": len(unit.ages(failed, d)) * unit.scale(d) for d in SLIM}
    for d in LONG:
        part, rest = len(unit.ages(failed, d)), len(unit.ages(paid, d))
        found[f"contract_failed_share_{d}d"] = part / (part + rest) if part + rest else NAN
    found["contract_failed_days_since"] = _since(unit, failed)
    return found | {"contract_failed_since_paid": _after(failed, paid)}


def _offers(unit: Any) -> dict[str, float]:
    made, taken = unit.of("offer_made"), unit.of("offer_accepted")
    found = {f"contract_offers_{d}d": len(unit.ages(made, d)) * unit.scale(d) for d in LONG}
    found |= {f"contract_offers_taken_{d}d": len(unit.ages(taken, d)) * unit.scale(d) for d in LONG}
    return found | {
        "contract_offers_days_since": _since(unit, made),
        "contract_offers_since_taken": _after(made, taken),
    }


def _after(rows: list[Row], marker: list[Row]) -> float:
    return sum(all(m["occurred_at"] < r["occurred_at"] for m in marker) for r in rows)


def _since(unit: Any, rows: list[Row]) -> float:
    return min(unit.ages(rows), default=NAN)
