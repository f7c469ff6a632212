"""Request Tracker 5: tickets, their histories and users as its REST 2 interface gives them, and `Results.tsv`.

Facts come from the transactions of a history. A ticket's Status, Owner, Resolved and Told are its final state
(Resolved even stays on a ticket that was opened again) and are not looked at. A search saved as TSV says only when a
ticket was created, in local time: it is used where `timezone` is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.documents import Document
from tenure.pipelines.importers.rt import transactions
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Fact, Person, Step
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.values import flag, identifier, moment, text

ADDRESS = re.compile(r"<?([^<>\s,]+@[^<>\s,]+)>?")
SYSTEM = frozenset({"RT_System", "1"})


def read(document: Document, staging: Staging, reading: Reading) -> None:
    """Take one record of an RT export apart."""
    record = document.record
    if not isinstance(record, dict):
        raise Unreadable("expected a record of an RT export")
    if document.file.name.lower().removesuffix(".gz").endswith((".tsv", ".csv")):
        staging.add(*_row(record, staging, reading))
    elif record.get("type") == "transaction" or ("Type" in record and "OldValue" in record):
        staging.add(*transactions.steps(record, document, staging))
    elif record.get("type") == "attachment" or "TransactionId" in record:
        staging.add(*transactions.attachment(record, document, staging))
    elif "Requestor" in record or record.get("type") == "ticket":
        staging.add(*_ticket(record))
    elif "EmailAddress" in record or "Privileged" in record:
        staging.add(*_user(record))
    else:
        raise Unreadable("unknown form: neither ticket, transaction, attachment nor user")


def _ticket(record: dict[str, Any]) -> Iterator[Case | Step | Person]:
    case, opened = identifier(record.get("id")), moment(record.get("Created"))
    if case is None or opened is None:
        raise Unreadable("a ticket without id or Created")
    asking = [name for one in record.get("Requestor") or [] if (name := transactions.named(one))]
    version = moment(record.get("LastUpdated"))
    gone = (version or opened) if str(record.get("Status", "")).lower() == "deleted" else None
    creator = transactions.named(record.get("Creator"))
    yield Case(case, version, tuple(asking), creator, gone)
    yield Step(case, opened, "opened", "opened", actor=creator)
    for name in asking:
        yield Person(name, email=name if "@" in name else None)


def _row(record: dict[str, str], staging: Staging, reading: Reading) -> Iterator[Case | Step | Person]:
    if reading.timezone is None:
        staging.skip("rows of a TSV file: their times name no zone, give --timezone to use them")
        return
    case, opened = identifier(record.get("id")), moment(record.get("Created"), zone=reading.timezone)
    if case is None or opened is None:
        raise Unreadable("a row without id or Created")
    asking = ADDRESS.findall(record.get("Requestors") or record.get("Requestor") or "")
    yield Case(case, None, tuple(asking))
    yield Step(case, opened, "opened", "opened", rank=2)
    for name in asking:
        yield Person(name, email=name)


def _user(record: dict[str, Any]) -> Iterator[Person | Fact]:
    name, number = identifier(record.get("Name")), identifier(record.get("id"))
    if name is None:
        raise Unreadable("a user without Name")
    changed, agent = moment(record.get("LastUpdated")), flag(identifier(record.get("Privileged")), otherwise=False)
    address = text(record.get("EmailAddress")) or (name if "@" in name else None)
    yield Person(name, changed, alias=number, email=address, role="agent" if agent else "customer")
    since = moment(record.get("Created"))
    if since:
        yield Fact(name, "rt_since", since.date().isoformat(), since)
    for label, value in (
        ("name", text(record.get("RealName"))),
        ("email", address),
        ("company", text(record.get("Organization"))),
    ):
        if value:
            yield Fact(name, f"rt_{label}", value, changed)


TOOL = Tool(
    name="rt",
    collections=frozenset({"items"}),
    read=read,
    over=frozenset({"resolved", "rejected"}),
    nobody=frozenset({"Nobody", "6", *SYSTEM}),
)
"""Request Tracker 5."""
