"""Alerts as they were raised: kept, listed, counted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, insert, select

from tenure.pipelines.store.alert_tables import alerts, digests

KINDS = ("level", "drop", "baseline")
WITHOUT_OWNER = ""
"""In the place of an owner: the customers who have none."""


class Alert(NamedTuple):
    """Somebody who entered a state of which people are told; `at` is in UTC, `day` the project's day.

    `before` is the risk with which this one is compared: of a `drop` the lowest within a week, of a `baseline` the
    customer's median. `beyond` the owner's limit of the day only the number is told.
    """

    at: dt.datetime
    day: str
    outcome: str
    customer_id: str
    unit_id: str
    kind: str
    from_band: str | None
    band: str
    before: float | None
    probability: float
    owner: str | None
    reasons: list[dict[str, Any]] | None
    beyond: bool
    as_of: str
    model_version: str
    digest: str | None = None
    sent_at: dt.datetime | None = None


COLUMNS = Alert._fields[:-1]


@dataclass(frozen=True)
class Wanted:
    """Which alerts are wanted; None means any, an `owner` of `WITHOUT_OWNER` those of nobody."""

    kind: str | None = None
    owner: str | None = None
    outcome: str | None = None
    beyond: bool | None = None
    day: str | None = None


def keep_alerts(connection: Connection, raised: Sequence[Alert], *, a_day: int) -> int:
    """Keep alerts in their order, those above an owner's `a_day` of that day as beyond it; gives how many are."""
    if not raised:
        return 0
    told = _told(connection, {one.day for one in raised})
    rows = []
    for one in raised:
        told[one.day, one.owner] += 1
        rows.append({**one._asdict(), "beyond": told[one.day, one.owner] > a_day})
        rows[-1].pop("sent_at")
    connection.execute(insert(alerts), rows)
    return sum(bool(row["beyond"]) for row in rows)


def listed_alerts(connection: Connection, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Alert]:
    """The alerts that are wanted, the newest first, and when their digest was sent."""
    columns = [*(alerts.c[name] for name in COLUMNS), digests.c.sent_at]
    theirs = (digests.c.day == alerts.c.digest) & (digests.c.owner == func.coalesce(alerts.c.owner, WITHOUT_OWNER))
    query = _fitting(select(*columns).outerjoin(digests, theirs), wanted)
    query = query.order_by(alerts.c.alert_id.desc()).limit(limit).offset(offset)
    return [Alert(*row) for row in connection.execute(query)]


def count_alerts(connection: Connection, wanted: Wanted) -> int:
    """How many alerts `listed_alerts` would give in all."""
    return int(connection.scalar(_fitting(select(func.count()).select_from(alerts), wanted)) or 0)


def alerted_owners(connection: Connection) -> list[str]:
    """The owners who were ever told of anybody, without the one that stands for nobody."""
    query = select(alerts.c.owner).where(alerts.c.owner.is_not(None)).distinct().order_by(alerts.c.owner)
    return list(connection.scalars(query.limit(1_000)))


def counted_alerts(connection: Connection, wanted: Wanted) -> dict[str, int]:
    """How many of the alerts that are wanted there are of each kind."""
    query = _fitting(select(alerts.c.kind, func.count()), wanted).group_by(alerts.c.kind)
    found = {str(kind): int(count) for kind, count in connection.execute(query)}
    return {kind: found.get(kind, 0) for kind in KINDS}


def _told(connection: Connection, days: Iterable[str]) -> Counter[tuple[str, str | None]]:
    """How many alerts there were on some days, by day and owner."""
    query = select(alerts.c.day, alerts.c.owner, func.count()).where(alerts.c.day.in_(list(days)))
    found: Counter[tuple[str, str | None]] = Counter()
    for day, owner, count in connection.execute(query.group_by(alerts.c.day, alerts.c.owner)):
        found[day, owner] = count
    return found


def _fitting(query: Select[Any], wanted: Wanted) -> Select[Any]:
    for column in ("kind", "outcome", "beyond", "day"):
        value = getattr(wanted, column)
        query = query if value is None else query.where(alerts.c[column] == value)
    if wanted.owner is not None:
        query = query.where(alerts.c.owner == (wanted.owner or None))
    return query
