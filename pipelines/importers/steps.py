"""What an export says about a case, one dated fact at a time, in words that all tools share."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

StepName = Literal[
    "opened",  # the case began
    "described",  # a property at its creation: `old` is its name, `new` its value
    "message",  # somebody wrote or spoke: `text`, `public`, `seconds` of work or talk
    "privacy",  # an earlier message was hidden or shown: `key` names the message
    "requester",  # the customer changed from `old` to `new`; without `old` one was added, without `new` one left
    "assignee",  # given to the agent `new`
    "team",  # given to the team `new`
    "status",  # from `old` to `new`
    "priority",  # from `old` to `new`
    "due",  # promised for `due_at`
    "survey",  # a rating was asked for
    "rating",  # a rating was given: `number` from 0 to 1
    "work",  # `seconds` of work were booked
]


ADDED = "added"
"""`how` of a step by which somebody became one more requester, not the only one."""


class Step(NamedTuple):
    """One dated fact about a case. Ids are text; `at` and `known_at` are instants in UTC.

    `key` is the tool's own id of the fact, `actor` who did it, `born` whether it belongs to the
    creation of the case. `side` says whether a message came in or went out where the tool says
    so itself. `known_at` is given where the fact was changed later than it happened. Of two
    copies with the same key the one with the lower `rank` counts.
    """

    case_id: str
    at: dt.datetime
    name: StepName
    key: str
    position: str = ""
    actor: str | None = None
    old: str | None = None
    new: str | None = None
    text: str | None = None
    channel: str | None = None
    side: str | None = None
    how: str | None = None
    public: bool = True
    born: bool = False
    seconds: float | None = None
    number: float | None = None
    due_at: dt.datetime | None = None
    known_at: dt.datetime | None = None
    rank: int = 0


class Case(NamedTuple):
    """A case as some export last saw it. Only what is needed to read its steps; nothing here is a fact of its own.

    `requesters` are those of today: who it was at the start is found by undoing the dated
    changes. `deleted_at` is when the tool dropped the case, `version` when this was written.
    """

    case_id: str
    version: dt.datetime | None
    requesters: tuple[str, ...] = ()
    creator: str | None = None
    deleted_at: dt.datetime | None = None


class Person(NamedTuple):
    """Somebody the tool knows; `alias` is a second id by which the tool may call the same person."""

    person_id: str
    version: dt.datetime | None = None
    alias: str | None = None
    external_id: str | None = None
    email: str | None = None
    role: Literal["agent", "customer"] | None = None


class Fact(NamedTuple):
    """A dated property of a person; without a date it may only be displayed."""

    person_id: str
    name: str
    value: str
    at: dt.datetime | None


class Merge(NamedTuple):
    """From `at` on, what was said of `person_id` is said of `into`."""

    person_id: str
    into: str
    at: dt.datetime | None


def in_order(key: str) -> str:
    """A position by which ids sort as numbers where they are numbers.

    >>> in_order("9") < in_order("10")
    True
    """
    return key.rjust(24, "0") if key.isdigit() else key
