"""The public application: routes, one shape of errors, and an OpenAPI description of both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from sqlalchemy import Engine

from tenure.pipelines.access.audit import Pseudonyms
from tenure.pipelines.access.sessions import Sessions
from tenure.serving.access import OPEN, SIGNED, Gate
from tenure.serving.actions import logging_actions
from tenure.serving.auditing import Auditor
from tenure.serving.board import Board
from tenure.serving.clock import utc_now
from tenure.serving.environment import hook_secrets
from tenure.serving.feedback import remarks
from tenure.serving.forwarded import Forwarded
from tenure.serving.health import health, pages
from tenure.serving.hooks import SENDERS, Receiver, hooks
from tenure.serving.ingest import ingest
from tenure.serving.known import Callers
from tenure.serving.lookups import lookups
from tenure.serving.persons import persons
from tenure.serving.problems import Problem, answer_with_problems, described
from tenure.serving.rates import Buckets
from tenure.serving.request_ids import Named
from tenure.serving.scorer import Scorers
from tenure.serving.scoring import scoring
from tenure.serving.sessions import begin
from tenure.serving.settings import ServiceSettings
from tenure.serving.shield import Shield
from tenure.serving.web.about import about
from tenure.serving.web.alerts import alerts
from tenure.serving.web.assets import assets
from tenure.serving.web.customer import customers
from tenure.serving.web.desk import desk
from tenure.serving.web.export import export
from tenure.serving.web.lists import lists
from tenure.serving.web.login import login_pages
from tenure.serving.web.me import me
from tenure.serving.web.model import model
from tenure.serving.web.panel import panel
from tenure.serving.web.provider import provider
from tenure.serving.web.saves import saves

VERSION = "1"
SUMMARY = "Which customers are likely to leave or go quiet, and why."


ROUTERS = (
    lookups, persons, scoring, ingest, hooks, remarks, logging_actions, begin, export, health, pages, assets,
    login_pages, provider, me, panel, desk, lists, saves, alerts, customers, model, about,
)  # fmt: skip

LOG_INS_A_SECOND, LOG_INS_AT_ONCE = 0.1, 5
"""How often a password may be tried for one name."""


def create_app(
    settings: ServiceSettings,
    *,
    engine: Engine,
    scorers: Scorers,
    now: Callable[[], dt.datetime] = utc_now,
    metrics: Callable[[], bytes] | None = None,
) -> FastAPI:
    """The application over a project's store and its verified models.

    `metrics` gives the text of `/metrics`; the host that counts requests passes it.
    """
    app = FastAPI(
        title=f"Tenure: {settings.project.name}",
        summary=SUMMARY,
        version=VERSION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.board = Board(settings, engine, scorers, now)
    app.state.auditor = Auditor(engine, Pseudonyms(settings.project.data), now)
    app.state.receiver = Receiver(
        settings.project.hooks, hook_secrets(settings.project.hooks), settings.project.service
    )
    app.state.limiter = None
    app.state.metrics = metrics
    app.state.sessions = Sessions(settings.project.data, hours=settings.project.login.hours)
    app.state.callers = Callers(engine, app.state.sessions)
    app.state.log_ins = Buckets(LOG_INS_A_SECOND, LOG_INS_AT_ONCE)
    for router in ROUTERS:
        app.include_router(router)
    answer_with_problems(app)
    app.add_middleware(Gate, settings=settings, callers=app.state.callers, now=now)
    app.add_middleware(Shield, settings=settings)
    app.add_middleware(Named)
    app.add_middleware(Forwarded, proxies=settings.project.service.proxies)
    app.servers = [{"url": settings.project.service.base}] if settings.project.service.base else []
    _describe(app, outcomes=list(settings.project.outcome))
    return app


def _describe(app: FastAPI, *, outcomes: list[str]) -> None:
    """Complete the description: the shape of problems, and the outcomes one may ask for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes, servers=app.servers
            )
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = schema["components"]["schemas"]
            schemas |= {**problem.pop("$defs"), "Problem": problem}
            schema["components"]["securitySchemes"] = {
                "key": {"type": "http", "scheme": "bearer"},
                **{n: {"type": "apiKey", "in": "header", "name": s.scheme.signature} for n, s in SENDERS.items()},
            }
            for path, operations in schema["paths"].items():
                for operation in operations.values():
                    if path in SIGNED:
                        operation["security"] = [{path.rpartition("/")[2]: []}]
                    elif path not in OPEN:
                        operation["security"] = [{"key": []}]
                        refused = {str(k): v for k, v in described(401, 403, 429).items()}
                        operation["responses"] |= refused
                    for parameter in operation.get("parameters", []):
                        if parameter["name"] == "outcome":
                            parameter["schema"] = {"type": "string", "enum": outcomes}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
