"""`POST /hooks/zendesk` and `/hooks/chatwoot`: what a support tool tells, kept word for word before it is acknowledged.

What it means is found out later, by the refresher: a tool waits a few seconds at most.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from tenure.pipelines.importers.chatwoot.hooks import case_of as conversation_of
from tenure.pipelines.importers.values import identifier
from tenure.pipelines.importers.zendesk.hooks import case_of as ticket_of
from tenure.pipelines.live.hooks import keep_record
from tenure.pipelines.settings.hooks import Hook, ToolName
from tenure.pipelines.settings.service import Service
from tenure.serving.access import caller_of
from tenure.serving.answers import HookAnswer
from tenure.serving.board import Board
from tenure.serving.problems import Refusal, described, problem
from tenure.serving.rates import Bucket
from tenure.serving.signatures import CHATWOOT, ZENDESK, NotGenuine, Scheme, verify

LONGEST_ID = 200
"""A longer id of a delivery is replaced by a digest."""

REFUSALS = described(400, 401, 408, 409, 413, 415, 421, 429, 503)

hooks = APIRouter(tags=["webhooks"])


@dataclass(frozen=True)
class Sender:
    """A tool that sends webhooks: how it signs, which case a record is of, and the id it gave the delivery."""

    name: ToolName
    scheme: Scheme
    case_of: Callable[[Any], str | None]
    delivery_of: Callable[[Headers, Any], str | None]


@dataclass
class Receiver:
    """The webhooks of a project: their settings, the secrets by tool, and how much each tool may still send."""

    settings: Mapping[ToolName, Hook]
    secrets: Mapping[ToolName, Sequence[bytes]]
    service: Service
    _buckets: dict[ToolName, Bucket] = field(default_factory=dict)

    def hook(self, name: ToolName) -> tuple[Hook, Sequence[bytes]]:
        """The settings and secrets of a tool, or a refusal with the remedy."""
        hook, secrets = self.settings.get(name), self.secrets.get(name)
        if hook is None:
            remedy = f"add [hooks.{name}] with `secret` and `source`"
            raise Refusal(409, "no-such-hook", f"the project file says nothing of webhooks of {name}; {remedy}")
        if not secrets:
            remedy = f"set the environment variable {hook.secret} and start the service again"
            raise Refusal(409, "no-secret", f"the service was not told the secret of {name}'s webhooks; {remedy}")
        return hook, secrets

    def wait(self, name: ToolName) -> float:
        """Seconds until a tool may send again; only what is genuine counts, so nobody else can use up its rate."""
        rate = self.service.requests_a_second
        return self._buckets.setdefault(name, Bucket(rate, rate * self.service.burst)).wait()


def _zendesk_id(_headers: Headers, record: Any) -> str | None:
    # X-Zendesk-Webhook-Id names the webhook and not the delivery; the event has an id of its own, and it is signed
    return identifier(record.get("id")) if isinstance(record, dict) else None


def _chatwoot_id(headers: Headers, _record: Any) -> str | None:
    return identifier(headers.get("X-Chatwoot-Delivery"))


SENDERS = {
    "zendesk": Sender("zendesk", ZENDESK, ticket_of, _zendesk_id),
    "chatwoot": Sender("chatwoot", CHATWOOT, conversation_of, _chatwoot_id),
}


def _described(sender: Sender) -> dict[str, Any]:
    """The part of the description that FastAPI cannot know: the body is read as it came."""
    names = [sender.scheme.timestamp] + (["X-Chatwoot-Delivery"] if sender.name == "chatwoot" else [])
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "parameters": [{"name": name, "in": "header", "schema": {"type": "string"}} for name in names],
    }


@hooks.post(
    "/hooks/zendesk",
    status_code=202,
    response_model=HookAnswer,
    responses=REFUSALS,
    openapi_extra=_described(SENDERS["zendesk"]),
)
async def zendesk(request: Request) -> Response:
    """Take an event of a Zendesk ticket. Acknowledged, it is on disk; sent again, it changes nothing."""
    return await _take(request, SENDERS["zendesk"])


@hooks.post(
    "/hooks/chatwoot",
    status_code=202,
    response_model=HookAnswer,
    responses=REFUSALS,
    openapi_extra=_described(SENDERS["chatwoot"]),
)
async def chatwoot(request: Request) -> Response:
    """Take a webhook of Chatwoot. Acknowledged, it is on disk; sent again, it changes nothing."""
    return await _take(request, SENDERS["chatwoot"])


async def _take(request: Request, sender: Sender) -> Response:
    board: Board = request.app.state.board
    receiver: Receiver = request.app.state.receiver
    hook, secrets = receiver.hook(sender.name)
    body, now = await request.body(), board.now()
    try:
        verify(sender.scheme, request.headers, body, secrets=secrets, now=now)
    except NotGenuine as error:
        return problem(401, "not-genuine", str(error), headers={"WWW-Authenticate": f'Signature realm="{sender.name}"'})
    if wait := receiver.wait(sender.name):
        detail = f"more than {receiver.service.requests_a_second:g} webhooks a second; send it again later"
        return problem(429, "too-many-requests", detail, headers={"Retry-After": str(max(1, round(wait)))})
    record = _read(body)
    case = sender.case_of(record)
    fresh = False
    if case is not None:
        delivery = _short(sender.delivery_of(request.headers, record), body)
        fresh = await to_thread.run_sync(
            lambda: keep_record(board.engine, hook.source, record, delivery=delivery, case=case, now=now)
        )
    request.state.hook = sender.name, "without meaning" if case is None else "kept" if fresh else "repeated"
    about = {"source": hook.source, "kept": case is not None}
    request.app.state.auditor.read(caller_of(request), "hook", detail=about)
    answer = HookAnswer(source=hook.source, kept=case is not None)
    return Response(answer.model_dump_json(), status_code=202, media_type="application/json")


def _read(body: bytes) -> Any:
    """What the body says; a number that no database can hold is refused with all the rest that is no JSON."""
    try:
        record = json.loads(body)
        json.dumps(record, allow_nan=False)
    except (ValueError, RecursionError):
        raise Refusal(400, "unreadable", "the body cannot be read as JSON in UTF-8") from None
    return record


def _short(name: str | None, body: bytes) -> str:
    """The id of a delivery; one that has none is known again by its content."""
    if name is not None and len(name) <= LONGEST_ID:
        return name
    return hashlib.sha256(name.encode() if name else body).hexdigest()
