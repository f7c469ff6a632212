"""One customer's rights over HTTP: to be told what is held, to object to profiling, to be erased."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from tenure.pipelines.access.roles import Role
from tenure.pipelines.lake.sweep import ImportIsRunning
from tenure.pipelines.privacy.erasing import NobodyHeld, Reason, erase, find_person
from tenure.pipelines.privacy.held import held_on
from tenure.pipelines.privacy.person import Person
from tenure.pipelines.store.objections import take_objection, withdraw_objection
from tenure.pipelines.store.scrubbing import LogHeld
from tenure.serving.access import caller_of, later, needs
from tenure.serving.answers import Answer
from tenure.serving.board import Board
from tenure.serving.histories import Strict
from tenure.serving.problems import Refusal, described

persons = APIRouter(tags=["privacy"], dependencies=[Depends(needs(Role.privacy))])

CustomerId = Annotated[str, Path(min_length=1, max_length=200)]
SourceName = Annotated[str | None, Query(max_length=40, description="whose id it is; left out: our own")]

WAIT_SECONDS = 30.0


class HeldAnswer(Answer):
    """The answer of `GET /v1/customers/{id}`: everything that is held, by where it is."""

    customer_id: str
    held: dict[str, Any] = Field(description="rows by place; see `tenure export`")


class ReceiptAnswer(Answer):
    """The answer of `DELETE /v1/customers/{id}`: what went where; `of` is the hash that the audit log has."""

    of: str
    digest: str = Field(description="of the receipt, by which it is known")
    receipt: dict[str, Any]


class ObjectionAnswer(Answer):
    """The answer of `PUT /v1/customers/{id}/objection`."""

    customer_id: str
    objects: bool
    changed: int = Field(ge=0, description="units that lost their scores, or objections that were taken back")


class Objection(Strict):
    """Whether a customer objects to profiling."""

    objects: bool


@persons.put("/v1/customers/{customer_id:path}/objection", responses=described(400, 404, 408, 413, 415, 421, 422, 503))
def object_to(request: Request, customer_id: CustomerId, body: Objection, source: SourceName = None) -> ObjectionAnswer:
    """Note that a customer objects to profiling, or take it back.

    Their scores go at once and they are trained on no more; taken back, the next score set has them again.
    """
    board: Board = request.app.state.board
    caller, name = caller_of(request), _named(board, source, customer_id)
    customers = _known(board, name).customers
    if body.objects:
        changed = take_objection(board.engine, customers, who=caller.name, now=board.now())
    else:
        changed = withdraw_objection(board.engine, customers)
    request.app.state.auditor.done(caller, "object" if body.objects else "object.withdraw", of=name)
    return ObjectionAnswer(customer_id=name, objects=body.objects, changed=changed)


@persons.get("/v1/customers/{customer_id:path}", responses=described(404, 421, 422, 503))
def tell(request: Request, customer_id: CustomerId, source: SourceName = None) -> HeldAnswer:
    """Everything that is held on one customer, the right of access. On record before it is told."""
    board: Board = request.app.state.board
    name = _named(board, source, customer_id)
    request.app.state.auditor.done(caller_of(request), "held", of=name)
    try:
        held = held_on(board.settings.project, board.engine, name, now=board.now())
    except NobodyHeld as error:
        raise Refusal(404, "nobody-held", str(error)) from error
    return HeldAnswer(customer_id=name, held=held)


@persons.delete("/v1/customers/{customer_id:path}", responses=described(404, 421, 422, 503))
def forget(
    request: Request, customer_id: CustomerId, source: SourceName = None, reason: Reason = Reason.request
) -> ReceiptAnswer:
    """Erase one customer from everything, for good. What names them afterwards is dropped."""
    board: Board = request.app.state.board
    caller, name = caller_of(request), _named(board, source, customer_id)
    project = board.settings.project
    try:
        receipt = erase(project, board.engine, name, who=caller.name, reason=reason, now=board.now(), say=_say_nothing)
    except NobodyHeld as error:
        raise Refusal(404, "nobody-held", str(error)) from error
    except (ImportIsRunning, LogHeld) as error:
        raise Refusal(503, "busy", str(error), headers=later(WAIT_SECONDS)) from error
    request.app.state.auditor.done(caller, "erase", of=name, detail={"receipt": receipt["digest"]})
    return ReceiptAnswer(of=receipt["of"], digest=receipt["digest"], receipt=receipt)


def _known(board: Board, name: str) -> Person:
    try:
        return find_person(board.settings.project, board.engine, name)
    except NobodyHeld as error:
        raise Refusal(404, "nobody-held", str(error)) from error


def _named(board: Board, source: str | None, customer_id: str) -> str:
    return customer_id if source is None else board.called(source, customer_id)


def _say_nothing(_what: str) -> None:
    return None
