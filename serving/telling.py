"""Alerts as people read them: who, what they entered, why, what is at stake and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alerts import Alert
from tenure.pipelines.store.score_sets import Score
from tenure.pipelines.store.served import served_risk
from tenure.pipelines.store.worth import NOTHING, worth_of
from tenure.serving.web.card import next_step

MOST_REASONS = 3


@dataclass(frozen=True)
class Told:
    """A customer of whom people are told; `alerts` are those that were raised together or wait together."""

    alerts: tuple[Alert, ...]
    name: str | None
    value: float | None
    next: str | None
    link: str

    @property
    def first(self) -> Alert:
        """The alert that says what all of them share."""
        return self.alerts[0]

    @property
    def title(self) -> str:
        """The name of the customer, else the id."""
        return self.name or self.first.customer_id

    @property
    def what(self) -> list[str]:
        """What was entered, in words."""
        return [in_words(one) for one in self.alerts]

    @property
    def reasons(self) -> list[str]:
        """Why, the strongest reason first."""
        return [str(reason["text"]) for reason in (self.first.reasons or [])[:MOST_REASONS]]


def in_words(alert: Alert) -> str:
    """What somebody entered.

    >>> import datetime as dt
    >>> about = Alert(dt.datetime(2024, 1, 2), "2024-01-02", "lapse", "ann", "ann", "level", "low", "high", 0.05, 0.31,
    ...               None, None, False, "2024-01-02", "m/1")
    >>> for kind in ("level", "drop", "baseline"):
    ...     print(in_words(about._replace(kind=kind)))
    entered high: 31 of 100, before 5
    rose from 5 to 31 of 100 within a week
    unlike themselves: 31 of 100, usually 5
    """
    now = round(100 * alert.probability)
    before = None if alert.before is None else round(100 * alert.before)
    if alert.kind == "level":
        return f"entered {alert.band}: {now} of 100" + ("" if before is None else f", before {before}")
    if alert.kind == "drop":
        return f"rose from {before} to {now} of 100 within a week"
    return f"unlike themselves: {now} of 100, usually {before}"


def as_told(connection: Connection, project: Project, alerts: Sequence[Alert]) -> list[Told]:
    """Alerts one after the other as people read them; those of one customer that follow each other are one."""
    return [
        _told(connection, project, tuple(those))
        for _, those in groupby(alerts, lambda one: (one.outcome, one.customer_id))
    ]


def _told(connection: Connection, project: Project, alerts: tuple[Alert, ...]) -> Told:
    first = alerts[0]
    number, units = served_risk(connection, first.outcome, first.customer_id)
    unit = next((one for one in units if one.unit_id == first.unit_id), None)
    facts = dict((unit and unit.facts) or {})
    profile: dict[str, Any] = facts.pop("profile", {})
    worth = {} if number is None else worth_of(connection, number, [first.customer_id])
    themes = {str(reason["theme"]) for reason in first.reasons or []}
    base = (project.service.public_url or "").rstrip("/")
    page = f"{base}/customers/{quote(first.customer_id, safe='')}"
    several = f"?outcome={quote(first.outcome)}" if first.outcome != project.primary_outcome else ""
    return Told(
        alerts,
        profile.get("name"),
        worth.get(first.unit_id, NOTHING).value or _figure(profile.get("value")),
        next_step(project, _band(first, unit), themes, set(facts), "en"),
        page + several if base else "",
    )


def _band(alert: Alert, unit: Score | None) -> str:
    return unit.band if unit is not None and unit.band is not None else alert.band


def _figure(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
