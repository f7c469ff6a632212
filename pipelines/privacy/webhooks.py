"""Erasing a person from the records of webhooks: a case of theirs goes as a whole, as do records that wait."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from tenure.pipelines.privacy.mentions import is_one_of
from tenure.pipelines.privacy.person import Person
from tenure.pipelines.store.hook_tables import hook_cases, hooks

Case = tuple[str, str]
"""A source and the id of a case in it."""

WHO = ("id", "ids", "email", "identifier", "requester", "contact", "sender", "name", "to", "from")
"""How the keys end under which a tool names people."""


def erase_records(connection: Connection, person: Person) -> dict[str, int]:
    """Delete the raw records of a person's cases, as a part of a transaction; how many records and cases.

    A case is theirs where anything delivered of it is of them, or where a record that still waits names them.
    """
    cases = set(_told_of(connection, person.customers)) | set(_waiting(connection, person))
    found = 0
    for source, case in sorted(cases):
        found += forget_case(connection, (source, case), person.customers)
    return {name: count for name, count in {"hooks": found, "hook_cases": len(cases)}.items() if count}


def records_about(connection: Connection, person: Person) -> list[Any]:
    """The raw records of a person's cases, as their tool sent them."""
    cases = sorted({*_told_of(connection, person.customers), *_waiting(connection, person)})
    query = select(hooks.c.record).order_by(hooks.c.hook_id)
    return [
        record
        for source, case in cases
        for record in connection.scalars(query.where(hooks.c.source == source, hooks.c.case_id == case))
    ]


def forget_case(connection: Connection, case: Case, customers: Collection[str]) -> int:
    """Delete the records of a case; of what was told of it, only what is of other people stays known."""
    source, number = case
    found = connection.execute(delete(hooks).where(hooks.c.source == source, hooks.c.case_id == number)).rowcount
    mine = (hook_cases.c.source == source) & (hook_cases.c.case_id == number)
    told = connection.scalar(select(hook_cases.c.told).where(mine)) or {}
    others = {name: one for name, one in told.items() if one["row"].get("customer_id") not in customers}
    if others:
        connection.execute(update(hook_cases).where(mine).values(told=others, whole=False))
    else:
        connection.execute(delete(hook_cases).where(mine))
    return found


def _told_of(connection: Connection, customers: Sequence[str]) -> Iterator[Case]:
    for source, case, told in connection.execute(select(hook_cases.c.source, hook_cases.c.case_id, hook_cases.c.told)):
        if any(one["row"].get("customer_id") in customers for one in told.values()):
            yield source, case


def _waiting(connection: Connection, person: Person) -> Iterator[Case]:
    """The cases of records that were never replayed and name the person where tools name people."""
    query = select(hooks.c.source, hooks.c.case_id, hooks.c.record)
    unread = hooks.c.replayed_at.is_(None) | hooks.c.aside.is_not(None)
    for source, case, record in connection.execute(query.where(unread)):
        called = [name for of, name in person.called if of in ("", source)]
        if _names(record, is_one_of([*person.customers, *called])):
            yield source, case


def _names(record: Any, is_name: Callable[[Any], bool], key: str = "") -> bool:
    """Whether a record has a name of the person under a key that ends like those of ids and addresses."""
    if isinstance(record, dict):
        return any(_names(value, is_name, str(name).lower()) for name, value in record.items())
    if isinstance(record, list):
        return any(_names(value, is_name, key) for value in record)
    return key.endswith(WHO) and is_name(record)
