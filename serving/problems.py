"""Errors over HTTP: always `application/problem+json`, always this one shape (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from tenure.pipelines.store.connections import StoreAway
from tenure.serving.headers import HEADERS
from tenure.serving.logs import tell
from tenure.serving.request_ids import REQUEST_ID

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_MISTAKES = 20
MAX_WHERE = 200


class Mistake(BaseModel):
    """One thing that is wrong with a request, and where."""

    model_config = ConfigDict(extra="forbid")

    where: str
    what: str


class Problem(BaseModel):
    """What went wrong and what to do about it."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Mistake] = []


class Refusal(Exception):
    """A request that is answered by a problem."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.headers = status, kind, detail, headers


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: list[Mistake] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response that tells of a problem; `kind` is its stable name in kebab case.

    Its `instance` names the request, as the header `X-Request-Id` and the lines of the log do.
    """
    request = REQUEST_ID.get()
    body = Problem(
        type=f"urn:tenure:{kind}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=f"urn:tenure:request:{request}",
        errors=errors or [],
    )
    return Response(
        body.model_dump_json(),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**HEADERS, "X-Request-Id": request, **(headers or {})},
    )


def answer_with_problems(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (OperationalError, InterfaceError, PoolTimeout, StoreAway):
        app.add_exception_handler(kind, _store_away)
    app.add_exception_handler(Exception, _failed)


def described(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The problems a route may answer, for its OpenAPI description."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {s: {"description": HTTPStatus(s).phrase, "content": {MEDIA_TYPE: {"schema": schema}}} for s in statuses}


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error.status, error.kind, error.detail, headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    mistakes = [Mistake(where=_where(e["loc"]), what=_what(e)) for e in found[:MAX_MISTAKES]]
    first = f"{mistakes[0].where}: {mistakes[0].what}"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return problem(422, "invalid-request", first + more, errors=mistakes)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        detail = f"nothing is served at {request.url.path}; /v1/openapi.json lists what is"
        return problem(404, "no-such-page", detail)
    if error.status_code == 400:
        return problem(400, "unreadable", "the body cannot be read as JSON in UTF-8")
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another method")
        return problem(405, "wrong-method", f"{request.url.path} answers {allowed}", headers=error.headers)
    return problem(error.status_code, "refused", str(error.detail), headers=error.headers)


async def _store_away(_request: Request, error: Exception) -> Response:
    log.error("the store does not answer: %s", type(error).__name__)  # the text may hold what was asked for
    detail = "the store does not answer; try again in a moment. The log of the service says more"
    return problem(503, "store-away", detail, headers={"Retry-After": "1"})


async def _failed(_request: Request, error: Exception) -> Response:
    tell(log, "a request failed", error)
    return problem(500, "failed", "the service failed to answer; its log names the error")


def _where(location: tuple[int | str, ...]) -> str:
    words = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in location[1:]]
    where = "".join(words).lstrip(".") or str(location[0])
    return where.encode(errors="replace").decode()[:MAX_WHERE]  # a key may hold half a surrogate pair


def _what(error: Mapping[str, object]) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    return "is not a known field; remove it" if error["type"] == "extra_forbidden" else message
