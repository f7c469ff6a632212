"""Requests counted by route, method and status; a path is never a label, for it names a customer."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


class Measured:
    """ASGI middleware that observes how long each answer took.

    `client` makes Prometheus metrics; BentoML's keeps one count over all its processes.
    """

    def __init__(self, app: ASGIApp, client: Any) -> None:
        self.app = app
        self.seconds = client.Histogram(
            namespace="tenure",
            name="request_seconds",
            documentation="Time from a request to the end of its answer",
            labelnames=["route", "method", "status"],
            buckets=BUCKETS,
        )

        self.hooks = client.Counter(
            namespace="tenure",
            name="hooks",
            documentation="Genuine webhooks by what became of them",
            labelnames=["tool", "what"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on and observe it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = perf_counter()
        status = 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_observed)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if route != "other" else "any"
            if hook := scope.get("state", {}).get("hook"):
                self.hooks.labels(tool=hook[0], what=hook[1]).inc()
            self.seconds.labels(route=route, method=method, status=status).observe(perf_counter() - start)
