"""Who may be on a contact list at the moment it is read: nobody held out, and nobody who was contacted lately."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from tenure.pipelines.decisions.hold_out import Draw, until
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.hold_outs import draw_on, midnight_of

NOBODY_REACHED = "no_answer"
"""The result of an attempt after which one may try again."""


@dataclass(frozen=True)
class Reach:
    """Whom a list leaves out: those whom `draw` holds out `until` a day, and those contacted since an instant in UTC.

    None leaves nobody out.
    """

    draw: Draw | None = None
    until: dt.date | None = None
    since: dt.datetime | None = None

    @property
    def contacted(self) -> Select[Any] | None:
        """The customers who were contacted so lately, None where that does not matter."""
        if self.since is None:
            return None
        reached = actions.c.result.is_distinct_from(NOBODY_REACHED)
        return select(actions.c.customer_id).where(actions.c.at >= self.since, reached).distinct()


EVERYONE = Reach()


def reach_on(connection: Connection, project: Project, today: dt.date) -> Reach:
    """Who may be on a contact list of a project today."""
    draw, days = draw_on(connection, today), project.contact.every_days
    ends = None if draw is None else until(draw, today, days=project.economics.period_days)
    since = midnight_of(project, today - dt.timedelta(days=days - 1)) if days else None
    return Reach(draw, ends, since)
