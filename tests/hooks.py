"""Webhooks as Zendesk and Chatwoot send them: the records of a ticket's life, and their signatures."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

START = dt.datetime(2024, 3, 1, 10, tzinfo=dt.UTC)
ZENDESK_SECRET, CHATWOOT_SECRET = "zendesk-secret", "chatwoot-secret"
Record = dict[str, Any]


def zendesk(
    kind: str,
    seconds: int,
    event: Record | None = None,
    *,
    case: str = "35436",
    requester: str = "11",
    start: dt.datetime = START,
) -> Record:
    """An event of a ticket, so many seconds after its creation."""
    at = start + dt.timedelta(seconds=seconds)
    return {
        "type": f"zen:event-type:ticket.{kind}",
        "account_id": 88888888,
        "id": f"01HN-{case}-{kind}-{seconds}",
        "time": f"{at:%Y-%m-%dT%H:%M:%S}.672717030Z",
        "zendesk_event_version": "2022-11-06",
        "subject": f"zen:ticket:{case}",
        "detail": {
            "id": case,
            "status": "OPEN",
            "via": {"channel": "web"},
            "requester_id": requester,
            "submitter_id": "11",
            "created_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "updated_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        },
        "event": event or {},
    }


def changed(kind: str, seconds: int, previous: str | None, current: str | None, **more: Any) -> Record:
    """A change of a property of a ticket."""
    return zendesk(f"{kind}_changed", seconds, {"previous": previous, "current": current}, **more)


def said(number: int, seconds: int, author: str, body: str, *, staff: bool, public: bool = True, **more: Any) -> Record:
    """A comment on a ticket."""
    about = {"id": str(number), "author": {"id": author, "is_staff": staff}, "body": body, "is_public": public}
    return zendesk("comment_added", seconds, {"comment": about}, **more)


def conversation(event: str, seconds: float, *, case: int = 42, start: dt.datetime = START, **changes: Any) -> Record:
    """An event of a conversation; `changes` are pairs of before and after."""
    attributes = [{name: {"previous_value": old, "current_value": new}} for name, (old, new) in changes.items()]
    sender = {"id": 9, "name": "Anna", "email": "Anna@example.com", "identifier": None, "created_at": 1704067200}
    return {
        "event": event,
        "id": case,
        "created_at": int(start.timestamp()),
        "updated_at": start.timestamp() + seconds + 0.25,
        "status": "open",
        "meta": {"sender": sender},
        "channel": "Channel::WebWidget",
        "changed_attributes": attributes or None,
    }


def message(
    number: int, seconds: int, content: str, *, incoming: bool, updated: int = 0, case: int = 42, **more: Any
) -> Record:
    """A message in a conversation; `updated` is when it was changed."""
    start = more.pop("start", START)
    sender = {"id": 9, "type": "contact"} if incoming else {"id": 1, "type": "user"}
    created = start + dt.timedelta(seconds=seconds, milliseconds=200)
    return {
        "event": "message_updated" if updated else "message_created",
        "id": number,
        "content": content,
        "message_type": "incoming" if incoming else "outgoing",
        "private": False,
        "created_at": created.isoformat(),
        "updated_at": (start + dt.timedelta(seconds=updated or seconds)).isoformat(),
        "sender": sender,
        "conversation": {"id": case},
        **more,
    }


@st.composite
def zendesk_lives(draw: st.DrawFn) -> list[Record]:
    """The events of one ticket, in the order in which they happened."""
    seconds = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=9)))
    found, held = [zendesk("created", 0)], {"status": "NEW", "priority": "NORMAL", "agent": None, "group": None}
    requester = "11"
    words = {
        "status": ["OPEN", "PENDING", "SOLVED", "CLOSED"],
        "priority": ["LOW", "NORMAL", "HIGH", "URGENT"],
        "agent_assignment": [None, "98", "99"],
        "group_assignment": [None, "501"],
    }
    for number, at in enumerate(seconds, 700):
        kind = draw(st.sampled_from(["comment", "requester", *words]))
        if kind == "comment":
            author, public = draw(st.sampled_from(["11", "12", "99"])), draw(st.booleans())
            staff = author == "99"
            found.append(said(number, at, author, f"text {number}", staff=staff, public=public, requester=requester))
        elif kind == "requester":
            before, requester = requester, "12" if requester == "11" else "11"
            found.append(changed("requester", at, before, requester, requester=requester))
        else:
            new = draw(st.sampled_from(words[kind]))
            found.append(changed(kind, at, held.get(kind), new, requester=requester))
            held[kind] = new
    return found


@st.composite
def chatwoot_lives(draw: st.DrawFn) -> list[Record]:
    """The webhooks of one conversation, in the order in which things happened."""
    seconds = sorted(draw(st.sets(st.integers(1, 400), min_size=1, max_size=9)))
    found: list[Record] = [conversation("conversation_created", 0)]
    status, texts = "open", dict[int, tuple[int, bool]]()
    for number, at in enumerate(seconds, 700):
        kind = draw(st.sampled_from(["message", "edit", "status", "assignee_id", "team_id", "priority"]))
        if kind == "message" or (kind == "edit" and not texts):
            texts[number] = at, draw(st.booleans())
            found.append(message(number, at, f"text {number}", incoming=texts[number][1]))
        elif kind == "edit":
            old = draw(st.sampled_from(sorted(texts)))
            text = draw(st.sampled_from([f"text {old}", "better"]))
            found.append(message(old, texts[old][0], text, incoming=texts[old][1], updated=at))
        elif kind == "status":
            before, status = status, draw(st.sampled_from(["open", "pending", "resolved", "snoozed"]))
            found.append(conversation("conversation_status_changed", at, status=(before, status)))
        elif kind == "priority":
            found.append(
                conversation("conversation_updated", at, priority=(None, draw(st.sampled_from(["low", "high"]))))
            )
        else:
            new = draw(st.sampled_from([None, 1, 2]))
            found.append(conversation("conversation_updated", at, **{kind: (None, new)}))
    return found


LIVES = {"zendesk": zendesk_lives(), "chatwoot": chatwoot_lives()}


def shuffled(life: Sequence[Record], choices: st.DataObject) -> list[Record]:
    """The records of a life in any order, some of them several times."""
    again = choices.draw(st.lists(st.sampled_from(list(life)), max_size=4))
    return choices.draw(st.permutations([*life, *again]))


def zendesk_headers(body: bytes, at: dt.datetime, *, secret: str = ZENDESK_SECRET) -> dict[str, str]:
    """What Zendesk sends with a body."""
    stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Id": "01GK8E6BKWMJZD2T8Y5AXJQMG5",
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def chatwoot_headers(
    body: bytes, at: dt.datetime, *, secret: str = CHATWOOT_SECRET, delivery: str = "d-1"
) -> dict[str, str]:
    """What Chatwoot sends with a body."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Chatwoot-Signature": f"sha256={digest}",
        "X-Chatwoot-Timestamp": stamp,
        "X-Chatwoot-Delivery": delivery,
    }


def body_of(record: Record) -> bytes:
    """A record as it goes over the wire."""
    return json.dumps(record).encode()


FIELDS = {"status": "status", "priority": "priority", "agent_assignment": "assignee_id", "group_assignment": "group_id",
          "requester": "requester_id"}  # fmt: skip
USERS = [
    {"id": 11, "role": "end-user", "external_id": "anna", "email": "anna@example.com"},
    {"id": 12, "role": "end-user", "email": "Bert@example.com"},
    *({"id": number, "role": "agent"} for number in (98, 99)),
]


def export_of(*lives: Sequence[Record]) -> dict[str, Any]:
    """The files of an export that tells of the same tickets: the tickets as they are in the end, audits and users."""
    tickets, audits = [], []
    for life in lives:
        detail, last = life[0]["detail"], life[-1]["detail"]
        tickets.append(
            {"id": int(detail["id"]), "created_at": detail["created_at"], "updated_at": last["updated_at"], "via": detail["via"],
             "requester_id": int(last["requester_id"]), "submitter_id": int(detail["submitter_id"]), "status": "closed"}
        )  # fmt: skip
        audits += [_audit(number, record) for number, record in enumerate(life, 1)]
    return {"tickets.json": {"tickets": tickets}, "audits.json": {"audits": audits}, "users.json": {"users": USERS}}


def _audit(number: int, record: Record) -> Record:
    kind, event = record["type"].rpartition(".")[2], record["event"]
    case = int(record["detail"]["id"])
    author, told = 99, {"type": "Create", "field_name": "status", "value": "new"}
    if kind == "created":
        author = 11
    elif kind == "comment_added":
        comment = event["comment"]
        author = int(comment["author"]["id"])
        told = {"id": int(comment["id"]), "type": "Comment", "body": comment["body"], "public": comment["is_public"],
                "author_id": author}  # fmt: skip
    else:
        lower = kind in ("status_changed", "priority_changed")
        old, new = (v.lower() if v and lower else v for v in (event["previous"], event["current"]))
        told = {
            "type": "Change",
            "field_name": FIELDS[kind.removesuffix("_changed")],
            "value": new,
            "previous_value": old,
        }
    return {
        "id": case * 1000 + number,
        "ticket_id": case,
        "created_at": record["detail"]["updated_at"],
        "author_id": author,
        "events": [{"id": case * 1000 + number, **told}],
    }
