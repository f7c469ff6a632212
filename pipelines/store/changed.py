"""What changed on a list since somebody last asked."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from tenure.pipelines.store.desk import Filter, Row, care_for, listed, rows_of
from tenure.pipelines.store.desk_tables import cares
from tenure.pipelines.store.reach import EVERYONE, Reach
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import overlays

NEVER = dt.datetime(1970, 1, 1)


@dataclass(frozen=True)
class Cursor:
    """Up to where somebody knows a list: which set, which scores made since, which changes of those who work on it.

    Scores and work are known apart: a score that is being made has an earlier date than work that is done already.

    >>> str(Cursor(7, dt.datetime(2024, 1, 2, 3, 4, 5, 6), dt.datetime(1970, 1, 1)))
    '7-1704164645000006-0'
    >>> Cursor.read('7-1704164645000006-0').scored
    datetime.datetime(2024, 1, 2, 3, 4, 5, 6)
    """

    score_set_id: int
    scored: dt.datetime
    worked: dt.datetime

    def __str__(self) -> str:
        counts = ((moment - NEVER) // dt.timedelta(microseconds=1) for moment in (self.scored, self.worked))
        return "-".join(map(str, (self.score_set_id, *counts)))

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that a text is; `ValueError` where it is none."""
        told = re.fullmatch(r"(\d{1,17})-(\d{1,17})-(\d{1,17})", text, re.ASCII)
        if told is None:
            raise ValueError(f"{text[:40]!r} is no cursor")
        scored, worked = (NEVER + dt.timedelta(microseconds=int(count)) for count in told.groups()[1:])
        return cls(int(told[1]), scored, worked)

    @classmethod
    def now(cls, connection: Connection, found: ScoreSet) -> Cursor:
        """Where the list is at this moment."""
        mine = overlays.c.outcome == found.outcome
        made = connection.scalar(select(func.max(overlays.c.scored_at)).where(mine))
        done = connection.scalar(select(func.max(cares.c.changed_at)).where(cares.c.outcome == found.outcome))
        return cls(found.score_set_id, made or NEVER, done or NEVER)


def changed_since(
    connection: Connection,
    found: ScoreSet,
    cursor: Cursor,
    *,
    limit: int,
    today: dt.date,
    reach: Reach = EVERYONE,
) -> list[Row]:
    """The rows that changed since; all of the list where another set is served by now."""
    wanted = Filter(status=None, reach=reach)
    if cursor.score_set_id != found.score_set_id:
        return listed(connection, found, wanted, limit=limit, offset=0, today=today)
    again = select(overlays.c.customer_id).where(
        overlays.c.outcome == found.outcome,
        overlays.c.score_set_id == found.score_set_id,
        overlays.c.scored_at > cursor.scored,
    )
    worked = select(cares.c.customer_id).where(cares.c.outcome == found.outcome, cares.c.changed_at > cursor.worked)
    names = list(connection.scalars(again.union(worked).limit(limit)))
    care = care_for(connection, found.outcome, names)
    return rows_of(connection, found, names, care, today, wanted)
