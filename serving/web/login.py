"""Logging in and out, and taking up an invitation."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from tenure.pipelines.access.people import LEAST_LETTERS, Person, PersonError, accept, end_sessions, let_in
from tenure.pipelines.access.roles import Role
from tenure.serving.access import COOKIE, caller_of, later, needs
from tenure.serving.known import Caller
from tenure.serving.web.rendering import page

Short = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=1_000)]

login_pages = APIRouter(include_in_schema=False)

HASHING = CapacityLimiter(1)
"""Passwords are hashed one at a time: each takes 64 MiB and all of a core."""


@login_pages.get("/login")
def ask(request: Request, next: str = "/") -> Response:
    """The page that asks who it is."""
    return _asked(request, goes_on=inside(next))


@login_pages.post("/login")
async def log_in(request: Request, name: Short, password: Long, next: Short = "/") -> Response:
    """Let somebody in who knows the password."""
    state, goes_on = request.app.state, inside(next)
    wait = state.log_ins.wait(name.strip().lower())
    if wait:
        said = "Too many tries for this name; wait a little."
        answer = _asked(request, goes_on=goes_on, name=name, said=said, status=429)
        answer.headers.update(later(wait))
        return answer
    person = await to_thread.run_sync(let_in, state.board.engine, name, password, limiter=HASHING)
    if person is None:
        said = "This name and password do not go together, or the person may not log in any more."
        return _asked(request, goes_on=goes_on, name=name, said=said, status=403)
    return await to_thread.run_sync(begin_session, request, person, goes_on)


@login_pages.get("/welcome")
def invited(request: Request) -> Response:
    """The page on which who was invited chooses a password."""
    return page(request, "welcome.html", name="", said=None, least=LEAST_LETTERS)


@login_pages.post("/welcome")
async def take_up(request: Request, name: Short, code: Short, password: Long) -> Response:
    """Take the password of somebody who was invited, and let them in."""
    state = request.app.state
    if state.log_ins.wait(name.strip().lower()):
        said = "Too many tries for this name; wait a little."
        return page(request, "welcome.html", name=name, said=said, least=LEAST_LETTERS, status=429)
    try:
        person = await to_thread.run_sync(
            lambda: accept(state.board.engine, name, code, password, now=state.board.now()), limiter=HASHING
        )
    except PersonError as error:
        return page(request, "welcome.html", name=name, said=str(error), least=LEAST_LETTERS, status=403)
    return await to_thread.run_sync(begin_session, request, person, "/")


@login_pages.post("/logout", dependencies=[Depends(needs(Role.agent))])
def log_out(request: Request) -> Response:
    """End all sessions of whoever asks."""
    state, caller = request.app.state, caller_of(request)
    if caller.kind == "person":
        end_sessions(state.board.engine, caller.name, now=state.board.now())
        state.auditor.done(caller, "logout")
        state.callers.forget()
    answer = RedirectResponse(f"{_base(request)}/login", status_code=303)
    answer.delete_cookie(COOKIE, path=f"{_base(request)}/")
    return answer


def begin_session(request: Request, person: Person, goes_on: str) -> Response:
    """The answer that lets a person in, with the cookie of a new session."""
    state = request.app.state
    service = state.board.settings.project.service
    token = state.sessions.begin(person.name, now=state.board.now())
    state.auditor.done(Caller(person.name, person.role, "person"), "login", detail={"role": person.role.value})
    state.callers.forget()
    start = goes_on if person.role.may(Role.retention) else "/me"
    answer = RedirectResponse(service.base + start, status_code=303)
    seconds = int(3600 * state.sessions.hours)
    answer.set_cookie(
        COOKIE, token, max_age=seconds, path=f"{service.base}/", httponly=True, samesite="lax", secure=service.secure
    )
    return answer


def inside(path: str) -> str:
    """A path of ours to go on to; anything else leads to the start.

    >>> inside("/model"), inside("//evil.example"), inside("https://evil.example"), inside("/\\\\evil.example")
    ('/model', '/', '/', '/')
    """
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def _asked(request: Request, *, goes_on: str, name: str = "", said: str | None = None, status: int = 200) -> Response:
    provider = request.app.state.board.settings.project.login.issuer
    return page(request, "login.html", goes_on=goes_on, name=name, said=said, provider=provider, status=status)


def _base(request: Request) -> str:
    base: str = request.app.state.board.settings.project.service.base
    return base
