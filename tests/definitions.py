"""An outcome whose definition is compared, and a comparison laid out by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from tenure.pipelines.defining.plan import Plan
from tenure.pipelines.settings.outcome import AnyOutcome

MONDAY = dt.date(2024, 5, 6)
END = dt.date(2024, 9, 2)
WEEKS = tuple(MONDAY + dt.timedelta(days) for days in range(0, (END - MONDAY).days, 7))


def outcome(**settings: Any) -> AnyOutcome:
    """No purchase in 14 days, of those active in 28, unless told otherwise."""
    usual = {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 14, "eligible": {"active_days": 28}}
    return TypeAdapter(AnyOutcome).validate_python(usual | settings)


def plan(about: AnyOutcome, **changes: Any) -> Plan:
    """Two horizons judged on one Monday, followed for eight weeks, asked every Monday until the data end."""
    usual = Plan(about, (14, 28), (28,), 56, (MONDAY,), WEEKS, (), END)  # type: ignore[arg-type]
    return replace(usual, **changes)
