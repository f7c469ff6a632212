"""One message of a Chatwoot conversation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.chatwoot import activity
from tenure.pipelines.importers.chatwoot.words import agent_id, rating
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Step, in_order
from tenure.pipelines.importers.values import flag, identifier, moment, part, text

TYPES = {"0": "incoming", "1": "outgoing", "2": "activity", "3": "template"}


def message(
    record: dict[str, Any], case: str, staging: Staging, *, known_at: dt.datetime | None = None, rank: int = 1
) -> Iterator[Step]:
    """The step a message stands for; `known_at` is given for a later version of it."""
    key, at = identifier(record.get("id")), moment(record.get("created_at"))
    if key is None or at is None:
        raise Unreadable("a message without id or created_at")
    at = at.replace(microsecond=0)  # the REST interface gives whole seconds, webhooks do not
    kind = identifier(record.get("message_type"))
    kind = TYPES.get(kind or "", kind)
    if record.get("content_type") == "input_csat":
        yield Step(case, at, "survey", f"message-{key}", position=in_order(key), rank=rank)
        yield from _answer(record, case, key, staging, answered_at=known_at)
    elif kind == "activity":
        yield from activity.steps(record, case, at, key, staging)
    elif kind in ("incoming", "outgoing"):
        yield _spoken(record, case, at, key, incoming=kind == "incoming", known_at=known_at, rank=rank)
    else:
        staging.skip("message written by a template")


def _spoken(
    record: dict[str, Any],
    case: str,
    at: dt.datetime,
    key: str,
    *,
    incoming: bool,
    known_at: dt.datetime | None,
    rank: int,
) -> Step:
    sender = part(record, "sender")
    machine = str(sender.get("type") or "").lower() not in ("", "user", "contact")
    who = identifier(sender.get("id")) if incoming else None if machine else agent_id(sender.get("id"))
    dropped = flag(part(record, "content_attributes").get("deleted"), otherwise=False)
    return Step(
        case,
        at,
        "message",
        f"message-{key}",
        position=in_order(key),
        actor=who,
        text=None if dropped else text(record.get("content")),
        side="inbound" if incoming else "outbound",
        how="bot" if machine and not incoming else None,
        public=not flag(record.get("private"), otherwise=False),
        known_at=known_at,
        rank=rank,
    )


def _answer(
    record: dict[str, Any], case: str, key: str, staging: Staging, *, answered_at: dt.datetime | None
) -> Iterator[Step]:
    """The answer inside a survey's message carries no date; only a webhook of that moment gives it one."""
    answer = part(part(part(record, "content_attributes"), "submitted_values"), "csat_survey_response")
    given = rating(answer.get("rating"))
    if given is None:
        return
    if answered_at is None:
        staging.skip("answer inside a survey's message: not dated")
        return
    said = text(answer.get("feedback_message"))
    yield Step(case, answered_at, "rating", f"message-{key}", number=given, text=said)
