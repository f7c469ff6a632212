"""Others among whom the people of small histories live, and what was learnt of them: fixed, so that all else may vary."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tenure.pipelines.features.folds import FOLDS

CITIES = ("Lublin", "Kielce")
DAY = dt.timedelta(days=1)
LEARNT = {
    "repeat_buying": (
        *tuple({"r": 0.4 + fold / 10, "alpha": 3.0, "a": 0.7, "b": 2.0 + fold} for fold in range(FOLDS - 1)),
        None,
    )
}
"""Parameters a fold, the last with too little to learn from."""

KEYS = frozenset(f"learnt:{family}" for family in LEARNT)


def crowd(now: dt.datetime) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    """Rows and facts of 26 others around an instant, 13 a city, some of them gone and some not seen yet."""
    rows = [row for number in range(26) for row in _life(number, now)]
    facts = [
        {"customer_id": f"o{number}", "name": "city", "value": CITIES[number % 2], "occurred_at": now - 300 * DAY}
        for number in range(26)
    ]
    return tuple(rows), tuple(facts)


def _life(number: int, now: dt.datetime) -> list[dict[str, Any]]:
    def row(kind: str, days: float, **more: Any) -> dict[str, Any]:
        contract = f"o{number}-1" if number % 3 else None
        return {
            "customer_id": f"o{number}",
            "contract_id": contract,
            "kind": kind,
            "occurred_at": now - days * DAY,
        } | more

    lived = [row("signup", 130 - number, contract_id=f"o{number}-1")]
    lived += [row("purchase", number // 2 % 9 + 0.5 + 25 * step) for step in range(number % 4 + 1)]
    lived += [row("visit", 30.0 + number), row("purchase", 5.0, known_at=now + DAY), row("purchase", -3.0)]
    if number % 5 == 0:
        lived.append(row("cancellation", 10.0 + 2 * number, contract_id=f"o{number}-1"))
    return [row("signup", -1.0, contract_id=f"o{number}-1")] if number > 23 else lived
