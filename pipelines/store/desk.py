"""The list as the desk works on it: filtered, with who cares for whom, and what was scored again since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from tenure.pipelines.store.desk_tables import cares
from tenure.pipelines.store.score_sets import SCORE, Score, ScoreSet
from tenure.pipelines.store.tables import overlays, scores

OPEN = ("new", "assigned", "contacted")
STATUSES = (*OPEN, "snoozed", "addressed")


class Care(NamedTuple):
    """Who cares for a customer, and how far it has come; instants are in UTC."""

    owner: str | None
    status: str
    snoozed_until: str | None
    changed_at: dt.datetime | None
    changed_by: str | None


NOBODY = Care(None, "new", None, None, None)


class Row(NamedTuple):
    """A unit of the list."""

    score: Score
    care: Care


@dataclass(frozen=True)
class Filter:
    """Which units are wanted; None means any. `status` may be `open`: neither snoozed nor addressed."""

    band: str | None = None
    segment: str | None = None
    theme: str | None = None
    owner: str | None = None
    status: str | None = "open"

    @property
    def by_care(self) -> bool:
        """Whether only units are wanted for which somebody did something already."""
        return self.owner is not None or self.status not in (None, "open", "new")


def listed(
    connection: Connection, found: ScoreSet, wanted: Filter, *, limit: int, offset: int, today: dt.date
) -> list[Row]:
    """A page of the units that are wanted, the highest risk first. A snooze that is over counts as none."""
    query = _wanted(found, wanted, today).order_by(scores.c.rank).limit(limit).offset(offset)
    return [_row(row, today) for row in connection.execute(query)]


def count_listed(connection: Connection, found: ScoreSet, wanted: Filter, *, today: dt.date) -> int:
    """How many units `listed` would give in all."""
    if wanted in (Filter(), Filter(status=None)):
        whole = found.counts.get("scored", 0)
        if wanted.status is None:
            return whole
        hidden = _wanted(found, Filter(status="hidden"), today).with_only_columns(func.count())
        return whole - int(connection.scalar(hidden) or 0)
    return int(connection.scalar(_wanted(found, wanted, today).with_only_columns(func.count())) or 0)


def expected_hits(connection: Connection, found: ScoreSet, capacity: int) -> tuple[int, float, float | None]:
    """Of the `capacity` highest risks: how many there are, how many should come true, and the lowest probability."""
    query = select(func.count(), func.sum(scores.c.probability), func.min(scores.c.probability)).where(
        scores.c.score_set_id == found.score_set_id, scores.c.rank <= capacity
    )
    count, total, lowest = connection.execute(query).one()
    return int(count), float(total or 0.0), lowest


def choices(connection: Connection, found: ScoreSet) -> dict[str, list[str]]:
    """What segments and themes of reasons a set has, to filter by."""
    mine = scores.c.score_set_id == found.score_set_id
    segments = select(scores.c.segment).where(mine, scores.c.segment.is_not(None)).distinct().order_by(scores.c.segment)
    themes = select(scores.c.theme).where(mine, scores.c.theme.is_not(None)).distinct().order_by(scores.c.theme)
    return {"segment": list(connection.scalars(segments.limit(200))), "theme": list(connection.scalars(themes))}


def owners(connection: Connection, outcome: str) -> list[str]:
    """Who cares for anybody."""
    query = select(cares.c.owner).where(cares.c.outcome == outcome, cares.c.owner.is_not(None)).distinct()
    return sorted(connection.scalars(query.limit(1_000)))


def again(connection: Connection, found: ScoreSet, units: Sequence[str]) -> dict[str, Score]:
    """Those of some units that were scored again since the set, as they are now."""
    columns = [overlays.c[name] for name in Score._fields if name != "rank"]
    query = select(*columns).where(
        overlays.c.outcome == found.outcome,
        overlays.c.score_set_id == found.score_set_id,
        overlays.c.unit_id.in_(units),
    )
    return {row.unit_id: Score(**{**row._mapping, "rank": None}) for row in connection.execute(query)}


def risers(connection: Connection, found: ScoreSet, *, bands: Sequence[str], limit: int) -> list[Score]:
    """Units that were scored again since the set and are now in one of some bands, the highest first."""
    columns = [overlays.c[name] for name in Score._fields if name != "rank"]
    query = (
        select(*columns)
        .where(overlays.c.outcome == found.outcome, overlays.c.score_set_id == found.score_set_id)
        .where(overlays.c.band.in_(bands))
        .order_by(overlays.c.probability.desc(), overlays.c.unit_id)
        .limit(limit)
    )
    return [Score(**{**row._mapping, "rank": None}) for row in connection.execute(query)]


def care_for(connection: Connection, outcome: str, customers: Sequence[str]) -> dict[str, Care]:
    """Who cares for some customers."""
    query = select(cares).where(cares.c.outcome == outcome, cares.c.customer_id.in_(customers))
    return {row.customer_id: Care(*(getattr(row, name) for name in Care._fields)) for row in connection.execute(query)}


def _wanted(found: ScoreSet, wanted: Filter, today: dt.date) -> Select[Any]:
    mine = and_(cares.c.outcome == found.outcome, cares.c.customer_id == scores.c.customer_id)
    hers = [cares.c[name] for name in Care._fields]
    query = select(*SCORE, *hers)
    by_care = wanted.by_care or wanted.status == "hidden"
    query = query.join(cares, mine) if by_care else query.outerjoin(cares, mine)
    query = query.where(scores.c.score_set_id == found.score_set_id, scores.c.rank.is_not(None))
    given = {scores.c.band: wanted.band, scores.c.segment: wanted.segment, scores.c.theme: wanted.theme}
    for column, value in (given | {cares.c.owner: wanted.owner}).items():
        if value is not None:
            query = query.where(column == value)
    return query if wanted.status is None else query.where(_in_status(wanted.status, today.isoformat()))


def _in_status(status: str, today: str) -> ColumnElement[bool]:
    asleep = and_(cares.c.status == "snoozed", cares.c.snoozed_until > today)
    awake = and_(cares.c.status == "snoozed", or_(cares.c.snoozed_until.is_(None), cares.c.snoozed_until <= today))
    untouched = cares.c.customer_id.is_(None)
    match status:
        case "open":
            return or_(untouched, cares.c.status.in_(OPEN), awake)
        case "hidden":
            return or_(cares.c.status == "addressed", asleep)
        case "new":
            return or_(untouched, cares.c.status == "new", awake)
        case "snoozed":
            return asleep
        case _:
            return cares.c.status == status


def _row(row: Any, today: dt.date) -> Row:
    values = tuple(row)
    score, care = Score(*values[: len(SCORE)]), values[len(SCORE) :]
    return Row(score, NOBODY if care[1] is None else awake(Care(*care), today))


def awake(care: Care, today: dt.date) -> Care:
    """The same, but for a snooze that is over."""
    over = care.status == "snoozed" and (care.snoozed_until or "") <= today.isoformat()
    return care._replace(status="assigned" if care.owner else "new", snoozed_until=None) if over else care


def rows_of(
    connection: Connection, found: ScoreSet, customers: Sequence[str], care: dict[str, Care], today: dt.date
) -> list[Row]:
    """The scored units of some customers, the highest risk first."""
    query = (
        select(*SCORE)
        .where(scores.c.score_set_id == found.score_set_id, scores.c.customer_id.in_(customers))
        .where(scores.c.rank.is_not(None))
        .order_by(scores.c.rank)
    )
    return [Row(Score(*row), awake(care.get(row.customer_id, NOBODY), today)) for row in connection.execute(query)]
