"""Requests counted by route, method and status; a path is never a label, for it names a customer."""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenure.pipelines.settings.project import Project
from tenure.serving.environment import counts_folder
from tenure.serving.gauges import Standing
from tenure.serving.logs import REQUESTS

requests = logging.getLogger(REQUESTS)

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
            took = perf_counter() - start
            self.seconds.labels(route=route, method=method, status=status).observe(took)
            if requests.isEnabledFor(logging.INFO):
                fields = {"route": route, "method": method, "status": status, "milliseconds": round(1000 * took, 2)}
                requests.info("answered", extra={"fields": fields})


class Exposition:
    """The text of `/metrics`: what all workers together counted, and how things stand in the store."""

    def __init__(self, client: Any, project: Project, engine: Engine, now: Callable[[], dt.datetime]) -> None:
        self._client = client
        self._standing = Standing(project, engine, now)

    def __call__(self) -> bytes:
        """The sums as of now."""
        prometheus = self._client.prometheus_client
        folder = counts_folder()
        for process in () if folder is None else processes_gone(folder):
            prometheus.multiprocess.mark_process_dead(process)  # what waited in it waits no more
        registry = prometheus.CollectorRegistry()
        registry.register(self._standing)
        counted: bytes = self._client.generate_latest()
        return counted + bytes(prometheus.generate_latest(registry))


def audit_gauge(client: Any) -> Callable[[int], None]:
    """Takes how many audit entries wait in this worker; `/metrics` gives the sum over those that live."""
    gauge = client.Gauge(
        namespace="tenure",
        name="audit_entries_waiting",
        documentation="Audit entries not yet on disk",
        multiprocess_mode="livesum",
    )
    gauge.set(0)
    return gauge.set


def processes_gone(folder: Path) -> set[int]:
    """Workers that left gauges behind and live no more."""
    found = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}
    return {process for process in found if not _lives(process)}


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
