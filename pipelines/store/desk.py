"""The list as the desk works on it: filtered, with who cares for whom, and what was scored again since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, func, not_, or_, select

from tenure.pipelines.store.desk_tables import cares
from tenure.pipelines.store.held_places import Fitting, Places
from tenure.pipelines.store.hold_outs import held_out
from tenure.pipelines.store.orders import PLACES, Order, between, in_order, left_out
from tenure.pipelines.store.reach import EVERYONE, Reach
from tenure.pipelines.store.score_sets import SCORE, Score, ScoreSet
from tenure.pipelines.store.tables import overlays, scores
from tenure.pipelines.store.worth import NOTHING, Worth, worth_of

OPEN = ("new", "assigned", "contacted")
AGAIN = tuple(overlays.c[name] for name in Score._fields if name != "rank")
MOST_CARED_FOR = 20_000
"""Customers with an owner or a status at one time; beyond that many the oldest would have to be closed."""


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
    worth: Worth = NOTHING
    held_out: bool = False


@dataclass(frozen=True)
class Filter:
    """Which units are wanted; None means any. `status` may be `open`: neither snoozed nor addressed.

    `reach` leaves out whom nobody may contact. Whoever was contacted lately is left out of what is still to be done,
    and shown where one asks for what was done.
    """

    band: str | None = None
    segment: str | None = None
    theme: str | None = None
    owner: str | None = None
    status: str | None = "open"
    reach: Reach = EVERYONE

    @property
    def narrow(self) -> bool:
        """Whether only units of some band, segment or reason are wanted."""
        return bool(self.fitting)

    @property
    def fitting(self) -> Fitting:
        """The columns of scores by which units are chosen, with the value that is wanted."""
        given = {"band": self.band, "segment": self.segment, "theme": self.theme}
        return tuple((name, value) for name, value in given.items() if value is not None)

    @property
    def by_care(self) -> bool:
        """Whether only units are wanted for which somebody did something already."""
        return self.owner is not None or self.status not in (None, "open", "new")

    @property
    def contacted(self) -> Select[Any] | None:
        """The customers who are left out because they were contacted so lately."""
        return self.reach.contacted if self.status in ("open", "new", "assigned") else None


EVERYBODY = Filter(status=None)


def listed(
    connection: Connection,
    found: ScoreSet,
    wanted: Filter,
    *,
    limit: int,
    offset: int,
    today: dt.date,
    by: Order = "risk",
) -> list[Row]:
    """A page of the units that are wanted, the highest risk first, or by gain the contact that is worth most.

    By gain only units are there whom a contact is worth making with. A snooze that is over counts as none.
    """
    if wanted.by_care:
        return _cared_for(connection, found, wanted, today, by)[offset : offset + limit]
    place = PLACES[by]
    hidden, query = _hidden_places(connection, found, wanted, today, by), _placed(found, wanted, by)
    if wanted.narrow:
        query = _reached(connection, wanted, query)
        query = query.where(place.not_in(hidden.tolist())) if len(hidden) else query
        query = query.order_by(place).limit(limit).offset(offset)
    else:
        # places count from 1 without gaps, so that a page deep in the whole list begins and ends at known ones
        without = left_out(connection, found, wanted.reach.draw, hidden, by=by)
        query = query.where(between(place, offset, offset + limit, without)).order_by(place)
    held = [Score(*row) for row in connection.execute(query)]
    customers = [score.customer_id for score in held]
    care, worth = care_for(connection, found.outcome, customers), worth_of(connection, found.score_set_id, customers)
    return [
        Row(score, awake(care.get(score.customer_id, NOBODY), today), worth.get(score.unit_id, NOTHING))
        for score in held
    ]


def count_listed(connection: Connection, found: ScoreSet, wanted: Filter, *, today: dt.date, by: Order = "risk") -> int:
    """How many units `listed` would give in all."""
    if wanted.by_care:
        return len(_cared_for(connection, found, wanted, today, by))
    known = _known_count(found, wanted, by)
    query = _placed(found, wanted, by).with_only_columns(func.count())
    whole = int(connection.scalar(query) or 0) if known is None else known
    hidden = _hidden_places(connection, found, wanted, today, by)
    return whole - len(left_out(connection, found, wanted.reach.draw, hidden, by=by, fitting=wanted.fitting))


def _known_count(found: ScoreSet, wanted: Filter, by: Order) -> int | None:
    """How many units have a place in an order, all or those of a band, as the set says it; None where it does not."""
    worth = found.worth or {}
    if not wanted.narrow:
        return int(found.counts.get("scored", 0) if by == "risk" else worth.get("placed", 0))
    bands = found.bands if by == "risk" else worth.get("bands")
    if bands is None or wanted.band is None or (wanted.segment, wanted.theme) != (None, None):
        return None
    return int(bands.get(wanted.band, 0))


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
    query = select(*AGAIN).where(
        overlays.c.outcome == found.outcome,
        overlays.c.score_set_id == found.score_set_id,
        overlays.c.unit_id.in_(units),
    )
    return {row.unit_id: Score(**{**row._mapping, "rank": None}) for row in connection.execute(query)}


def risen_to(connection: Connection, found: ScoreSet, least: float, *, limit: int) -> list[Score]:
    """Units that were scored again since the set and are now at a probability or above it, the highest first."""
    query = (
        select(*AGAIN)
        .where(overlays.c.outcome == found.outcome, overlays.c.score_set_id == found.score_set_id)
        .where(overlays.c.probability >= least)
        .order_by(overlays.c.probability.desc(), overlays.c.unit_id)
        .limit(limit)
    )
    return [Score(**{**row._mapping, "rank": None}) for row in connection.execute(query)]


def care_for(connection: Connection, outcome: str, customers: Sequence[str]) -> dict[str, Care]:
    """Who cares for some customers."""
    query = select(cares).where(cares.c.outcome == outcome, cares.c.customer_id.in_(customers))
    return {row.customer_id: Care(*(getattr(row, name) for name in Care._fields)) for row in connection.execute(query)}


def _placed(found: ScoreSet, wanted: Filter, by: Order) -> Select[Any]:
    """The units of a set that have a place in an order and fit what the set itself knows."""
    return _fitting(found, wanted).where(PLACES[by].is_not(None))


def _reached(connection: Connection, wanted: Filter, query: Select[Any]) -> Select[Any]:
    """A query of scores without whoever is held out."""
    draw = wanted.reach.draw
    return query if draw is None else query.where(not_(held_out(connection, draw)))


def _fitting(found: ScoreSet, wanted: Filter) -> Select[Any]:
    """The same with units that are not scored: asked for their rank too, SQLite would read by rank, not by customer."""
    query = select(*SCORE).where(scores.c.score_set_id == found.score_set_id)
    return query.where(*(scores.c[name] == value for name, value in wanted.fitting))


def _cared_for(connection: Connection, found: ScoreSet, wanted: Filter, today: dt.date, by: Order) -> list[Row]:
    """The units of customers with the wanted owner and status, who are as many as people can work on.

    They are sorted here: asked to sort, a database would rather read the whole list by rank.
    """
    query = select(cares.c.customer_id).where(cares.c.outcome == found.outcome)
    if wanted.owner is not None:
        query = query.where(cares.c.owner == wanted.owner)
    if wanted.status is not None:
        query = query.where(_in_status(wanted.status, today.isoformat()))
    if wanted.contacted is not None:
        query = query.where(cares.c.customer_id.not_in(wanted.contacted))
    names = list(connection.scalars(query.limit(MOST_CARED_FOR)))
    rows = rows_of(connection, found, names, care_for(connection, found.outcome, names), today, wanted)
    return rows if by == "risk" else sorted((r for r in rows if r.worth.place), key=lambda row: row.worth.place or 0)


def _hidden_places(connection: Connection, found: ScoreSet, wanted: Filter, today: dt.date, by: Order) -> Places:
    """The places of units that fit but for their status, or because they were contacted so lately, in order."""
    if wanted.status is None:
        return np.empty(0, dtype=np.int64)
    unfit = not_(_in_status(wanted.status, today.isoformat()))
    names = select(cares.c.customer_id).where(cares.c.outcome == found.outcome, unfit).limit(MOST_CARED_FOR)
    held = set(connection.scalars(names))
    if wanted.contacted is not None:
        held.update(connection.scalars(wanted.contacted))
    return in_order(connection, found, sorted(held), by=by, fitting=wanted.fitting)


def _in_status(status: str, today: str) -> ColumnElement[bool]:
    """Whether somebody is in a status who was cared for at all."""
    asleep = and_(cares.c.status == "snoozed", func.coalesce(cares.c.snoozed_until, "") > today)
    over = and_(cares.c.status == "snoozed", not_(asleep))
    match status:
        case "open":
            return or_(cares.c.status.in_(OPEN), over)
        case "new":
            return or_(cares.c.status == "new", and_(over, cares.c.owner.is_(None)))
        case "assigned":
            return or_(cares.c.status == "assigned", and_(over, cares.c.owner.is_not(None)))
        case "snoozed":
            return asleep
        case _:
            return cares.c.status == status


def awake(care: Care, today: dt.date) -> Care:
    """The same, but for a snooze that is over."""
    over = care.status == "snoozed" and (care.snoozed_until or "") <= today.isoformat()
    return care._replace(status="assigned" if care.owner else "new", snoozed_until=None) if over else care


def rows_of(
    connection: Connection,
    found: ScoreSet,
    customers: Sequence[str],
    care: dict[str, Care],
    today: dt.date,
    wanted: Filter = EVERYBODY,
) -> list[Row]:
    """The scored units of some customers that fit what the set itself knows, the highest risk first."""
    query = _reached(connection, wanted, _fitting(found, wanted)).where(scores.c.customer_id.in_(customers))
    units = [Score(*row) for row in connection.execute(query)] if customers else []
    held = sorted((one for one in units if one.rank is not None), key=lambda one: one.rank or 0)
    worth = worth_of(connection, found.score_set_id, customers)
    return [Row(one, awake(care.get(one.customer_id, NOBODY), today), worth.get(one.unit_id, NOTHING)) for one in held]
