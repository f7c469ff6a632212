"""The at-risk list of the desk: what is asked of it, and what each row shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query
from sqlalchemy import Connection

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.desk import Care, Filter, Row, again, listed
from tenure.pipelines.store.orders import Order
from tenure.pipelines.store.past import Past, served_before
from tenure.pipelines.store.reach import Reach
from tenure.pipelines.store.score_sets import Score, ScoreSet
from tenure.pipelines.store.worth import NOTHING, Worth
from tenure.serving.web.card import next_step

ROWS = 50
SORTED_WITHIN = 1_000
"""Where the list is sorted by anything but risk: the highest risks among which it is."""

NEAR_DAYS = 7
"""How much longer ago than a week or a month a score may be that is compared with."""

Sort = Literal["", "gain", "risk", "value", "renewal", "silence", "change", "name"]
ORDERS: tuple[Order, ...] = ("gain", "risk")
"""Orders that a score set keeps; by anything else the highest risks are sorted."""

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Asked:
    """What a page of the list is asked for, as its address says."""

    outcome: str = ""
    band: str = ""
    segment: str = ""
    theme: str = ""
    owner: str = ""
    status: str = "open"
    sort: str = ""
    capacity: int = 0
    page: int = 1

    def filter(self, reach: Reach) -> Filter:
        """The units that are wanted, but for those whom nobody may contact."""
        status = None if self.status == "any" else self.status
        return Filter(self.band or None, self.segment or None, self.theme or None, self.owner or None, status, reach)

    def suited(self, found: ScoreSet) -> Asked:
        """The same with the order said: by gain, or by risk where a set knows nothing of gains."""
        usual = "risk" if found.worth is None else "gain"
        return replace(self, sort=usual if found.worth is None and self.sort == "gain" else self.sort or usual)

    @property
    def order(self) -> Order:
        """The order of the score set from which the rows come."""
        return "gain" if self.sort == "gain" else "risk"

    def address(self, **changes: Any) -> str:
        """The address of a page that differs in some things; what is usual is left out."""
        wanted = replace(self, **changes)
        usual = Asked()
        held = {name: value for name, value in vars(wanted).items() if value != getattr(usual, name)}
        return f"?{urlencode(held)}" if held else "?"


def asked(
    outcome: Text = "",
    band: Literal["", "low", "medium", "high", "critical"] = "",
    segment: Text = "",
    theme: Text = "",
    owner: Text = "",
    status: Literal["open", "any", "new", "assigned", "contacted", "snoozed", "addressed"] = "open",
    sort: Sort = "",
    capacity: Annotated[int, Query(ge=0, le=10_000)] = 0,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Asked:
    """Read what is asked from the address."""
    return Asked(outcome, band, segment, theme, owner, status, sort, capacity, page)


@dataclass(frozen=True)
class Line:
    """A row of the list as it is shown; `now` is the unit as it was scored again since, where it was."""

    score: Score
    care: Care
    now: Score | None
    before: Past | None
    profile: dict[str, str]
    facts: dict[str, Any]
    next: str | None
    worth: Worth = NOTHING
    held_out: bool = False

    @property
    def probability(self) -> float:
        """The probability of the set, by which the list is ranked."""
        return self.score.probability or 0.0

    @property
    def change(self) -> float | None:
        """The change of the probability within a week."""
        return None if self.before is None else self.probability - self.before.probability

    @property
    def crossed(self) -> str | None:
        """The band in which the unit is now, where it is another."""
        return self.now.band if self.now is not None and self.now.band != self.score.band else None

    @property
    def value(self) -> float | None:
        """What the customer is worth, where a profile says so in figures."""
        try:
            return float(self.profile.get("value", ""))
        except ValueError:
            return None

    def renewal(self, as_of: dt.date) -> str | None:
        """The renewal date: as a profile has it, else that of the contract."""
        if "renewal" in self.profile:
            return self.profile["renewal"][:10]
        days = self.facts.get("renewal_days")
        return None if days is None or days < 0 else (as_of + dt.timedelta(days=round(days))).isoformat()


def lines(connection: Connection, project: Project, found: ScoreSet, rows: list[Row]) -> list[Line]:
    """What is shown of some rows of the list."""
    units = [row.score.unit_id for row in rows]
    now = again(connection, found, units)
    week_before = found.as_of - dt.timedelta(days=7)
    before = served_before(connection, found.outcome, units, until=week_before, days=NEAR_DAYS)
    return [_line(project, row, now.get(row.score.unit_id), before.get(row.score.unit_id)) for row in rows]


def page_of(
    connection: Connection, project: Project, found: ScoreSet, wanted: Asked, reach: Reach, *, today: dt.date
) -> list[Line]:
    """The lines of a page, sorted as asked."""
    start, filter = (wanted.page - 1) * ROWS, wanted.filter(reach)
    if wanted.sort in ORDERS:
        rows = listed(connection, found, filter, limit=ROWS, offset=start, today=today, by=wanted.order)
        return lines(connection, project, found, rows)
    rows = listed(connection, found, filter, limit=SORTED_WITHIN, offset=0, today=today)
    ordered = sorted(lines(connection, project, found, rows), key=lambda line: _key(line, wanted.sort, found.as_of))
    return ordered[start : start + ROWS]


def _line(project: Project, row: Row, now: Score | None, before: Past | None) -> Line:
    facts = dict(row.score.facts or {})
    profile = facts.pop("profile", {})
    themes = {reason["theme"] for reason in row.score.reasons or []}
    step = None if row.held_out else next_step(project, row.score.band or "low", themes, set(facts), "en")
    return Line(row.score, row.care, now, before, profile, facts, step, row.worth, row.held_out)


def _key(line: Line, sort: str, as_of: dt.date) -> tuple[bool, Any]:
    """By what lines are sorted; those that lack it come last."""
    match sort:
        case "value":
            found: Any = None if line.value is None else -line.value * line.probability
        case "renewal":
            found = line.renewal(as_of)
        case "silence":
            days = line.facts.get("days_since_last")
            found = None if days is None else -days
        case "change":
            found = None if line.change is None else -line.change
        case _:
            found = line.profile.get("name")
    return found is None, found if found is not None else 0
