"""The page of whoever is logged in: the language in which reasons are read, and the way out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from tenure.pipelines.access.people import set_language
from tenure.pipelines.access.roles import MEANING, Role
from tenure.pipelines.languages import LANGUAGES
from tenure.serving.access import caller_of, needs
from tenure.serving.problems import Refusal
from tenure.serving.web.rendering import page

NAMES = {"en": "English", "pl": "Polski", "bg": "Български", "hi": "हिन्दी"}

me = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.agent))])


@me.get("/me")
def who(request: Request) -> Response:
    """Who is logged in, and as what."""
    caller = caller_of(request)
    desk = caller.role.may(Role.retention)
    return page(request, "me.html", caller=caller, meaning=MEANING[caller.role], languages=NAMES, desk=desk)


@me.post("/me")
def choose(request: Request, language: Annotated[str, Form()]) -> Response:
    """Remember a person's language."""
    state, caller = request.app.state, caller_of(request)
    if language not in LANGUAGES or caller.kind != "person":
        said = f"expected one of {', '.join(LANGUAGES)}, chosen by somebody who is logged in"
        raise Refusal(422, "unknown-language", said)
    set_language(state.board.engine, caller.name, language)
    state.callers.forget()
    return RedirectResponse(f"{state.board.settings.project.service.base}/me", status_code=303)
