"""What stands before every route: the Host allow-list, the body limit, JSON only, and the headers."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenure.serving.headers import RAW_HEADERS
from tenure.serving.problems import Refusal, problem
from tenure.serving.settings import ServiceSettings

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
FORM = "application/x-www-form-urlencoded"
FORMS = ("/login", "/logout", "/welcome", "/me", "/desk/", "/panel/")
"""Where the forms of our own pages are sent to."""

FROM_ELSEWHERE = frozenset({"/panel/zendesk"})
"""Where another page sends a form, which is signed."""


class Shield:
    """ASGI middleware that refuses what no route should see and adds the security headers."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self.app = app
        self.settings = settings
        names = (*settings.hosts, *settings.project.service.names)
        self.hosts = frozenset(host.lower() for host in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check a request, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_host(headers)
            if scope["method"] in WITH_BODY:
                self._check_type(headers, scope["path"])
                self._check_origin(headers, scope["path"])
                receive = _replay(await self._read(headers, receive))
            elif scope["method"] == "DELETE":
                self._check_origin(headers, scope["path"])
        except Refusal as refusal:
            await problem(refusal.status, refusal.kind, refusal.detail)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.get("headers", [])}
                message["headers"] = [
                    *message.get("headers", []),
                    *(h for h in RAW_HEADERS if h[0] not in own),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _check_host(self, headers: Headers) -> None:
        name = _name(headers.get("host", ""))
        if name not in self.hosts:
            raise Refusal(
                421, "foreign-host", f"this service is called {' or '.join(sorted(self.hosts))}, not {name!r}"
            )

    def _check_origin(self, headers: Headers, path: str) -> None:
        """Nobody else's page may send anything with the cookie of who reads it."""
        origin = headers.get("origin")
        if path in FROM_ELSEWHERE or (origin is None and _type(headers) != FORM):
            return  # programs have no origin
        if origin is None or _name(urlsplit(origin).netloc) not in self.hosts:
            raise Refusal(403, "foreign-origin", f"this was sent from a page of {origin or 'nobody'!r}, not from ours")

    def _check_type(self, headers: Headers, path: str) -> None:
        found = _type(headers)
        if found != "application/json" and not (found == FORM and path.startswith(FORMS)):
            raise Refusal(415, "not-json", f"the body must be application/json, found {found or 'no content type'!r}")

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        limit = self.settings.max_body_bytes
        refusal = Refusal(413, "too-large", f"the body may hold {limit:,} bytes; send fewer customers at once")
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise refusal
        body = bytearray()
        try:
            async with asyncio.timeout(self.settings.body_seconds):
                while True:
                    message = await receive()
                    body += message.get("body", b"")
                    if len(body) > limit:
                        raise refusal
                    if not message.get("more_body", False):
                        return bytes(body)
        except TimeoutError:
            seconds = self.settings.body_seconds
            raise Refusal(
                408, "too-slow", f"the body did not arrive within {seconds:g} seconds; send it again"
            ) from None


def _name(host: str) -> str:
    """The host without its port."""
    host = host.lower()
    return host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]


def _type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _replay(body: bytes) -> Receive:
    unread = True

    async def receive() -> Message:
        nonlocal unread
        if unread:
            unread = False
            return {"type": "http.request", "body": body, "more_body": False}
        return {"type": "http.disconnect"}

    return receive
