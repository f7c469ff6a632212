"""What people do on the desk: take a customer, snooze, note, close; each change is one row or one note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select, update

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk import NOBODY, care_for
from tenure.pipelines.store.desk_tables import cares, notes

MOST_AT_ONCE = 1_000


class CareError(ValueError):
    """What is wanted cannot be done with these customers."""


class Note(NamedTuple):
    """What somebody wrote about a customer; `at` is in UTC."""

    at: dt.datetime
    who: str
    text: str


def take_care(
    engine: Engine,
    outcome: str,
    customers: Sequence[str],
    *,
    who: str,
    now: dt.datetime,
    owner: str | None = None,
    status: str | None = None,
    snoozed_until: dt.date | None = None,
) -> int:
    """Change owner (`""`: nobody), status or both for some customers; gives how many. What is None stays as it was."""
    names = list(dict.fromkeys(customers))
    if not names or len(names) > MOST_AT_ONCE:
        raise CareError(f"expected 1 to {MOST_AT_ONCE:,} customers, found {len(names):,}")
    if status == "snoozed" and snoozed_until is None:
        raise CareError("a snooze needs the date until which it lasts")
    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    with alone(engine) as connection:
        moment = _after_the_last(connection, outcome, moment)
        held = care_for(connection, outcome, names)
        for name in names:
            before = held.get(name, NOBODY)
            values = {
                "owner": before.owner if owner is None else owner or None,
                "status": _status(before.status, status, owner),
                "snoozed_until": snoozed_until.isoformat() if status == "snoozed" and snoozed_until else None,
                "changed_at": moment,
                "changed_by": who,
            }
            _put(connection, outcome, name, values, there=name in held)
    return len(names)


def write_note(engine: Engine, customer_id: str, text: str, *, who: str, now: dt.datetime) -> None:
    """Keep a note about a customer."""
    if not text.strip():
        raise CareError("the note is empty")
    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    with alone(engine) as connection:
        connection.execute(insert(notes).values(at=moment, who=who, customer_id=customer_id, text=text.strip()))


def notes_on(connection: Connection, customer_id: str) -> list[Note]:
    """The notes about a customer, the newest first."""
    columns = [notes.c[name] for name in Note._fields]
    query = select(*columns).where(notes.c.customer_id == customer_id).order_by(notes.c.note_id.desc())
    return [Note(*row) for row in connection.execute(query)]


def _status(before: str, wanted: str | None, owner: str | None) -> str:
    if wanted is not None:
        return wanted
    if owner and before == "new":
        return "assigned"
    return "new" if owner == "" and before == "assigned" else before


def _after_the_last(connection: Connection, outcome: str, moment: dt.datetime) -> dt.datetime:
    """A moment later than every change before, so that who asks for what changed since misses none."""
    last = connection.scalar(select(func.max(cares.c.changed_at)).where(cares.c.outcome == outcome))
    return moment if last is None else max(moment, last + dt.timedelta(microseconds=1))


def _put(connection: Connection, outcome: str, customer: str, values: dict[str, Any], *, there: bool) -> None:
    if there:
        mine = (cares.c.outcome == outcome) & (cares.c.customer_id == customer)
        connection.execute(update(cares).where(mine).values(values))
    else:
        connection.execute(insert(cares).values(outcome=outcome, customer_id=customer, **values))
