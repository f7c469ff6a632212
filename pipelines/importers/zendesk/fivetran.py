"""Zendesk as Fivetran writes it: CSV tables of tickets, comments, users and the history of ticket fields.

Times name no zone and are UTC. The history holds what a field became and when; what it was before follows from the
order. Columns of the ticket table beside its creation are its final state and are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenure.pipelines.importers.documents import Document, stem
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Fact, Person, Step, in_order
from tenure.pipelines.importers.tool import Reading
from tenure.pipelines.importers.values import flag, identifier, moment, text
from tenure.pipelines.importers.zendesk.events import FIELDS
from tenure.pipelines.importers.zendesk.words import AGENTS, channel, rating

TABLES = ("ticket_field_history", "ticket_comment", "satisfaction_rating", "ticket", "user")
CHATS = ("ticket_chat", "ticket_chat_event")
DIALECTS = ("_snowflake", "_postgres")
DISPLAYED = ("name", "email", "phone", "locale", "time_zone", "organization_id")
Row = dict[str, str]


def read(document: Document, staging: Staging, reading: Reading) -> None:
    """Take one row of a Fivetran table apart."""
    name, row = stem(document.file).lower(), document.record
    if name.endswith(DIALECTS):
        staging.skip("the same table once more, for another database")
        return
    table = name.removesuffix("_data")
    if table in CHATS:
        staging.skip("chat transcripts: not read, the ticket of a chat has its comments")
    elif table not in TABLES:
        staging.skip(f"table {table}: no dated facts about a case")
    elif table == "ticket_field_history":
        staging.add(*_history(row, staging, reading))
    else:
        staging.add(
            *{"ticket": _ticket, "ticket_comment": _comment, "satisfaction_rating": _rating, "user": _user}[table](row)
        )


def _ticket(row: Row) -> Iterator[Case | Step]:
    case, opened = identifier(row.get("id")), moment(row.get("created_at"))
    if case is None or opened is None:
        raise Unreadable("a ticket without id or created_at")
    updated, requester = moment(row.get("updated_at")), identifier(row.get("requester_id"))
    creator = identifier(row.get("submitter_id"))
    gone = (updated or opened) if row.get("status", "").lower() == "deleted" else None
    yield Case(case, updated, (requester,) if requester else (), creator, gone)
    yield Step(case, opened, "opened", "opened", actor=creator, channel=channel(row.get("via_channel")))


def _comment(row: Row) -> Iterator[Step]:
    case, key = identifier(row.get("ticket_id")), identifier(row.get("id"))
    at = moment(row.get("created") or row.get("created_at"))
    if case is None or key is None or at is None:
        raise Unreadable("a comment without id, ticket_id or created")
    spoken = flag(row.get("voice_comment"), otherwise=False)
    social = flag(row.get("tweet"), otherwise=False) or flag(row.get("facebook_comment"), otherwise=False)
    yield Step(
        case,
        at,
        "message",
        key,
        position=f"1:{in_order(key)}",
        actor=identifier(row.get("user_id")),
        text=text(row.get("body")),
        channel="phone" if spoken else "social" if social else None,
        public=flag(row.get("public"), otherwise=True),
    )


def _history(row: Row, staging: Staging, reading: Reading) -> Iterator[Step]:
    case, at, field = identifier(row.get("ticket_id")), moment(row.get("updated")), row.get("field_name", "")
    if case is None or at is None or not field:
        raise Unreadable("a change of a field without ticket_id, updated or field_name")
    value, actor = identifier(row.get("value")), identifier(row.get("user_id"))
    key, place = f"{case}:{field}:{int(at.timestamp() * 1000)}:{value}", f"2:{field}"
    if field in FIELDS:
        new = value.lower() if value and field in ("status", "priority") else value
        yield Step(case, at, FIELDS[field], key, place, actor=actor, new=new)
    elif field == "due_at":
        yield Step(case, at, "due", key, place, actor=actor, due_at=moment(value))
    elif field == "satisfaction_score" and value == "offered":
        yield Step(case, at, "survey", key, place, actor=actor)
    elif field == "satisfaction_score" and rating(value) is not None:
        yield Step(case, at, "rating", key, place, actor=actor, number=rating(value))
    elif reading.ours.holds(field):
        staging.skip("written by Tenure itself")
    else:
        staging.skip("change of a field that is no interaction")


def _rating(row: Row) -> Iterator[Step]:
    key, case, asked = identifier(row.get("id")), identifier(row.get("ticket_id")), moment(row.get("created_at"))
    if key is None or case is None or asked is None:
        raise Unreadable("a satisfaction rating without id, ticket_id or created_at")
    written, given = moment(row.get("updated_at")) or asked, rating(row.get("score"))
    if row.get("score", "").lower() == "offered" or (given is not None and asked < written):
        yield Step(case, asked, "survey", f"offer-{key}", rank=2)
    if given is not None:
        yield Step(case, written, "rating", f"rating-{key}", number=given, text=text(row.get("comment")), rank=2)


def _user(row: Row) -> Iterator[Person | Fact]:
    person, changed = identifier(row.get("id")), moment(row.get("updated_at"))
    if person is None:
        raise Unreadable("a user without id")
    role = row.get("role", "").lower()
    yield Person(
        person,
        changed,
        external_id=identifier(row.get("external_id")),
        email=text(row.get("email")),
        role="agent" if role in AGENTS else "customer" if role else None,
    )
    since = moment(row.get("created_at"))
    if since:
        yield Fact(person, "zendesk_since", since.date().isoformat(), since)
    for name in DISPLAYED:
        value = identifier(row.get(name))
        if value:
            yield Fact(person, f"zendesk_{name}", value, changed)
