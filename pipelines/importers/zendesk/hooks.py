"""Zendesk's event webhooks, as a receiver logs them: what a ticket's field was and became, and when.

Ids are text here and statuses are written in capitals. A log may stand beside audits: a change told twice counts once.
Audits are dated by whole seconds, and so is what is read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Case, Person, Step, StepName
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
TOLD = ("ticket.created", "ticket.comment_added")


def case_of(record: Any) -> str | None:
    """The ticket of an event that means something here: empty where it should name one, None for any other record.

    >>> case_of({"type": "zen:event-type:ticket.status_changed", "detail": {"id": "7"}})
    '7'
    >>> case_of({"type": "zen:event-type:ticket.tags_changed", "detail": {"id": "7"}}) is None
    True
    """
    kind = str(record.get("type", "")) if isinstance(record, dict) else ""
    if not kind.startswith(TYPE) or kind.removeprefix(TYPE) not in (*CHANGES, *TOLD):
        return None
    return identifier(part(record, "detail").get("id")) or ""


def steps(record: dict[str, Any], staging: Staging) -> Iterator[Case | Step | Person]:
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
    at = at.replace(microsecond=0)
    who, creator = identifier(detail.get("requester_id")), identifier(detail.get("submitter_id"))
    yield Case(case, at, (who,) if who else (), creator)
    # the submitter never changes, the requester may: however late an event is, the creation is the same
    yield Step(case, opened, "opened", "opened", actor=creator or who, channel=channel(detail.get("via")))
    if kind in CHANGES:
        old, new = identifier(event.get("previous")), identifier(event.get("current"))
        if kind in ("ticket.status_changed", "ticket.priority_changed"):
            old, new = old and old.lower(), new and new.lower()
        yield Step(case, at, CHANGES[kind], key, old=old, new=new)
    elif kind == "ticket.comment_added":
        said = part(event, "comment")
        about, author = identifier(said.get("id")) or key, identifier(part(said, "author").get("id"))
        staff = part(said, "author").get("is_staff")
        if author and isinstance(staff, bool):
            yield Person(author, role="agent" if staff else "customer")
        public = flag(said.get("is_public"), otherwise=True)
        yield Step(case, at, "message", about, actor=author, text=text(said.get("body")), public=public)
    elif kind not in TOLD:
        staging.skip("webhook without a meaning of ours")
