"""Draws of the hold-out: made once a campaign period, before anybody sees a list of it, and never changed."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, insert, literal, or_, select

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.decisions.hold_out import Draw, is_held_out, limit, period_of
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.decision_tables import hold_out_draws
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.tables import scores

PILOT = "random"
"""The sort of a list whose people were chosen at random."""

AT_ONCE = 10_000


class Drawn(NamedTuple):
    """The draw in force, whether it was made just now, and the day before which another share cannot count."""

    draw: Draw
    new: bool
    ends: dt.date


def ensure_drawn(engine: Engine, project: Project, *, today: dt.date, now: dt.datetime) -> Drawn:
    """The draw of the campaign period of `today`, made where there is none yet.

    Of two processes one draws, and both get the same. A draw once made stays, whatever the project file says by now.
    """
    period = period_of(today, days=project.economics.period_days)
    with alone(engine) as connection:
        found = draw_on(connection, today)
        if found is not None and found.starts >= period.starts:
            return Drawn(found, False, period_of(found.starts, days=project.economics.period_days).ends)
        moment = midnight_of(project, today) if project.project.clock == "data" else _plain(now)
        fresh = Draw(period.starts, project.hold_out.share, secrets.token_hex(16), moment)
        connection.execute(insert(hold_out_draws), {**fresh._asdict(), "starts": fresh.starts.isoformat()})
    return Drawn(fresh, True, period.ends)


def draw_on(connection: Connection, day: dt.date) -> Draw | None:
    """The draw that is in force on a day: the newest that has begun; None where there was none yet."""
    query = select(*_COLUMNS).where(hold_out_draws.c.starts <= day.isoformat())
    row = connection.execute(query.order_by(hold_out_draws.c.starts.desc()).limit(1)).one_or_none()
    return None if row is None else _read(row)


def all_draws(connection: Connection) -> list[Draw]:
    """All draws, the first of them first."""
    return [_read(row) for row in connection.execute(select(*_COLUMNS).order_by(hold_out_draws.c.starts))]


def drawn_as(connection: Connection, starts: str) -> Draw | None:
    """The draw that began on a date, as a frozen list names it."""
    row = connection.execute(select(*_COLUMNS).where(hold_out_draws.c.starts == starts)).one_or_none()
    return None if row is None else _read(row)


def newest_pilot(connection: Connection, draw: Draw) -> int | None:
    """The number of the newest pilot while a draw was in force."""
    number: int | None = connection.scalar(select(func.max(lists.c.list_id)).where(_pilots(draw)))
    return number


def _set_aside(draw: Draw) -> Select[Any]:
    """Who was held out of a pilot while a draw was in force: they are left alone as long as its own people."""
    pilots = select(lists.c.list_id).where(_pilots(draw))
    return select(list_members.c.customer_id).where(list_members.c.list_id.in_(pilots), list_members.c.held_out)


def held_on_lists(connection: Connection, numbers: Iterable[int]) -> set[tuple[int, str]]:
    """The customers who are held out of some published lists, each with the number of the list."""
    query = select(list_members.c.list_id, list_members.c.customer_id)
    query = query.where(list_members.c.list_id.in_(list(numbers)), list_members.c.held_out)
    return {(row.list_id, row.customer_id) for row in connection.execute(query)}


def held_out_among(
    connection: Connection, score_set_id: int, draw: Draw | None, customers: Iterable[str]
) -> frozenset[str]:
    """Who of some customers is held out by a draw, but for those who never are, as a score set says."""
    if draw is None:
        return frozenset()
    names = list(dict.fromkeys(customers))
    aside = set(connection.scalars(_set_aside(draw)))
    held = [name for name in names if is_held_out(draw, name) or name in aside]
    never: set[str] = set()
    for start in range(0, len(held), AT_ONCE):
        mine = scores.c.customer_id.in_(held[start : start + AT_ONCE])
        query = select(scores.c.customer_id).where(scores.c.score_set_id == score_set_id, mine, scores.c.never_held_out)
        never.update(connection.scalars(query))
    return frozenset(held) - never


def held_out(connection: Connection, draw: Draw) -> ColumnElement[bool]:
    """The same as a condition on rows of scores."""
    if connection.dialect.name == "postgresql":
        named = func.sha256(func.convert_to(literal(f"{draw.salt}:").concat(scores.c.customer_id), "UTF8"))
        drawn: ColumnElement[bool] = named < func.decode(limit(draw.share).to_bytes(8, "big").hex(), "hex")
    else:
        drawn = func.held_out_by(draw.salt, draw.share, scores.c.customer_id) == 1
    aside = scores.c.customer_id.in_(_set_aside(draw))
    return and_(~func.coalesce(scores.c.never_held_out, False), or_(drawn, aside))


_COLUMNS = tuple(hold_out_draws.c[name] for name in Draw._fields)


def _pilots(draw: Draw) -> ColumnElement[bool]:
    return and_(lists.c.sort == PILOT, lists.c.draw == draw.starts.isoformat())


def _read(row: Any) -> Draw:
    return Draw(dt.date.fromisoformat(row.starts), row.share, row.salt, row.drawn_at)


def day_of(project: Project, moment: dt.datetime) -> dt.date:
    """The local day of a project in which an instant lies."""
    return moment.astimezone(ZoneInfo(project.timezone)).date()


def midnight_of(project: Project, day: dt.date) -> dt.datetime:
    """The instant at which a day begins for a project, in UTC as the store holds it."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=calendar_of(project.timezone).midnight(day))


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
