"""What is said of the kinds of interactions: the common ones by their names, any other by its own in quotes."""

from __future__ import annotations

from typing import NamedTuple

from tenure.pipelines.reasons.saying import Message

KINDS = {
    "any": ("interaction", "interactions"),
    "purchase": ("purchase", "purchases"),
    "visit": ("visit", "visits"),
    "payment": ("payment", "payments"),
    "usage": ("use", "uses"),
    "message_in": ("message", "messages"),
}
"""The kinds that have words of their own: one, several."""


class Words(NamedTuple):
    """The messages about one kind; languages inflect it, so that each is a message for each kind."""

    silent: Message
    regular: Message
    only: Message
    only_then: Message
    none: Message
    some: Message


def _words(one: str, many: str) -> Words:
    return Words(
        silent=Message(f"no {one} for %(n)d day", f"no {one} for %(n)d days"),
        regular=Message(f"{many} %(every)s on average"),
        only=Message(f"only one day with {many} so far"),
        only_then=Message(f"only one day with {many} so far, %(when)s"),
        none=Message(f"no {one} in the last %(days)d days"),
        some=Message(f"%(n)s {one} in the last %(days)d days", f"%(n)s {many} in the last %(days)d days"),
    )


KNOWN = {kind: _words(*words) for kind, words in KINDS.items()}
OTHER = _words("%(kind)s", "%(kind)s rows")
