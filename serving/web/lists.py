"""Frozen lists: publishing one, and looking at those that were."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.frozen_lists import FrozenList, Member, freeze, frozen_list, frozen_lists, new_since
from tenure.pipelines.store.orders import Order
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.problems import Refusal
from tenure.serving.web.listing import Asked, lines
from tenure.serving.web.rendering import page

Short = Annotated[str, Form(max_length=200)]

lists = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.retention))])


@lists.post("/desk/publish")
def publish_list(
    request: Request,
    outcome: Short,
    capacity: Annotated[int, Form(ge=1, le=10_000)],
    sort: Annotated[Order, Form()] = "risk",
) -> Response:
    """Freeze the list as it is now."""
    board: Board = request.app.state.board
    caller = caller_of(request)
    with board.published(outcome) as (connection, found):
        today, reach = board.today(found), board.reach(connection, found)
    number = freeze(
        board.engine,
        found,
        Asked().filter(reach),
        capacity=capacity,
        who=caller.name,
        now=board.now(),
        today=today,
        playbooks=board.settings.project.playbook,
        by=Asked(sort=sort).suited(found).order,
    )
    request.app.state.auditor.done(caller, "list.publish", detail={"list": number, "as_of": str(found.as_of)})
    return RedirectResponse(f"{board.settings.project.service.base}/lists/{number}", status_code=303)


@lists.get("/lists")
def published_lists(request: Request, outcome: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The lists that were frozen."""
    board: Board = request.app.state.board
    name = board.outcome(outcome or None)
    with reading(board.engine) as connection:
        held = frozen_lists(connection, name)
    return page(request, "lists.html", caller=caller_of(request), lists=held, outcome=name)


@lists.get("/lists/{number}")
def published_list(request: Request, number: Annotated[int, Path(ge=1, lt=1 << 31)]) -> Response:
    """A frozen list: its members then, and who has risen since."""
    board: Board = request.app.state.board
    project, caller = board.settings.project, caller_of(request)
    with reading(board.engine) as connection:
        head, members = the_list(connection, number)
    with board.published(head.outcome) as (connection, found):
        today, reach = board.today(found), board.reach(connection, found)
        since = lines(connection, project, found, new_since(connection, head, found, today=today, reach=reach))
    request.app.state.auditor.read(caller, "list", detail={"list": number, "rows": len(members), "format": "page"})
    held_out = sum(one.held_out for one in members)
    told: dict[str, Any] = {"head": head, "members": members, "held_out": held_out, "since": since, "found": found}
    return page(request, "list.html", caller=caller, **told)


def the_list(connection: Connection, number: int) -> tuple[FrozenList, list[Member]]:
    """A frozen list by its number, or the refusal that says there is none."""
    found = frozen_list(connection, number)
    if found is None:
        raise Refusal(404, "no-such-list", f"there is no list {number}; /lists has those that were published")
    return found
