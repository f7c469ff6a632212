"""RT's transactions: the dated history of a ticket, and the attachments that hold what was written."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from tenure.pipelines.importers.documents import Document
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import ADDED, Step, in_order
from tenure.pipelines.importers.values import identifier, moment, number, text

IN_NAME = re.compile(r"(?:^|[/_-])tickets?[/_-]?(\d+)(?=[/._-])")
OWNERSHIP = ("Take", "Steal", "Give", "Untake", "Force")
MERGED = "MergedInto"


def steps(record: dict[str, Any], document: Document, staging: Staging) -> Iterator[Step]:
    """The steps of one transaction."""
    key, at = identifier(record.get("id")), moment(record.get("Created"))
    case = _ticket_of(record, document)
    if key is None or at is None or case is None:
        raise Unreadable("a transaction without id, Created or ticket (name its file ticket_NUMBER_history.json)")
    kind, field = str(record.get("Type") or ""), str(record.get("Field") or "")
    base = Step(case, at, "message", key, in_order(key), actor=named(record.get("Creator")))
    old, new = identifier(record.get("OldValue")), identifier(record.get("NewValue"))
    if kind in ("Create", "Correspond", "Comment"):
        yield from _written(record, base, kind)
    elif kind == "Status" or (kind == "Set" and field == "Status"):
        yield base._replace(name="status", old=old and old.lower(), new=new and new.lower())
    elif field == "Owner" and kind in ("Set", "SetWatcher", *OWNERSHIP):
        yield base._replace(name="assignee", old=old, new=new)
    elif kind in ("AddWatcher", "DelWatcher", "SetWatcher") and field == "Requestor":
        yield base._replace(name="requester", old=old, new=new, how=ADDED if kind == "AddWatcher" else None)
    elif kind in ("Set", "AddLink"):
        yield from _set(base, kind, field, old, new, staging)
    elif kind == "CustomField":
        staging.skip("change of a custom field")
    else:
        staging.skip(f"{kind} transaction" if kind.isalpha() else "transaction of an unknown type")


def attachment(record: dict[str, Any], document: Document, staging: Staging) -> Iterator[Step]:
    """The text of a transaction, where the attachment holds one."""
    about = record.get("TransactionId")
    key = identifier(about.get("id")) if isinstance(about, dict) else identifier(about)
    at, case = moment(record.get("Created")), _ticket_of(record, document)
    if key is None or at is None or case is None:
        raise Unreadable("an attachment without TransactionId, Created or ticket")
    if not str(record.get("ContentType", "")).startswith("text/"):
        staging.skip("attachment that is no text")
        return
    yield Step(case, at, "message", key, in_order(key), text=_decoded(record.get("Content")), side="text", rank=9)


def named(who: Any) -> str | None:
    """The name of a user in RT's answers: an object with an id, or the id itself.

    >>> named({"type": "user", "id": "root"}), named("root")
    ('root', 'root')
    """
    return identifier(who.get("id")) if isinstance(who, dict) else identifier(who)


def _written(record: dict[str, Any], base: Step, kind: str) -> Iterator[Step]:
    said, minutes = text(record.get("Content")), number(record.get("TimeTaken"))
    seconds = minutes * 60 if minutes else None
    if kind == "Create":
        yield base._replace(name="opened", key="opened", position="", rank=1)
        yield base._replace(text=said, seconds=seconds, how="first")  # becomes a message where its text is known
    else:
        yield base._replace(text=said, seconds=seconds, public=kind == "Correspond")


def _set(base: Step, kind: str, field: str, old: str | None, new: str | None, staging: Staging) -> Iterator[Step]:
    if field == "Queue":
        yield base._replace(name="team", old=old, new=new)
    elif field == "Priority":
        yield base._replace(name="priority", old=old, new=new)
    elif field == "Due":
        yield base._replace(name="due", due_at=moment(new))
    elif field == "TimeWorked":
        minutes = (number(new) or 0.0) - (number(old) or 0.0)
        if minutes > 0:
            yield base._replace(name="work", seconds=minutes * 60)
    elif kind == "AddLink" and field == MERGED:
        yield base._replace(name="status", new="resolved", how="merged")
    else:
        staging.skip("change of a field that is no interaction")


def _ticket_of(record: dict[str, Any], document: Document) -> str | None:
    """The ticket a transaction is about; a history does not say so, but its file is named for it."""
    inside = record.get("Object")
    if isinstance(inside, dict) and inside.get("type") == "ticket":
        return identifier(inside.get("id"))
    path = "/".join(document.file.parts[-3:])
    found = IN_NAME.findall(path)
    return found[-1] if found else None


def _decoded(content: Any) -> str | None:
    if not isinstance(content, str):
        return None
    try:
        return text(base64.b64decode(content, validate=True).decode("utf-8", "replace"))
    except (binascii.Error, ValueError):
        return text(content)
