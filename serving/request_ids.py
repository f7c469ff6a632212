"""A name for every request, by which an answer and the lines of the log are found together."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The name of the request that is being answered; empty outside of one."""


class Named:
    """ASGI middleware that gives a request its name: that of a trusted proxy, or one of its own.

    Nobody else's `X-Request-Id` comes as far as here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name a request, then hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER.decode(), "")
        name = given if FORM.fullmatch(given) else secrets.token_hex(12)
        REQUEST_ID.set(name)  # and never back: each request has a context of its own, and is logged after this returns

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [header for header in message.get("headers", []) if header[0].lower() != HEADER]
                message["headers"] = [*others, (HEADER, name.encode())]
            await send(message)

        await self.app(scope, receive, send_named)
