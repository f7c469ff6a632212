"""Who is calling: keys, sessions, roles and rates, checked before any route."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import quote

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tenure.pipelines.access.keys import MARK
from tenure.pipelines.access.roles import Role
from tenure.serving.headers import HEADERS
from tenure.serving.known import LOCAL, Caller, Callers
from tenure.serving.problems import Refusal, problem
from tenure.serving.rates import Buckets
from tenure.serving.settings import ServiceSettings

OPEN = frozenset(
    {
        "/healthz", "/readyz", "/style.css", "/panel.css", "/panel.js", "/icon.png", "/login", "/welcome",
        "/login/provider", "/login/back", "/v1/session", "/panel/zendesk", "/panel/chatwoot",
    }
)  # fmt: skip
"""Paths for everybody: they say nothing of anyone."""

COOKIE = "tenure_session"
SIGNED = frozenset({"/hooks/zendesk", "/hooks/chatwoot"})
"""Paths whose callers have no key: each request is signed, which the route checks."""

KEYLESS = OPEN | SIGNED

TOOL = Caller("webhook", Role.sender)
"""A support tool, as far as the signature shows that it is one."""


def needs(role: Role) -> Callable[[Request], Awaitable[None]]:
    """The dependency of a route: the caller's role must be enough."""

    async def check(request: Request) -> None:
        caller = caller_of(request)
        if not caller.role.may(role):
            who = f"the key {caller.name}" if caller.kind == "key" else caller.name
            raise Refusal(403, "not-allowed", f"this needs the role {role}, {who} has {caller.role}; ask for another")

    return check


class Gate:
    """ASGI middleware that knows the caller, or refuses: 401 for strangers, 429 for too many requests.

    A browser that asks for a page is led to the log-in instead.
    """

    def __init__(
        self, app: ASGIApp, *, settings: ServiceSettings, callers: Callers, now: Callable[[], dt.datetime]
    ) -> None:
        self.app, self.settings, self.callers, self.now = app, settings, callers, now
        service = settings.project.service
        self._buckets = Buckets(service.requests_a_second, service.requests_a_second * service.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who calls, then hand the request on."""
        if scope["type"] != "http" or scope["path"] in KEYLESS:
            scope.setdefault("state", {})["caller"] = TOOL if scope.get("path") in SIGNED else LOCAL
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            caller = await self._caller(headers, scope)
        except Refusal as refusal:
            await self._stranger(scope, headers, refusal)(scope, receive, send)
            return
        except SQLAlchemyError:
            detail = "the store does not answer, so nobody can be known; try again in a moment"
            await problem(503, "store-away", detail, headers={"Retry-After": "1"})(scope, receive, send)
            return
        wait = 0.0 if caller is LOCAL else self._buckets.wait(caller.name)
        if wait:
            limit = self.settings.project.service.requests_a_second
            detail = f"more than {limit:g} requests a second; wait and try again, or ask for lists"
            await problem(429, "too-many-requests", detail, headers=later(wait))(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self.app(scope, receive, send)

    async def _caller(self, headers: Headers, scope: Scope) -> Caller:
        known = await self.callers.current()
        if known.nobody:
            if _from_elsewhere(scope):
                said = "there are no keys yet, so only this machine is served; `tenure key create` makes one"
                raise Refusal(401, "no-key", said)
            return LOCAL
        now = self.now()
        scheme, _, text = headers.get("authorization", "").partition(" ")
        shown = text.strip() if scheme.lower() == "bearer" else ""
        if shown.startswith(f"{MARK}_"):
            found = self.callers.by_key(shown, known, now=now)
            if found is None:
                said = "this key opens nothing: unknown, expired or revoked; ask for a new one"
                raise Refusal(401, "wrong-key", said)
            return found
        shown = shown or _cookie(headers)
        if not shown:
            raise Refusal(
                401, "no-key", "expected the header `Authorization: Bearer KEY`; `tenure key create` makes one"
            )
        found = self.callers.by_session(shown, known, now=now)
        if found is None:
            raise Refusal(401, "session-over", "this is no key and no session that goes on; log in again")
        return found

    def _stranger(self, scope: Scope, headers: Headers, refusal: Refusal) -> Response:
        page = scope["method"] == "GET" and not scope["path"].startswith(("/v1/", "/panel/"))
        if page and "text/html" in headers.get("accept", ""):
            asked = scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            to = f"{self.settings.project.service.base}/login?next={quote(asked, safe='')}"
            return RedirectResponse(to, status_code=303, headers=HEADERS)
        challenge = {"WWW-Authenticate": 'Bearer realm="tenure"'}
        return problem(refusal.status, refusal.kind, refusal.detail, headers=challenge)


def caller_of(request: Request) -> Caller:
    """Who is calling."""
    found: Caller = request.state.caller
    return found


def later(seconds: float) -> dict[str, str]:
    """The header that says when to come again."""
    return {"Retry-After": str(max(1, round(seconds)))}


def _from_elsewhere(scope: Scope) -> bool:
    """Whether a request came from another machine; `tenure serve` lets none, another host of the service may."""
    client = scope.get("client")
    try:
        return client is not None and not ip_address(client[0]).is_loopback
    except ValueError:
        return False  # no network at all


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
