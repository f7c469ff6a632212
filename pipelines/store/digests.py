"""Digests: of each day and owner one, made once, sent once, and tried again while the mail server is away."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, or_, select, update

from tenure.pipelines.store.alert_tables import alerts, digests
from tenure.pipelines.store.alerts import COLUMNS, WITHOUT_OWNER, Alert
from tenure.pipelines.store.connections import alone

TAKEN = dt.timedelta(minutes=10)
"""How long whoever takes a digest has to send it, before another may."""

TRIED_DAYS = 7
"""Days for which a digest that could not be sent is tried again."""


_owner: ColumnElement[str] = func.coalesce(alerts.c.owner, WITHOUT_OWNER)


class Digest(NamedTuple):
    """A digest: the alerts of an owner (`WITHOUT_OWNER`: of nobody) up to a day, and how many there were `beyond`."""

    day: str
    owner: str
    alerts: list[Alert]
    beyond: int
    sent_at: dt.datetime | None


def make_digests(engine: Engine, *, day: dt.date, now: dt.datetime) -> int:
    """Make the digests of a day of what was raised until then and is in none; gives how many are new.

    Whoever has one of that day already gets what came later with the next day's.
    """
    with alone(engine) as connection:
        waiting = (alerts.c.digest.is_(None), alerts.c.day <= day.isoformat())
        owners = set(connection.scalars(select(_owner).where(*waiting).distinct()))
        made = set(connection.scalars(select(digests.c.owner).where(digests.c.day == day.isoformat())))
        for owner in sorted(owners - made):
            values = {"day": day.isoformat(), "owner": owner, "made_at": _plain(now), "attempts": 0}
            connection.execute(insert(digests).values(values))
            connection.execute(update(alerts).where(*waiting, _owner == owner).values(digest=day.isoformat()))
    return len(owners - made)


def digests_of(connection: Connection, day: dt.date) -> list[Digest]:
    """The digests of a day, that of nobody last."""
    query = select(digests.c.owner).where(digests.c.day == day.isoformat()).order_by(digests.c.owner)
    owners = sorted(connection.scalars(query), key=lambda owner: (owner == WITHOUT_OWNER, owner))
    return [digest_of(connection, day.isoformat(), owner) for owner in owners]


def digest_of(connection: Connection, day: str, owner: str) -> Digest:
    """One of them, the highest risk first; what is beyond the owner's limit is only counted."""
    theirs = (alerts.c.digest == day, _owner == owner)
    columns = [alerts.c[name] for name in COLUMNS]
    order = (alerts.c.probability.desc(), alerts.c.customer_id, alerts.c.alert_id)
    rows = connection.execute(select(*columns).where(*theirs, ~alerts.c.beyond).order_by(*order))
    beyond = connection.scalar(select(func.count()).select_from(alerts).where(*theirs, alerts.c.beyond))
    sent = connection.scalar(select(digests.c.sent_at).where(digests.c.day == day, digests.c.owner == owner))
    return Digest(day, owner, [Alert(*row) for row in rows], int(beyond or 0), sent)


def take_unsent(engine: Engine, *, day: dt.date, now: dt.datetime) -> list[Digest]:
    """The digests up to a day that are to be sent; nobody else gets them for a while."""
    first = (day - dt.timedelta(days=TRIED_DAYS)).isoformat()
    moment = _plain(now)
    free = or_(digests.c.taken_until.is_(None), digests.c.taken_until <= moment)
    unsent = (digests.c.sent_at.is_(None), digests.c.day > first, digests.c.day <= day.isoformat(), free)
    with alone(engine) as connection:
        query = select(digests.c.day, digests.c.owner).where(*unsent).order_by(digests.c.day, digests.c.owner)
        found = [digest_of(connection, *row) for row in connection.execute(query)]
        connection.execute(update(digests).where(*unsent).values(taken_until=moment + TAKEN))
    return found


def note_sent(engine: Engine, one: Digest, *, now: dt.datetime) -> None:
    """Note that the mail server took a digest."""
    _note(engine, one, sent_at=_plain(now), error=None)


def note_failed(engine: Engine, one: Digest, why: str) -> None:
    """Note that a digest was not taken; the next who sends tries it again."""
    _note(engine, one, taken_until=None, error=why[:200])


def _note(engine: Engine, one: Digest, **values: object) -> None:
    with alone(engine) as connection:
        mine = (digests.c.day == one.day, digests.c.owner == one.owner)
        connection.execute(update(digests).where(*mine).values(attempts=digests.c.attempts + 1, **values))


def _plain(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)
