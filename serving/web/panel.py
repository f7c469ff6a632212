"""The panel inside a ticket: an empty page for everybody, which asks for the card of the ticket's customer."""

from __future__ import annotations

import json
import logging
from functools import cache
from typing import Annotated, Literal, NoReturn

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from tenure.pipelines.access.roles import Role
from tenure.pipelines.languages import LANGUAGES, best_language, translations
from tenure.pipelines.settings.desk import Chatwoot, Zendesk
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.external_ids import customer_called
from tenure.pipelines.store.score_sets import Score
from tenure.pipelines.store.served import served_risk
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.problems import Refusal
from tenure.serving.web import rendering
from tenure.serving.web.card import WHYS, Speaker, card_of
from tenure.serving.web.rendering import page
from tenure.serving.web.zendesk import vouched_for

ToolName = Literal["zendesk", "chatwoot"]
Id = Annotated[str, Query(max_length=200)]

panel = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)


@panel.get("/panel/zendesk")
def in_zendesk(request: Request) -> Response:
    """The panel's page in a Zendesk ticket, in which the agent logs in."""
    return _shell(request, "zendesk", token="")


@panel.post("/panel/zendesk")
def signed_in_zendesk(request: Request, token: Annotated[str, Form(max_length=8_000)]) -> Response:
    """The same, for an agent for whom Zendesk vouches; where the signature is not good, the agent logs in."""
    state = request.app.state
    told = state.board.settings.project.panel.zendesk or _missing("zendesk")
    try:
        agent = vouched_for(token, told, root=state.board.settings.project.root, now=state.board.now())
    except Refusal as refusal:
        log.warning("a page load of Zendesk was refused: %s", refusal.detail)
        return _shell(request, "zendesk", token="", status=refusal.status)
    session = state.sessions.begin(agent, now=state.board.now(), guest=Role.agent)
    return _shell(request, "zendesk", token=session)


@panel.get("/panel/chatwoot")
def in_chatwoot(request: Request) -> Response:
    """The panel's page in a Chatwoot conversation, in which the agent logs in: Chatwoot vouches for nobody."""
    return _shell(request, "chatwoot", token="")


@panel.get("/panel/card", dependencies=[Depends(needs(Role.agent))])
def card(
    request: Request,
    tool: ToolName,
    id: Id = "",
    external_id: Id = "",
    email: Id = "",
    language: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The card of whoever the tool calls so."""
    board: Board = request.app.state.board
    project, caller = board.settings.project, caller_of(request)
    spoken = best_language([language, caller.language, *_accepted(request)])
    with board.published(None) as (connection, found):
        customer, scores = _whose(connection, found.outcome, _tool(project, tool).source, id, external_id, email)
    request.app.state.auditor.read(caller, "panel", of=customer)
    stale = bool(board.provenance(found, scores[0] if scores else None)["stale"])
    made = card_of(project, found, customer, scores, language=spoken, stale=stale, now=board.now())
    whys = {why: Speaker(spoken).why(why) for why in WHYS}
    return HTMLResponse(rendering.render("card.html", language=spoken, card=made, whys=whys))


def _whose(
    connection: Connection, outcome: str, source: str, id: str, external_id: str, email: str
) -> tuple[str, list[Score]]:
    """The customer whom a tool's person is: as its source says, else our id, the address, or the tool's own id."""
    named = customer_called(connection, source, id) if id else None
    tries = [named, external_id, email.strip().lower(), f"{source}:{id}" if id else None]
    held = [one for one in tries if one]
    for customer in held:
        scores = served_risk(connection, outcome, customer)[1]
        if scores:
            return customer, scores
    return (held[0] if held else "nobody"), []


def _shell(request: Request, tool: ToolName, *, token: str, status: int = 200) -> Response:
    project = request.app.state.board.settings.project
    origin = _tool(project, tool).origin
    return page(
        request,
        "panel.html",
        framed_by=[origin],
        status=status,
        tool=tool,
        origin=origin,
        token=token,
        words=_few_words(),
    )


def _tool(project: Project, name: ToolName) -> Zendesk | Chatwoot:
    return (project.panel.zendesk if name == "zendesk" else project.panel.chatwoot) or _missing(name)


def _missing(name: str) -> NoReturn:
    raise Refusal(
        404, "no-panel", f'the project file does not say where {name} is; add [panel.{name}] origin = "https://..."'
    )


def _accepted(request: Request) -> list[str]:
    return [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]


@cache
def _few_words() -> str:
    """What the page itself says, in every language, since it does not know yet who reads."""
    return json.dumps({language: _said(language) for language in LANGUAGES}, ensure_ascii=False)


def _said(language: str) -> dict[str, str]:
    _ = translations(rendering.LANGUAGES, language).gettext
    return {
        "unavailable": _("Risk unavailable at the moment"),
        "again": _("Try again"),
        "login": _("Log in to Tenure to see the risk"),
        "name": _("Name or e-mail"),
        "password": _("Password"),
        "enter": _("Log in"),
        "refused": _("This name and password do not go together"),
    }
