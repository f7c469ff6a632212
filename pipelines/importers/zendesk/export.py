"""Zendesk: the incremental export as JSON pages (tickets, ticket events, users), ticket audits, a log of webhooks.

Facts come from audits and ticket events alone. A ticket's status, assignee, tags, satisfaction and metrics are its
final state and are not looked at. The CSV files of Fivetran's schema, which holds the same facts as tables, are read
in `fivetran`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.documents import Document, stem
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Fact, Person, Step
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.values import identifier, moment, part, text
from tenure.pipelines.importers.zendesk import events, fivetran, hooks
from tenure.pipelines.importers.zendesk.words import AGENTS, channel, rating

NOT_DATED = {
    "metric_sets": "ticket metrics: final state",
    "ticket_metrics": "ticket metrics: final state",
    "organizations": "organizations: no facts about a customer",
    "groups": "groups: names only",
    "brands": "brands: names only",
}
DISPLAYED = ("name", "email", "phone", "locale", "time_zone", "organization_id")


def read(document: Document, staging: Staging, reading: Reading) -> None:
    """Take one record of a Zendesk export apart."""
    if document.file.name.lower().removesuffix(".gz").endswith(".csv"):
        fivetran.read(document, staging, reading)
        return
    name, record = _named(document)
    if name == "webhooks":
        staging.add(*hooks.steps(record, staging))
    elif name in NOT_DATED:
        staging.skip(NOT_DATED[name])
    elif name == "tickets":
        staging.add(*_ticket(record))
    elif name == "users":
        staging.add(*_user(record, reading))
    elif name == "satisfaction_ratings":
        staging.add(*_rating(record))
    elif name == "comments":
        staging.add(events.comment(record))
    else:
        told = events.ticket_event if name == "ticket_events" else events.audit
        staging.add(*told(record, staging, reading))


def _named(document: Document) -> tuple[str, dict[str, Any]]:
    """To which list a record belongs, by its page, its file or its form."""
    record = document.record
    if not isinstance(record, dict):
        raise Unreadable("expected a record of a Zendesk export")
    hook = part(record, "body") or record
    if str(hook.get("type", "")).startswith(hooks.TYPE):
        return "webhooks", hook
    for single in ("ticket", "audit", "user", "satisfaction_rating"):
        if set(record) == {single} and isinstance(record[single], dict):
            return f"{single}s", record[single]
    if document.collection:
        return document.collection, record
    if "child_events" in record:
        return "ticket_events", record
    if "events" in record and "ticket_id" in record:
        return "audits", record
    if "requester_id" in record and "submitter_id" in record:
        return "tickets", record
    if "score" in record and "ticket_id" in record:
        return "satisfaction_ratings", record
    if "public" in record and "author_id" in record:
        return "comments", record
    if "role" in record and "id" in record:
        return "users", record
    name = next((n for n in TOOL.collections if stem(document.file).startswith(n)), None)
    if name is None:
        raise Unreadable("unknown form: neither ticket, audit, ticket event, user nor rating")
    return name, record


def _ticket(record: dict[str, Any]) -> Iterator[Case | Step]:
    case = identifier(record.get("id"))
    opened = moment(record.get("created_at"))
    if case is None or opened is None:
        raise Unreadable("a ticket without id or created_at")
    updated = moment(record.get("updated_at"))
    requester, creator = identifier(record.get("requester_id")), identifier(record.get("submitter_id"))
    gone = (updated or opened) if str(record.get("status", "")).lower() == "deleted" else None
    version = moment(record.get("generated_timestamp")) or updated
    yield Case(case, version, (requester,) if requester else (), creator, gone)
    yield Step(case, opened, "opened", "opened", actor=creator, channel=channel(record.get("via")))


def _user(record: dict[str, Any], reading: Reading) -> Iterator[Person | Fact]:
    person = identifier(record.get("id"))
    if person is None:
        raise Unreadable("a user without id")
    changed = moment(record.get("updated_at"))
    role = str(record.get("role") or "").lower()
    yield Person(
        person,
        changed,
        external_id=identifier(record.get("external_id")),
        email=text(record.get("email")),
        role="agent" if role in AGENTS else "customer" if role else None,
    )
    since = moment(record.get("created_at"))
    if since:
        yield Fact(person, "zendesk_since", since.date().isoformat(), since)
    for name in DISPLAYED:
        value = identifier(record.get(name))
        if value:
            yield Fact(person, f"zendesk_{name}", value, changed)
    own = record.get("user_fields")
    for name, given in own.items() if isinstance(own, dict) else ():
        value = identifier(given)
        if value and not reading.ours.holds(name):
            yield Fact(person, f"zendesk_{name}", value, changed)
    tags = reading.ours.without([str(tag) for tag in record.get("tags") or []])
    if tags:
        yield Fact(person, "zendesk_tags", text(" ".join(sorted(tags))) or "", changed)


def _rating(record: dict[str, Any]) -> Iterator[Step]:
    """A rating is what it is since it was last written; that it was asked for is known from the beginning."""
    key, case = identifier(record.get("id")), identifier(record.get("ticket_id"))
    asked = moment(record.get("created_at"))
    if key is None or case is None or asked is None:
        raise Unreadable("a satisfaction rating without id, ticket_id or created_at")
    written = moment(record.get("updated_at")) or asked
    given = rating(record.get("score"))
    who = identifier(record.get("requester_id"))
    if str(record.get("score")).lower() == "offered" or (given is not None and asked < written):
        yield Step(case, asked, "survey", f"offer-{key}", rank=2)
    if given is not None:
        said = text(record.get("comment"))
        yield Step(case, written, "rating", f"rating-{key}", actor=who, number=given, text=said, rank=2)


TOOL = Tool(
    name="zendesk",
    collections=frozenset(
        {"tickets", "audits", "ticket_events", "users", "satisfaction_ratings", "comments", *NOT_DATED}
    ),
    read=read,
    over=frozenset({"solved", "closed"}),
    nobody=frozenset({"-1"}),
)
"""Zendesk Support."""
