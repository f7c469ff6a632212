"""Zendesk's event webhooks, as a receiver logs them: what a ticket's field was and became, and when.

Ids are text here and statuses are written in capitals. A log may stand beside audits: a change told twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Step, StepName
from tenure.pipelines.importers.values import flag, identifier, moment, part, text
from tenure.pipelines.importers.zendesk.words import channel

TYPE = "zen:event-type:"
CHANGES: dict[str, StepName] = {
    "ticket.status_changed": "status",
    "ticket.priority_changed": "priority",
    "ticket.agent_assignment_changed": "assignee",
    "ticket.group_assignment_changed": "team",
    "ticket.requester_changed": "requester",
}


def steps(record: dict[str, Any], staging: Staging) -> Iterator[Case | Step]:
    """Take one event apart."""
    detail, event = part(record, "detail"), part(record, "event")
    kind = str(record.get("type", "")).removeprefix(TYPE)
    if not kind.startswith("ticket."):
        staging.skip("webhook that is not about a ticket")
        return
    key, case, at = identifier(record.get("id")), identifier(detail.get("id")), moment(record.get("time"))
    opened = moment(detail.get("created_at"))
    if key is None or case is None or at is None or opened is None:
        raise Unreadable("a webhook without id, time, ticket or the date of its creation")
    who = identifier(detail.get("requester_id"))
    yield Case(case, at, (who,) if who else (), identifier(detail.get("submitter_id")))
    yield Step(case, opened, "opened", "opened", actor=who, channel=channel(detail.get("via")))
    if kind in CHANGES:
        old, new = identifier(event.get("previous")), identifier(event.get("current"))
        if kind in ("ticket.status_changed", "ticket.priority_changed"):
            old, new = old and old.lower(), new and new.lower()
        yield Step(case, at, CHANGES[kind], key, old=old, new=new)
    elif kind == "ticket.comment_added":
        said = part(event, "comment")
        about, author = identifier(said.get("id")) or key, identifier(part(said, "author").get("id"))
        public = flag(said.get("is_public"), otherwise=True)
        yield Step(case, at, "message", about, actor=author, text=text(said.get("body")), public=public)
    elif kind != "ticket.created":
        staging.skip("webhook without a meaning of ours")
