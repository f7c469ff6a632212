"""Chatwoot: conversations, messages and contacts as its REST API gives them, and a log of its webhooks.

Status changes, assignments and priorities come from webhooks, or from the activity messages that Chatwoot writes into
a conversation. The conversation's own status, assignee, labels and attributes are its final state, and so is an
answer stored in a survey's message: the answers with a date are those of `csat_survey_responses`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.chatwoot import activity, hooks
from tenure.pipelines.importers.chatwoot.message import message
from tenure.pipelines.importers.chatwoot.words import channel, conversation_of, person_of, rating
from tenure.pipelines.importers.documents import Document, stem
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Step
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.values import identifier, moment, part, text

LISTS = ("conversations", "messages", "contacts", "csat_survey_responses", "agents", "teams")


def read(document: Document, staging: Staging, reading: Reading) -> None:
    """Take one record of a Chatwoot export apart."""
    record = document.record
    if not isinstance(record, dict):
        raise Unreadable("expected a record of a Chatwoot export")
    if "event" in record:
        staging.add(*hooks.read(record, staging))
        return
    kind = _kind(document)
    if kind == "conversations":
        staging.add(*_conversation(record, staging))
    elif kind == "messages":
        staging.add(*message(record, conversation_of(record, document.file), staging))
    elif kind == "contacts":
        staging.add(*person_of(record, role="customer"))
    elif kind == "agents":
        staging.add(*person_of(record, role="agent"))
    elif kind == "teams":
        staging.add(activity.team_of(record))
    elif kind == "csat_survey_responses":
        staging.add(*_answer(record))
    else:
        raise Unreadable("unknown form: neither conversation, message, contact, agent, team, rating nor webhook")


def _kind(document: Document) -> str | None:
    """What a record is, by its form; lists of names only differ by the name of their file."""
    record, name = document.record, document.collection or stem(document.file)
    if "message_type" in record:
        return "messages"
    if "meta" in record and "status" in record:
        return "conversations"
    if "rating" in record and "conversation_id" in record:
        return "csat_survey_responses"
    if "role" in record or "available_name" in record:
        return "agents"
    if name.startswith("teams") or "allow_auto_assign" in record:
        return "teams"
    if "identifier" in record or "additional_attributes" in record or name.startswith("contacts"):
        return "contacts"
    return None


def _conversation(record: dict[str, Any], staging: Staging) -> Iterator[Any]:
    case, opened = identifier(record.get("id")), moment(record.get("created_at"))
    if case is None or opened is None:
        raise Unreadable("a conversation without id or created_at")
    meta = part(record, "meta")
    sender = part(meta, "sender")
    who = identifier(sender.get("id"))
    yield Case(case, moment(record.get("last_activity_at") or record.get("timestamp")), (who,) if who else ())
    yield Step(case, opened, "opened", "opened", channel=channel(meta.get("channel") or record.get("channel")))
    if who:
        yield from person_of(sender, role="customer")
    if assignee := part(meta, "assignee"):
        yield from person_of(assignee, role="agent")
    for one in record.get("messages") or []:
        if isinstance(one, dict):
            yield from message(one, case, staging)


def _answer(record: dict[str, Any]) -> Iterator[Step]:
    key, case, at = (
        identifier(record.get("id")),
        identifier(record.get("conversation_id")),
        moment(record.get("created_at")),
    )
    given = rating(record.get("rating"))
    if key is None or case is None or at is None or given is None:
        raise Unreadable("an answer without id, conversation_id, created_at or a rating from 1 to 5")
    contact = part(record, "contact")
    who, said = identifier(contact.get("id")), text(record.get("feedback_message"))
    yield Step(case, at, "rating", f"rating-{key}", actor=who, number=given, text=said)


TOOL = Tool(
    name="chatwoot",
    collections=frozenset({"payload", "data.payload", *LISTS} - {"messages"}),
    read=read,
    over=frozenset({"resolved"}),
    with_assistant=frozenset({"pending"}),
)
"""Chatwoot."""
