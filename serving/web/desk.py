"""The desk: the at-risk list, what is done with it, and the lists that were frozen."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from tenure.pipelines.access.people import all_people
from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.caring import CareError, take_care, write_note
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import choices, count_listed, owners
from tenure.pipelines.store.orders import count_left_out, expected_hits, first_units
from tenure.pipelines.store.score_sets import ScoreSet, published_set
from tenure.pipelines.store.steps import steps_of
from tenure.pipelines.store.worth import cut_at
from tenure.serving.access import caller_of, needs
from tenure.serving.assumptions import assumptions, barred_in_words
from tenure.serving.board import Board
from tenure.serving.problems import Refusal
from tenure.serving.web.card import Speaker
from tenure.serving.web.contacting import Contact, log_contacts, refuse_held_out
from tenure.serving.web.finding import find
from tenure.serving.web.histogram import histogram
from tenure.serving.web.listing import ORDERS, ROWS, SORTED_WITHIN, Asked, Line, asked, page_of
from tenure.serving.web.login import inside
from tenure.serving.web.rendering import page

STANDING = {
    "leaving": "under notice",
    "left": "left already",
    "lapsed": "gone quiet already",
    "new": "too new to be asked about",
    "excluded": "left out by the project file",
    "objected": "objecting to being scored",
    "not_eligible": "not among those asked about",
    "hold_out": "in the hold-out",
    "unknown": "not known",
}
"""What a number of customers of a status is said to be."""

Ids = Annotated[list[str], Form(max_length=1_000)]
Short = Annotated[str, Form(max_length=200)]

desk = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.retention))])


@desk.get("/")
def at_risk_page(request: Request, wanted: Annotated[Asked, Depends(asked)]) -> Response:
    """The list, cut at what the team can do."""
    board: Board = request.app.state.board
    project, caller = board.settings.project, caller_of(request)
    name = board.outcome(wanted.outcome or None)
    with reading(board.engine) as connection:
        found = published_set(connection, name)
        if found is None:
            return page(request, "empty.html", caller=caller, outcome=name)
        today, wanted = board.today(found), wanted.suited(found)
        capacity = wanted.capacity or project.economics.capacity
        reach = board.reach(connection, found)
        total = count_listed(connection, found, wanted.filter(reach), today=today, by=wanted.order)
        shown = page_of(connection, project, found, wanted, reach, today=today)
        cut = expected_hits(connection, found, capacity, reach=reach)
        first = first_units(connection, found, capacity, reach=reach, by="gain")
        worth, marked = cut_at(connection, first), steps_of(connection, first) if wanted.order == "gain" else []
        left_out = count_left_out(connection, found, reach, by=wanted.order)
        filters = _choices(board, connection, found)
    about = {"outcome": name, "as_of": str(found.as_of), "page": wanted.page, "rows": len(shown), "format": "page"}
    request.app.state.auditor.read(caller, "list", detail=about)
    return page(
        request,
        "desk.html",
        caller=caller,
        asked=wanted,
        found=found,
        lines=shown,
        total=total,
        pages=-(-total // ROWS) if wanted.sort in ORDERS else -(-min(total, SORTED_WITHIN) // ROWS),
        capacity=capacity,
        cut=cut,
        worth=worth,
        assumptions=assumptions(found.worth),
        barred=barred_in_words(found.worth),
        picture=histogram(found.histogram or [], cut[2] if wanted.order == "risk" else None, chosen=marked),
        choices=filters,
        people=people_who_own(board),
        standing=STANDING,
        reach=reach,
        rows_a_page=ROWS,
        left_out=left_out,
        has=_present(shown, found),
        accounted=sum(found.counts.values()),
        happens=Speaker("en").do(project.outcome[name]),
        provenance=board.provenance(found),
        outcomes=list(project.outcome),
        today=today,
        week=today + dt.timedelta(days=7),
    )


@desk.post("/desk/care")
def care(
    request: Request,
    outcome: Short,
    do: Annotated[Literal["assign", "snooze", "contacted", "addressed", "open", "note"], Form()],
    c: Ids = [],  # noqa: B006  # FastAPI copies it
    owner: Short = "",
    until: Short = "",
    text: Annotated[str, Form(max_length=5_000)] = "",
    channel: Short = "",
    playbook: Annotated[str, Form(max_length=40)] = "",
    offer: Short = "",
    result: Short = "",
    back: Annotated[str, Form(max_length=1_000)] = "/",
) -> Response:
    """Do something with one or many customers."""
    board: Board = request.app.state.board
    caller, name = caller_of(request), board.outcome(outcome)
    now = board.now()
    board.refuse_erased(c)
    if do == "contacted" or (do == "assign" and owner):
        refuse_held_out(board, name, c)
    try:
        if do == "contacted":
            log_contacts(board, name, c, Contact(channel, playbook, offer, result), who=caller.name)
        if do == "note":
            for customer in c:
                write_note(board.engine, customer, text, who=caller.name, now=now)
        else:
            status, day = _status(do), _day(until) if do == "snooze" else None
            take_care(
                board.engine, name, c, who=caller.name, now=now, owner=owner if do == "assign" else None,
                status=status, snoozed_until=day,
            )  # fmt: skip
    except CareError as error:
        raise Refusal(422, "cannot-do", f"{error}; go back and choose again") from error
    auditor = request.app.state.auditor
    for customer in c:
        auditor.read(caller, f"desk.{do}", of=customer)
    auditor.flush()
    return RedirectResponse(board.settings.project.service.base + inside(back), status_code=303)


@desk.get("/find")
def search(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Anyone, by our id or that of another tool, and why they are not on the list."""
    board: Board = request.app.state.board
    caller = caller_of(request)
    with board.published(None) as (connection, found):
        people = find(connection, found, q, board.reach(connection, found))
    for one in people:
        request.app.state.auditor.read(caller, "risk", of=one.customer_id)
    return page(request, "find.html", caller=caller, asked_for=q, people=people, found=found)


def _choices(board: Board, connection: Connection, found: ScoreSet) -> dict[str, list[str]]:
    """By what one can filter: segments and themes are those of the set, which never change; owners do."""
    fixed = board.remembered(found.score_set_id, lambda: choices(connection, found))
    return {**fixed, "owner": owners(connection, found.outcome)}


def _present(shown: list[Line], found: ScoreSet) -> dict[str, bool]:
    """Which columns have anything to show."""
    return {
        "plan": any("plan" in line.profile for line in shown),
        "value": any(line.value is not None or line.worth.value is not None for line in shown),
        "gain": any(line.worth.gain is not None for line in shown),
        "renewal": any(line.renewal(found.as_of) for line in shown),
    }


def people_who_own(board: Board) -> list[str]:
    """Who may be given a customer."""
    found = all_people(board.engine).values()
    return [person.name for person in found if person.disabled_at is None and person.role.may(Role.retention)]


def _status(do: str) -> str | None:
    return {"snooze": "snoozed", "contacted": "contacted", "addressed": "addressed", "open": "new"}.get(do)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CareError(f"{text[:20]!r} is not a date such as 2026-12-31") from None
