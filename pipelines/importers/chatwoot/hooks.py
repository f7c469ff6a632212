"""Chatwoot's webhooks, as a receiver logs them: each carries what changed, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.chatwoot.activity import TEAM
from tenure.pipelines.importers.chatwoot.message import message
from tenure.pipelines.importers.chatwoot.words import agent_id, channel, person_of
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Fact, Merge, Person, Step
from tenure.pipelines.importers.values import identifier, moment, part

CONVERSATIONS = (
    "conversation_created",
    "conversation_updated",
    "conversation_status_changed",
    "conversation_opened",
    "conversation_resolved",
)
MESSAGES = ("message_created", "message_updated")
CHANGES = frozenset({"status", "priority", "assignee_id", "team_id", "contact_id"})
MERGES = ("contact_merged", "contact.merged")


def case_of(record: Any) -> str | None:
    """The conversation of a webhook that means something: empty where it should name one, None for any other record.

    An update of labels, times or attributes alone means nothing here, and there are many.

    >>> case_of({"event": "conversation_status_changed", "id": 42})
    '42'
    >>> case_of({"event": "conversation_updated", "id": 42, "changed_attributes": [{"label_list": {}}]}) is None
    True
    """
    event = record.get("event") if isinstance(record, dict) else None
    if event in MESSAGES:
        return identifier(record.get("conversation_id")) or identifier(part(record, "conversation").get("id")) or ""
    changes = record.get("changed_attributes") if event in CONVERSATIONS else None
    fields = {name for one in changes or [] if isinstance(one, dict) for name in one} if changes else set()
    if event not in CONVERSATIONS or (event == "conversation_updated" and not fields & CHANGES):
        return None
    return identifier(record.get("id")) or ""


def read(record: dict[str, Any], staging: Staging) -> Iterator[Case | Step | Person | Fact | Merge]:
    """Take one webhook apart."""
    event = record["event"]
    if event == "appContext" and isinstance(record.get("data"), dict):
        staging.skip("appContext: what an agent's screen showed, no dated event")
    elif event in MESSAGES:
        yield from _message(record, staging, later=event == "message_updated")
    elif event in CONVERSATIONS:
        yield from _conversation(record, staging)
    elif event in ("contact_created", "contact_updated"):
        yield from person_of(record, role="customer")
    elif event in MERGES:
        yield _merge(record)
    else:
        staging.skip("webhook without a meaning of ours")


def _message(record: dict[str, Any], staging: Staging, *, later: bool) -> Iterator[Case | Step | Person | Fact]:
    inside = part(record, "conversation")
    case = identifier(record.get("conversation_id")) or identifier(inside.get("id"))
    if case is None:
        raise Unreadable("a webhook about a message without its conversation")
    changed = moment(record.get("updated_at")) if later else None
    if later and changed is None:
        staging.skip("message_updated without updated_at")
        return
    sender = part(part(inside, "meta"), "sender")
    who = identifier(sender.get("id"))
    if who:
        yield Case(case, changed or moment(record.get("created_at")), (who,))
        yield from person_of(sender, role="customer")
    yield from message(record, case, staging, known_at=changed, rank=0)


def _conversation(record: dict[str, Any], staging: Staging) -> Iterator[Case | Step | Person | Fact]:
    case, opened = identifier(record.get("id")), moment(record.get("created_at"))
    if case is None or opened is None:
        raise Unreadable("a webhook about a conversation without id or created_at")
    at = moment(record.get("updated_at")) or moment(record.get("last_activity_at"))
    meta = part(record, "meta")
    sender = part(meta, "sender")
    who = identifier(sender.get("id"))
    yield Case(case, at, (who,) if who else ())
    yield Step(case, opened, "opened", "opened", channel=channel(record.get("channel") or meta.get("channel")))
    if who:
        yield from person_of(sender, role="customer")
    changes = record.get("changed_attributes")
    for change in changes if isinstance(changes, list) else []:
        for field, values in change.items() if isinstance(change, dict) else ():
            if at is not None and isinstance(values, dict):
                yield from _change(case, at, field, values, staging)


def _change(case: str, at: dt.datetime, field: str, values: dict[str, Any], staging: Staging) -> Iterator[Step]:
    old, new = identifier(values.get("previous_value")), identifier(values.get("current_value"))
    instant = int(at.timestamp() * 1000)
    key, place = f"{case}:{field}:{instant}:{new}", f"~{instant}"  # after the messages of its second
    at = at.replace(microsecond=0)  # activity messages, which tell of the same, have whole seconds
    if field in ("status", "priority"):
        yield Step(case, at, field, key, place, old=old and old.lower(), new=new and new.lower())  # type: ignore[arg-type]
    elif field == "assignee_id":
        yield Step(case, at, "assignee", key, place, old=agent_id(old), new=agent_id(new))
    elif field == "team_id":
        yield Step(case, at, "team", key, place, new=f"{TEAM}{new}" if new else None)
    elif field == "contact_id":
        yield Step(case, at, "requester", key, place, old=old, new=new)
    else:
        staging.skip("change of a field that is no interaction")


def _merge(record: dict[str, Any]) -> Merge:
    inside = part(record, "contact") or record
    gone, kept = identifier(record.get("merged_contact_id")), identifier(inside.get("id"))
    at = moment(record.get("updated_at") or record.get("timestamp"))
    if gone is None or kept is None or at is None:
        raise Unreadable("a merge of contacts without merged_contact_id, id or date")
    return Merge(gone, kept, at)
