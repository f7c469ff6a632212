"""Who is calling: keys, roles and rates, checked before any route; and what of it goes into the audit log."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from anyio import to_thread
from fastapi import Request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tenure.pipelines.access.keys import Key, all_keys, key_of
from tenure.pipelines.access.roles import Role
from tenure.serving.problems import Refusal, problem
from tenure.serving.settings import ServiceSettings

OPEN = frozenset({"/healthz", "/readyz", "/style.css"})
"""Paths for everybody: they say nothing of anyone."""

SIGNED = frozenset({"/hooks/zendesk", "/hooks/chatwoot"})
"""Paths whose callers have no key: each request is signed, which the route checks."""

FRESH_SECONDS = 1.0
"""How soon a new or revoked key is known to a running service."""

KEPT_SECONDS = 60.0
"""How long known keys are trusted while the store does not answer."""


class Caller(NamedTuple):
    """Who is calling, and what they may do."""

    name: str
    role: Role


LOCAL = Caller("local", Role.admin)
"""Whoever calls a service without keys, which listens on this machine only."""


TOOL = Caller("webhook", Role.sender)
"""A support tool, as far as the signature shows that it is one."""


def needs(role: Role) -> Callable[[Request], Awaitable[None]]:
    """The dependency of a route: the caller's role must be enough."""

    async def check(request: Request) -> None:
        caller = caller_of(request)
        if not caller.role.may(role):
            raise Refusal(
                403,
                "not-allowed",
                f"this needs the role {role}, the key {caller.name} has {caller.role}; ask for another",
            )

    return check


class KnownKeys:
    """The keys as the store has them, looked at again every second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[str, Key] = {}
        self._read_at = self._tried_at = float("-inf")
        self._lock: asyncio.Lock | None = None

    async def current(self) -> dict[str, Key]:
        """All keys by id; raises where the store has not answered for a minute."""
        if time.monotonic() - self._tried_at < FRESH_SECONDS:
            return self._held
        self._tried_at = time.monotonic()
        try:
            if self._engine.dialect.name == "sqlite":
                self._held = all_keys(self._engine)
            else:
                self._held = await to_thread.run_sync(all_keys, self._engine)
            self._read_at = time.monotonic()
        except SQLAlchemyError:
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                self._tried_at = float("-inf")
                raise
        return self._held


@dataclass
class Bucket:
    """What a caller may still ask at this moment: it fills at a steady rate."""

    rate: float
    most: float
    held: float = field(init=False)
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.held, self.since = self.most, time.monotonic()

    def wait(self) -> float:
        """Take one; the seconds to wait until there is one, 0 where there was."""
        now = time.monotonic()
        self.held, self.since = min(self.most, self.held + (now - self.since) * self.rate), now
        if self.held >= 1.0:
            self.held -= 1.0
            return 0.0
        return (1.0 - self.held) / self.rate


class Gate:
    """ASGI middleware that knows the caller, or refuses: 401 without a key, 429 for too many requests."""

    def __init__(
        self, app: ASGIApp, *, settings: ServiceSettings, keys: KnownKeys, now: Callable[[], dt.datetime]
    ) -> None:
        self.app, self.settings, self.keys, self.now = app, settings, keys, now
        self._buckets: dict[str, Bucket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who calls, then hand the request on."""
        if scope["type"] != "http" or scope["path"] in OPEN | SIGNED:
            scope.setdefault("state", {})["caller"] = TOOL if scope.get("path") in SIGNED else LOCAL
            await self.app(scope, receive, send)
            return
        try:
            caller = await self._caller(Headers(scope=scope))
            wait = 0.0 if caller is LOCAL else self._bucket(caller.name).wait()
        except Refusal as refusal:
            headers = {"WWW-Authenticate": 'Bearer realm="tenure"'}
            await problem(refusal.status, refusal.kind, refusal.detail, headers=headers)(scope, receive, send)
            return
        except SQLAlchemyError:
            detail = "the store does not answer, so nobody can be known; try again in a moment"
            await problem(503, "store-away", detail, headers={"Retry-After": "1"})(scope, receive, send)
            return
        if wait:
            limit = self.settings.project.service.requests_a_second
            detail = f"more than {limit:g} requests a second; wait and try again, or ask for lists"
            headers = {"Retry-After": str(max(1, round(wait)))}
            await problem(429, "too-many-requests", detail, headers=headers)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, send)

    async def _caller(self, headers: Headers) -> Caller:
        known = await self.keys.current()
        if not known:
            return LOCAL
        scheme, _, text = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise Refusal(
                401, "no-key", "expected the header `Authorization: Bearer KEY`; `tenure key create` makes one"
            )
        found = key_of(text.strip(), known, now=self.now())
        if found is None:
            raise Refusal(401, "wrong-key", "this key opens nothing: unknown, expired or revoked; ask for a new one")
        return Caller(f"{found.name}/{found.key_id}", found.role)

    def _bucket(self, name: str) -> Bucket:
        found = self._buckets.get(name)
        if found is None:
            service = self.settings.project.service
            found = self._buckets[name] = Bucket(service.requests_a_second, service.requests_a_second * service.burst)
        return found


def caller_of(request: Request) -> Caller:
    """Who is calling."""
    found: Caller = request.state.caller
    return found
