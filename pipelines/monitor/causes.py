"""Events that people noted, as likely causes of what falls on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tenure.pipelines.monitor.finding import Finding
from tenure.pipelines.store.noted_events import NotedEvent

AFTERWARDS = dt.timedelta(days=7)
"""How long after its last day an event may still be the cause of what is found."""


def with_events(findings: Iterable[Finding], events: Sequence[NotedEvent], *, as_of: dt.date) -> list[Finding]:
    """The findings, naming the noted events that fall on the days they look at, before any other cause."""
    lately = [e for e in events if e.day < as_of <= e.until + AFTERWARDS]
    named = "; ".join(f"{e.name} ({e.day})" for e in lately)
    return [
        one if one.level == "ok" or not lately else replace(one, cause=_joined(named, one.cause)) for one in findings
    ]


def _joined(named: str, other: str | None) -> str:
    return f"noted: {named}" + (f"; otherwise: {other}" if other else "")
