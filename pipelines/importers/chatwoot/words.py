"""Chatwoot's words, in ours; its contacts and agents share one sequence of numbers each, so ids say which they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from tenure.pipelines.importers.documents import stem
from tenure.pipelines.importers.staging import Unreadable
from tenure.pipelines.importers.steps import Fact, Person
from tenure.pipelines.importers.values import identifier, moment, number, text

CHANNELS = {
    "webwidget": "chat", "email": "email", "api": None, "sms": "sms", "twiliosms": "sms", "whatsapp": "social",
    "facebookpage": "social", "twitterprofile": "social", "instagram": "social", "telegram": "social",
    "line": "social", "voice": "phone", "tiktok": "social",
}  # fmt: skip
IN_NAME = re.compile(r"conversations?[_-]?(\d+)")


def channel(name: Any) -> str | None:
    """Our word for a channel such as `Channel::WebWidget`.

    >>> channel("Channel::WebWidget"), channel("Channel::Api")
    ('chat', None)
    """
    return CHANNELS.get(str(name).rpartition("::")[2].lower()) if name else None


def rating(value: Any) -> float | None:
    """One to five stars as 0 to 1.

    >>> rating(5), rating("1"), rating(0)
    (1.0, 0.0, None)
    """
    stars = number(value)
    return (stars - 1) / 4 if stars is not None and 1 <= stars <= 5 else None


def agent_id(value: Any) -> str | None:
    """The id of an agent: agents and contacts are numbered apart, and 1 may be both.

    >>> agent_id(1)
    'agent-1'
    """
    found = identifier(value)
    return None if found is None else f"agent-{found}"


def person_of(record: dict[str, Any], *, role: Literal["agent", "customer"]) -> Iterator[Person | Fact]:
    """A contact or an agent. Names and addresses carry no date: they are for display."""
    number_ = identifier(record.get("id"))
    if number_ is None:
        raise Unreadable(f"a {'contact' if role == 'customer' else 'agent'} without id")
    name = text(record.get("name") or record.get("available_name"))
    if role == "agent":
        yield Person(f"agent-{number_}", alias=name, role=role)
        return
    yield Person(
        number_,
        moment(record.get("last_activity_at")),
        external_id=identifier(record.get("identifier")),
        email=text(record.get("email")),
        role=role,
    )
    since = moment(record.get("created_at"))
    if since:
        yield Fact(number_, "chatwoot_since", since.date().isoformat(), since)
    extra = record.get("additional_attributes")
    company = extra.get("company_name") if isinstance(extra, dict) else None
    for label, value in (("name", name), ("email", text(record.get("email"))), ("company", text(company))):
        if value:
            yield Fact(number_, f"chatwoot_{label}", value, None)


def conversation_of(record: dict[str, Any], file: Path) -> str:
    """The conversation of a message; where it does not say so itself, the file is named for it."""
    inside = record.get("conversation")
    found = identifier(record.get("conversation_id")) or (
        identifier(inside.get("id")) if isinstance(inside, dict) else None
    )
    named = IN_NAME.search(stem(file))
    if found is None and named is None:
        raise Unreadable("a message without conversation_id, in a file that is not named conversation_NUMBER")
    return found or (named[1] if named else "")
