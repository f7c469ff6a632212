"""`POST /v1/feedback`: somebody says why a flag is wrong."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.feedback import keep_feedback
from tenure.pipelines.store.served import served_risk
from tenure.serving.access import caller_of, needs
from tenure.serving.answers import Answer
from tenure.serving.board import Board
from tenure.serving.histories import Identifier, Strict
from tenure.serving.problems import described

Why = Literal["over", "stays", "pauses", "gone", "untrue", "other"]

remarks = APIRouter(tags=["feedback"])


class Remark(Strict):
    """Why the flag of a customer is wrong."""

    customer_id: Identifier
    outcome: Annotated[str, Field(max_length=40)] | None = None
    why: Why
    text: Annotated[str, Field(max_length=2_000)] | None = None


class RemarkAnswer(Answer):
    """What was noted, and of which score."""

    customer_id: str
    outcome: str
    why: Why
    as_of: dt.date
    model_version: str


@remarks.post(
    "/v1/feedback",
    dependencies=[Depends(needs(Role.agent))],
    status_code=201,
    responses=described(400, 403, 408, 413, 415, 421, 422, 503),
)
def say(request: Request, body: Remark) -> RemarkAnswer:
    """Note why a flag is wrong. It changes no score; whoever trains the next model can see it."""
    board: Board = request.app.state.board
    caller = caller_of(request)
    board.refuse_erased([body.customer_id])
    with board.published(body.outcome) as (connection, found):
        scores = served_risk(connection, found.outcome, body.customer_id)[1]
    first = scores[0] if scores else None
    kept = keep_feedback(
        board.engine, found, body.customer_id, first, why=body.why, text=body.text, who=caller.name, now=board.now()
    )
    request.app.state.auditor.done(caller, "feedback", of=body.customer_id, detail={"why": body.why})
    return RemarkAnswer(
        customer_id=body.customer_id,
        outcome=found.outcome,
        why=body.why,
        as_of=dt.date.fromisoformat(kept.as_of),
        model_version=kept.model_version,
    )
