"""Zendesk's audits and ticket events: the dated history of a ticket, one change at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from tenure.pipelines.importers.ours import Ours
from tenure.pipelines.importers.staging import Staging, Unreadable
from tenure.pipelines.importers.steps import Step, StepName, in_order
from tenure.pipelines.importers.tool import Reading
from tenure.pipelines.importers.values import flag, identifier, moment, number, part, text
from tenure.pipelines.importers.zendesk.words import channel, merging, rating

FIELDS: dict[str, StepName] = {
    "status": "status",
    "assignee_id": "assignee",
    "group_id": "team",
    "priority": "priority",
    "requester_id": "requester",
}
DESCRIBING = ("subject", "type", "tags", "brand_id", "ticket_form_id")


class Update(NamedTuple):
    """What all events of one audit have in common."""

    case: str
    at: dt.datetime
    author: str | None
    via: Any
    position: str

    def step(self, name: StepName, key: str, **more: Any) -> Step:
        """A step of this update, by its author unless `actor` is given."""
        return Step(self.case, self.at, name, key, self.position, **({"actor": self.author} | more))


def audit(record: dict[str, Any], staging: Staging, reading: Reading) -> Iterator[Step]:
    """The steps of one ticket audit."""
    yield from _update(record, record.get("events"), "type", moment(record.get("created_at")), staging, reading)


def ticket_event(record: dict[str, Any], staging: Staging, reading: Reading) -> Iterator[Step]:
    """The steps of one event of the incremental ticket event export."""
    at = moment(record.get("created_at")) or moment(record.get("timestamp"))
    yield from _update(record, record.get("child_events"), "event_type", at, staging, reading)


def comment(record: dict[str, Any]) -> Step:
    """A comment as the comments of a ticket list it; the same comment in an audit has the same id."""
    case, at, key = identifier(record.get("ticket_id")), moment(record.get("created_at")), identifier(record.get("id"))
    if case is None or at is None or key is None:
        raise Unreadable("a comment without id, ticket_id or created_at")
    return _comment(record, key, Update(case, at, identifier(record.get("author_id")), record.get("via"), ""))


def _update(
    record: dict[str, Any], events: Any, kind: str, at: dt.datetime | None, staging: Staging, reading: Reading
) -> Iterator[Step]:
    case = identifier(record.get("ticket_id"))
    if case is None or at is None or not isinstance(events, list):
        raise Unreadable("an audit without ticket_id, created_at or events")
    author, via = identifier(record.get("author_id") or record.get("updater_id")), record.get("via")
    if any(isinstance(e, dict) and e.get(kind) == "Create" for e in events):
        yield Step(case, at, "opened", "opened", actor=author, channel=channel(via), rank=1)
    number_ = in_order(identifier(record.get("id")) or "")
    for place, event in enumerate(events):
        key = identifier(event.get("id")) if isinstance(event, dict) else None
        if key is None:
            staging.skip("audit event without id")
            continue
        update = Update(case, at, author, via, f"{number_}:{place:06d}")
        yield from _event(event, str(event.get(kind)), key, update, staging, reading.ours)


def _event(event: dict[str, Any], kind: str, key: str, update: Update, staging: Staging, ours: Ours) -> Iterator[Step]:
    if kind in ("Create", "Change"):
        yield from _field(event, key, update, staging, ours, born=kind == "Create")
    elif kind in ("Comment", "VoiceComment"):
        if merging(event.get("via") or update.via):
            staging.skip("note written by a merge of tickets")
        else:
            yield _comment(event, key, update)
    elif kind == "CommentPrivacyChange":
        about = identifier(event.get("comment_id"))
        if about:
            yield update.step("privacy", about, public=flag(event.get("public"), otherwise=False))
    elif kind in ("SatisfactionRating", "SurveyOffered"):
        score = event.get("score", "offered" if kind == "SurveyOffered" else None)
        yield from _score(score, key, update, staging, said=text(event.get("body")))
    else:
        staging.skip(f"{kind} event" if kind.isidentifier() else "event of an unknown type")


def _comment(event: dict[str, Any], key: str, update: Update) -> Step:
    spoken = part(event, "data")
    said = text(event.get("body")) or text(event.get("html_body")) or text(spoken.get("transcription_text"))
    voice = bool(spoken) or event.get("type") == "VoiceComment"
    return update.step(
        "message",
        key,
        actor=identifier(event.get("author_id")) or update.author,
        text=said,
        channel="phone" if voice else channel(event.get("via")) or channel(update.via),
        public=flag(event.get("public", event.get("comment_public")), otherwise=True),
        seconds=number(spoken.get("call_duration")),
    )


def _field(
    event: dict[str, Any], key: str, update: Update, staging: Staging, ours: Ours, *, born: bool
) -> Iterator[Step]:
    field, value = _changed(event)
    if field in FIELDS:
        old, new = identifier(event.get("previous_value")), identifier(value)
        if field in ("status", "priority"):
            old, new = old and old.lower(), new and new.lower()
        how = "merged" if field == "status" and merging(event.get("via") or update.via) else None
        yield update.step(FIELDS[field], key, old=old, new=new, how=how, born=born)
    elif field == "satisfaction_score":
        yield from _score(value, key, update, staging, said=None)
    elif field == "due_at":
        yield update.step("due", key, due_at=moment(value), born=born)
    elif ours.holds(field):
        staging.skip("written by Tenure itself")
    elif born and (field in DESCRIBING or field.isdigit()):
        yield from _described(field, value, key, update, staging, ours)
    else:
        staging.skip("change of a field that is no interaction")


def _described(field: str, value: Any, key: str, update: Update, staging: Staging, ours: Ours) -> Iterator[Step]:
    if field == "tags":
        given = [str(t) for t in value] if isinstance(value, list) else str(value or "").split()
        kept = ours.without(given)
        staging.skip("written by Tenure itself", count=len(given) - len(kept)) if len(kept) < len(given) else None
        value = " ".join(kept)
    said = text(value)
    if said:
        name = f"field_{field}" if field.isdigit() else field
        yield update.step("described", key, old=name, new=said, born=True)


def _score(score: Any, key: str, update: Update, staging: Staging, *, said: str | None) -> Iterator[Step]:
    given = rating(score)
    if given is not None:
        yield update.step("rating", key, number=given, text=said)
    elif isinstance(score, str) and score.lower() == "offered":
        yield update.step("survey", key)
    else:
        staging.skip("satisfaction neither offered nor rated")


def _changed(event: dict[str, Any]) -> tuple[str, Any]:
    """Field and new value; ticket events name the field by a key of its own."""
    if "field_name" in event:
        return str(event["field_name"]), event.get("value")
    for field in (*FIELDS, "satisfaction_score", "due_at", *DESCRIBING):
        if field in event:
            return field, event[field]
    return "", None
