"""`POST /v1/session`: a token for a page that cannot keep our cookie, such as a panel in another's page."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import Field

from tenure.pipelines.access.people import let_in
from tenure.serving.access import later
from tenure.serving.answers import Answer
from tenure.serving.histories import Strict
from tenure.serving.known import Caller
from tenure.serving.problems import Refusal, described
from tenure.serving.web.login import HASHING

begin = APIRouter(tags=["sessions"])


class LogIn(Strict):
    """A name and the password that goes with it."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(min_length=1, max_length=1_000)]


class SessionAnswer(Answer):
    """The token of a session, to be sent as `Authorization: Bearer TOKEN`."""

    token: str
    role: str
    hours: float


@begin.post("/v1/session", responses=described(400, 403, 408, 413, 415, 421, 422, 429, 503))
async def log_in(request: Request, body: LogIn) -> SessionAnswer:
    """Begin a session with a name and a password."""
    state = request.app.state
    wait = state.log_ins.wait(body.name.strip().lower())
    if wait:
        raise Refusal(429, "too-many-requests", "too many tries for this name; wait a little", headers=later(wait))
    person = await to_thread.run_sync(let_in, state.board.engine, body.name, body.password, limiter=HASHING)
    if person is None:
        raise Refusal(403, "wrong-password", "this name and password do not go together, or may not log in any more")
    caller = Caller(person.name, person.role, "person")
    await to_thread.run_sync(lambda: state.auditor.done(caller, "login", detail={"role": person.role.value}))
    state.callers.forget()
    token = state.sessions.begin(person.name, now=state.board.now())
    return SessionAnswer(token=token, role=person.role.value, hours=state.sessions.hours)
