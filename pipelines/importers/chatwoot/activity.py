"""Chatwoot's activity messages: what happened to a conversation, in a structure or in a sentence.

Newer versions store a status change with its meaning; everything else, and everything in older versions, is a
sentence in the language of the account. The English ones are understood; others are counted and left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Person, Step, in_order
from tenure.pipelines.importers.values import identifier, part, text

STATUSES = (
    (
        re.compile(r"Conversation was (marked )?resolved\b.*"),
        "resolved",
    ),
    (re.compile(r"(Conversation was|System) reopened\b.*|Conversation was marked (as )?open\b.*"), "open"),
    (re.compile(r"Conversation was (marked )?(as )?pending\b.*"), "pending"),
    (re.compile(r"Conversation was (marked )?(as )?snoozed\b.*"), "snoozed"),
)
ASSIGNED = re.compile(r"Assigned to (?P<new>.+?)(?: via (?P<team>.+?))? by .+")
TAKEN = re.compile(r"(?P<new>.+) self-assigned this conversation")
DROPPED = re.compile(r"(Conversation unassigned by|Unassigned from) .+")
PRIORITY = re.compile(r".+ (?:set the priority to|changed the priority from (?P<old>\w+) to) (?P<new>\w+)")
TEAM = "team:"
"""Before the number of a team, so that a team and an agent of one number stay apart."""


def steps(record: dict[str, Any], case: str, at: dt.datetime, key: str, staging: Staging) -> Iterator[Step]:
    """What an activity message says happened."""
    said, place = text(record.get("content")) or "", in_order(key)
    status = identifier(part(part(record, "content_attributes"), "activity").get("status"))
    status = status or next((word for sentence, word in STATUSES if sentence.fullmatch(said)), None)
    if status:
        yield Step(case, at, "status", f"message-{key}", place, new=status.lower(), rank=1)
        return
    if (given := ASSIGNED.fullmatch(said)) or (given := TAKEN.fullmatch(said)):
        # a sentence names agents and teams alike; the name says which once people and teams are known
        yield Step(case, at, "assignee", f"message-{key}", place, new=given["new"], rank=1)
        if given.groupdict().get("team"):
            yield Step(case, at, "team", f"message-{key}", place, new=given["team"], rank=1)
    elif raised := PRIORITY.fullmatch(said):
        old, new = raised["old"], raised["new"].lower()
        yield Step(case, at, "priority", f"message-{key}", place, old=old and old.lower(), new=new, rank=1)
    elif DROPPED.fullmatch(said):
        yield Step(case, at, "assignee", f"message-{key}", place, rank=1)
    else:
        staging.skip("activity message without a meaning of ours")


def team_of(record: dict[str, Any]) -> Person:
    """A team, so that its name can be told from an agent's."""
    found, name = identifier(record.get("id")), text(record.get("name"))
    if found is None or name is None:
        raise Unreadable("a team without id or name")
    return Person(f"{TEAM}{found}", alias=name)
