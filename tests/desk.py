"""An invented support desk: what happened to its cases, and the exports three tools would give at any moment.

An export holds the history up to its moment and, beside it, the state of that moment: status, assignee, rating,
reopens. Whoever reads the state instead of the history sees the future.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
AGENTS = ("900001", "900002", "900003")
TEAMS = ("501", "502")
GREAT = 9_007_199_254_740_993
"""The first id that a floating-point number cannot hold."""


class Event(NamedTuple):
    """Something that happened to a case; `by` is who did it."""

    at: dt.datetime
    what: str
    by: str
    value: Any = None


class Ticket(NamedTuple):
    """A case and its events in the order of time; `customer` is the first requester."""

    number: int
    customer: str
    channel: str
    events: list[Event]


def customers(count: int) -> list[str]:
    """The ids of customers, some of them larger than 2^53."""
    return [str(GREAT + 2 * n) if n % 3 == 0 else str(7000 + n) for n in range(count)]


def desk(count: int = 120, *, days: int = 120, seed: int = 3) -> list[Ticket]:
    """Cases of `count` customers over some months."""
    generator = np.random.default_rng(seed)
    people = customers(count)
    found: list[Ticket] = []
    for person in people:
        for _ in range(int(generator.poisson(3)) + 1):
            at = START + dt.timedelta(seconds=int(generator.uniform(0, days * 86400)))
            found.append(_ticket(len(found) + 1, person, people, at, generator))
    return found


def _ticket(number: int, person: str, people: list[str], at: dt.datetime, generator: np.random.Generator) -> Ticket:
    def later(hours: float) -> dt.datetime:
        nonlocal at
        at += dt.timedelta(seconds=60 + int(generator.exponential(hours * 3600)))
        return at

    def chance(share: float) -> bool:
        return bool(generator.random() < share)

    agent, team = str(generator.choice(AGENTS)), str(generator.choice(TEAMS))
    events = [Event(at, "open", person, f"I need help with case {number}")]
    if chance(0.8):
        events.append(Event(later(2), "assign", agent, (agent, team)))
    if chance(0.3):
        events.append(Event(later(2), "priority", agent, "urgent"))
    if chance(0.4):
        events.append(Event(later(2), "note", agent, "a note for colleagues"))
    for _ in range(int(generator.integers(0, 3))):
        events.append(Event(later(10), "reply", agent, "we look into it"))
        if chance(0.6):
            events.append(Event(later(20), "answer", person, "<p>still broken</p>"))
    if chance(0.2) and any(e.what == "reply" for e in events):
        events.append(Event(later(40), "hide", agent, next(i for i, e in enumerate(events) if e.what == "reply")))
    if chance(0.15):
        events.append(Event(later(30), "hand over", agent, str(generator.choice([p for p in people if p != person]))))
    for turn in range(int(generator.integers(0, 3))):
        events.append(Event(later(24), "solve", agent))
        if chance(0.5) and turn == 0:
            events.append(Event(later(1), "offer", "-1"))
            if chance(0.7):
                events.append(Event(later(48), "rate", person, bool(chance(0.6))))
        if chance(0.5):
            events.append(Event(later(60), "reopen", person))
    channel = str(generator.choice(["email", "web", "voice"]))
    return Ticket(number, person, channel, events)


def until(tickets: list[Ticket], moment: dt.datetime | None) -> list[Ticket]:
    """What had happened before a moment."""
    if moment is None:
        return tickets
    cut = [t._replace(events=[e for e in t.events if e.at < moment]) for t in tickets]
    return [t for t in cut if t.events]


def iso(at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def unix(at: dt.datetime) -> int:
    return int(at.timestamp())


def requester(ticket: Ticket) -> str:
    """The requester as of the end of the events."""
    return next((e.value for e in reversed(ticket.events) if e.what == "hand over"), ticket.customer)


def status(ticket: Ticket) -> str:
    """The status as of the end of the events: `solve` or `reopen`, or nothing."""
    return next((e.what for e in reversed(ticket.events) if e.what in ("solve", "reopen")), "")


def zendesk(folder: Path, tickets: list[Ticket], *, page: int = 100) -> Path:
    """Pages of tickets, audits and users as the incremental export gives them."""
    folder.mkdir(parents=True)
    listed = [_zendesk_ticket(t) for t in tickets]
    audits = [audit for t in tickets for audit in _audits(t)]
    for name, rows, count in (("tickets", listed, page), ("audits", list(reversed(audits)), 10 * page)):
        for start in range(0, len(rows), count):
            content = {
                name: rows[start : start + count],
                "end_of_stream": start + count >= len(rows),
                "after_url": None,
            }
            (folder / f"{name}_{start // count:04d}.json").write_text(json.dumps(content))
    users = [_zendesk_user(c, "end-user") for c in customers(200)] + [_zendesk_user(a, "agent") for a in AGENTS]
    (folder / "users.ndjson").write_text("\n".join(map(json.dumps, users)))
    return folder


def _zendesk_user(person: str, role: str) -> dict[str, Any]:
    return {
        "id": int(person),
        "role": role,
        "external_id": f"c-{person}" if role == "end-user" else None,
        "email": f"{person}@example.com",
        "name": f"Person {person}",
        "created_at": iso(START),
        "updated_at": iso(START),
        "tags": ["tenure_high"],
    }


def _zendesk_ticket(ticket: Ticket) -> dict[str, Any]:
    now = ticket.events[-1].at
    solved = status(ticket) == "solve"
    rated = next((e.value for e in reversed(ticket.events) if e.what == "rate"), None)
    return {
        "id": ticket.number,
        "created_at": iso(ticket.events[0].at),
        "updated_at": iso(now),
        "generated_timestamp": unix(now),
        "requester_id": int(requester(ticket)),
        "submitter_id": int(ticket.customer),
        "via": {"channel": ticket.channel},
        "status": "Solved" if solved else "open",
        "priority": "urgent",
        "tags": ["churn_risk_high"],
        "satisfaction_rating": None if rated is None else {"score": "good" if rated else "bad"},
        "assignee_id": next((int(e.value[0]) for e in reversed(ticket.events) if e.what == "assign"), None),
        "metric_set": {"reopens": sum(e.what == "reopen" for e in ticket.events), "solved_at": iso(now)},
    }


def _audits(ticket: Ticket) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    asking, state = ticket.customer, "new"
    hidden = {e.value for e in ticket.events if e.what == "hide"}
    for place, event in enumerate(ticket.events):
        number = ticket.number * 1000 + place * 10
        changes: list[dict[str, Any]] = []
        if event.what == "open":
            changes = [
                {"id": number + 1, "type": "Comment", "body": event.value, "public": True, "author_id": int(event.by)},
                *[
                    {"id": number + 2 + i, "type": "Create", "field_name": name, "value": value}
                    for i, (name, value) in enumerate(
                        {
                            "requester_id": event.by,
                            "status": "new",
                            "tags": ["vip", "tenure_high"],
                            "subject": "Help",
                        }.items()
                    )
                ],
            ]
        elif event.what in ("note", "reply", "answer"):
            public = event.what != "note" and place not in hidden
            changes = [
                {"id": number + 1, "type": "Comment", "body": event.value, "public": public, "author_id": int(event.by)}
            ]
        elif event.what == "assign":
            agent, team = event.value
            changes = [_change(number + 1, "group_id", None, team), _change(number + 2, "assignee_id", None, agent)]
        elif event.what == "priority":
            changes = [_change(number + 1, "priority", "normal", event.value)]
        elif event.what == "hide":
            about = ticket.number * 1000 + event.value * 10 + 1
            changes = [{"id": number + 1, "type": "CommentPrivacyChange", "comment_id": about, "public": False}]
        elif event.what == "hand over":
            changes = [_change(number + 1, "requester_id", asking, event.value)]
            asking = event.value
        elif event.what in ("solve", "reopen"):
            new = "solved" if event.what == "solve" else "open"
            changes = [_change(number + 1, "status", state, new)]
            state = new
        elif event.what in ("offer", "rate"):
            score = "offered" if event.what == "offer" else "good" if event.value else "bad"
            changes = [_change(number + 1, "satisfaction_score", "unoffered", score)]
        found.append(
            {
                "id": number,
                "ticket_id": ticket.number,
                "created_at": iso(event.at),
                "author_id": int(event.by),
                "via": {"channel": ticket.channel},
                "events": changes,
            }
        )
    return found


def _change(number: int, field: str, old: str | None, new: str) -> dict[str, Any]:
    return {"id": number, "type": "Change", "field_name": field, "previous_value": old, "value": new}


def chatwoot(folder: Path, tickets: list[Ticket]) -> Path:
    """Conversations, messages and answers of the REST interface; statuses and assignments as activity messages."""
    folder.mkdir(parents=True)
    messages: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for ticket in tickets:
        for place, event in enumerate(ticket.events):
            number = ticket.number * 1000 + place
            messages += _chatwoot_messages(ticket, event, number)
            if event.what == "rate":
                answers.append(
                    {
                        "id": number,
                        "rating": 5 if event.value else 1,
                        "conversation_id": ticket.number,
                        "created_at": unix(event.at),
                        "contact": {"id": int(ticket.customer)},
                    }
                )
    conversations = [_conversation(t) for t in tickets]
    (folder / "conversations.json").write_text(
        json.dumps({"data": {"meta": {"all_count": 1}, "payload": conversations}})
    )
    (folder / "messages.ndjson").write_text("\n".join(map(json.dumps, messages)))
    (folder / "csat_survey_responses.json").write_text(json.dumps(answers))
    agents = [{"id": int(a), "name": f"Agent {a}", "available_name": f"Agent {a}", "role": "agent"} for a in AGENTS]
    (folder / "agents.json").write_text(json.dumps(agents))
    (folder / "teams.json").write_text(json.dumps([{"id": int(t), "name": f"Team {t}"} for t in TEAMS]))
    return folder


def _conversation(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.number,
        "created_at": unix(ticket.events[0].at),
        "last_activity_at": unix(ticket.events[-1].at),
        "status": "resolved" if status(ticket) == "solve" else "open",
        "waiting_since": 0,
        "first_reply_created_at": 0,
        "labels": ["churn_risk_high"],
        "custom_attributes": {"tenure_band": "high"},
        "priority": "urgent",
        "meta": {
            "channel": "Channel::WebWidget",
            "sender": {
                "id": int(ticket.customer),
                "identifier": f"c-{ticket.customer}",
                "name": "Someone",
                "email": f"{ticket.customer}@example.com",
                "created_at": unix(START),
                "last_activity_at": unix(ticket.events[-1].at),
                "custom_attributes": {"churn_risk": "high"},
            },
        },
        "messages": [],
    }


def _chatwoot_messages(ticket: Ticket, event: Event, number: int) -> list[dict[str, Any]]:
    base = {"id": number, "conversation_id": ticket.number, "created_at": unix(event.at), "content": event.value}
    agent = {"id": int(event.by), "type": "user"}
    said = {
        "solve": f"Conversation was marked resolved by Agent {event.by}",
        "reopen": "System reopened the conversation due to a new incoming message.",
        "priority": f"Agent {event.by} set the priority to urgent",
    }
    if event.what in ("open", "answer"):
        return [base | {"message_type": 0, "sender": {"id": int(event.by), "type": "contact"}}]
    if event.what in ("reply", "note"):
        return [base | {"message_type": 1, "sender": agent, "private": event.what == "note"}]
    if event.what == "assign":
        who = f"Agent {event.value[0]} via Team {event.value[1]}"
        return [base | {"message_type": 2, "content": f"Assigned to {who} by Admin"}]
    if event.what in said:
        return [base | {"message_type": 2, "content": said[event.what]}]
    if event.what == "offer":
        rated = next((e.value for e in ticket.events if e.what == "rate"), None)
        inside = {} if rated is None else {"submitted_values": {"csat_survey_response": {"rating": 5 if rated else 1}}}
        return [base | {"message_type": 3, "content_type": "input_csat", "content_attributes": inside}]
    return []


def rt(folder: Path, tickets: list[Ticket]) -> Path:
    """Tickets, histories, attachments and users of Request Tracker's REST 2 interface."""
    folder.mkdir(parents=True)
    ids = {name: 1000 + n for n, name in enumerate([*customers(200), *AGENTS])}
    users = [
        {"type": "user", "id": number, "Name": _rt_name(name), "EmailAddress": _rt_name(name), "Privileged": int(name in AGENTS),
         "Created": iso(START), "LastUpdated": iso(START)}
        for name, number in ids.items()
    ]  # fmt: skip
    (folder / "users.json").write_text(json.dumps({"items": users, "total": len(users)}))
    (folder / "tickets_search.json").write_text(json.dumps({"items": [_rt_ticket(t) for t in tickets]}))
    for ticket in tickets:
        items, texts = _transactions(ticket, ids)
        (folder / f"ticket_{ticket.number}_history.json").write_text(json.dumps({"items": items, "total": len(items)}))
        (folder / f"ticket_{ticket.number}_attachments.json").write_text(json.dumps({"items": texts}))
    return folder


def _rt_name(name: str) -> str:
    return f"{name}@example.com"


def _rt_ticket(ticket: Ticket) -> dict[str, Any]:
    solved = [e.at for e in ticket.events if e.what == "solve"]
    return {
        "type": "ticket",
        "id": str(ticket.number),
        "Created": iso(ticket.events[0].at),
        "LastUpdated": iso(ticket.events[-1].at),
        "Status": "resolved" if status(ticket) == "solve" else "open",
        "Resolved": iso(solved[-1]) if solved else "1970-01-01T00:00:00Z",
        "Due": "1970-01-01T00:00:00Z",
        "Creator": {"type": "user", "id": _rt_name(ticket.customer)},
        "Requestor": [{"type": "user", "id": _rt_name(requester(ticket))}],
        "CustomFields": [{"id": "2", "name": "ChurnRisk", "values": ["high"]}],
        "TimeWorked": "0",
        "Owner": {"type": "user", "id": "Nobody"},
    }


def _transactions(ticket: Ticket, ids: dict[str, int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    items: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    state, asking = "new", ticket.customer

    def add(event: Event, number: int, kind: str, field: str = "", old: Any = "", new: Any = "") -> None:
        items.append(
            {"type": "transaction", "id": str(number), "Type": kind, "Field": field, "OldValue": str(old), "NewValue": str(new),
             "Created": iso(event.at), "Creator": {"type": "user", "id": _rt_name(event.by)}, "Data": ""}
        )  # fmt: skip

    for place, event in enumerate(ticket.events):
        number = ticket.number * 1000 + place * 10
        if event.what in ("open", "reply", "answer", "note"):
            kind = {"open": "Create", "note": "Comment"}.get(event.what, "Correspond")
            add(event, number, kind)
            encoded = base64.b64encode(event.value.encode()).decode()
            texts.append(
                {"type": "attachment", "id": str(number), "TransactionId": {"id": str(number)}, "Created": iso(event.at),
                 "ContentType": "text/plain", "Content": encoded}
            )  # fmt: skip
        elif event.what == "assign":
            add(event, number, "Set", "Owner", 6, ids[event.value[0]])
            add(event, number + 1, "SetWatcher", "Owner", 6, ids[event.value[0]])
        elif event.what == "priority":
            add(event, number, "Set", "Priority", 0, 50)
        elif event.what == "hand over":
            add(event, number, "DelWatcher", "Requestor", ids[asking], "")
            add(event, number + 1, "AddWatcher", "Requestor", "", ids[event.value])
            asking = event.value
        elif event.what in ("solve", "reopen"):
            new = "resolved" if event.what == "solve" else "open"
            add(event, number, "Status", "Status", state, new)
            state = new
    return items, texts
