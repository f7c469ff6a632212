"""The columns about self-service once more, use by use, written from their meanings."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

NAN = math.nan
SLIM, LONG = (28, 91, 364), (91, 364)
DAY = dt.timedelta(days=1)
SEARCHES = ("help_searched", "help_search_failed")
USES = ("self_service", "help_viewed", *SEARCHES)


def expected_self_service(unit: Any) -> dict[str, float]:
    """Every column of the family for one unit."""

    def count(days: float, *kinds: str) -> int:
        return len(unit.ages(unit.of(*kinds), days))

    contacts = [r for r in unit.of("contact_opened") if r.get("direction") != "outbound"]
    uses = unit.of(*USES)
    named = {"count": USES, "views": ("help_viewed",), "searches": SEARCHES, "failed": ("help_search_failed",),
             "handovers": ("bot_handover",)}  # fmt: skip
    found: dict[str, float] = {
        f"{name}_{d}d": count(d, *kinds) * unit.scale(d) for name, kinds in named.items() for d in SLIM
    }
    for name, kinds in (("", USES), ("failed_", ("help_search_failed",)), ("handovers_", ("bot_handover",))):
        found[f"{name}days_since"] = min(unit.ages(unit.of(*kinds)), default=NAN)
    if unit.observes(364):
        recent, year = (len(set(unit.ages(uses, d))) for d in LONG)
        found["trend_91d_364d"] = math.log((recent + 0.5) / 91) - math.log((year - recent + 0.5) / 273)
    alone = [
        (age, not any(u["occurred_at"] <= c["occurred_at"] < u["occurred_at"] + DAY for c in contacts))
        for u in uses
        if (age := (unit.as_of - (u["occurred_at"] + DAY).astimezone(unit.zone).date()).days) >= 1
    ]
    for d in LONG:
        turned = [c for c in contacts if unit.age(c) <= d]
        tried = [c for c in turned if any(c["occurred_at"] - DAY < u["occurred_at"] <= c["occurred_at"] for u in uses)]
        found[f"share_{d}d"] = _share(count(d, *USES), count(d, *USES) + len(turned))
        found[f"before_contact_share_{d}d"] = _share(len(tried), len(turned))
        found[f"failed_share_{d}d"] = _share(count(d, "help_search_failed"), count(d, *SEARCHES))
        recent = [quiet for age, quiet in alone if age <= d]
        found[f"alone_share_{d}d"] = _share(sum(recent), len(recent))
    return {f"selfservice_{name}": float(value) for name, value in found.items()}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else NAN
