"""`POST /v1/actions`: contacts that were made on our own account."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from tenure.pipelines.access.roles import Role
from tenure.pipelines.decisions.action import Action, Rejected
from tenure.pipelines.store.actions import take_actions
from tenure.serving.access import caller_of, needs
from tenure.serving.answers import ActionsAnswer
from tenure.serving.board import Board
from tenure.serving.histories import Channel, Identifier, Instant, Strict
from tenure.serving.lookups import JSON
from tenure.serving.problems import MAX_MISTAKES, Mistake, described, problem

MOST = 1_000
"""Actions of one request."""

Result = Literal["reached", "no_answer", "accepted", "declined", "other"]

logging_actions = APIRouter(tags=["actions"])


class GivenAction(Strict):
    """A contact: with whom, when, and perhaps how, by whom, what was offered, what it cost and how it ended."""

    action_id: Identifier | None = None
    customer_id: Identifier
    at: Instant
    outcome: Annotated[str, Field(max_length=40)] | None = None
    who: Identifier | None = None
    channel: Channel | None = None
    playbook: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    offer: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    cost: Annotated[float, Field(ge=0, le=1e12)] | None = None
    result: Result | None = None
    list_id: Annotated[int, Field(ge=1, lt=1 << 31)] | None = None


class GivenActions(Strict):
    """Up to 1,000 actions, which are kept together or not at all."""

    actions: list[GivenAction] = Field(min_length=1, max_length=MOST)


@logging_actions.post(
    "/v1/actions",
    dependencies=[Depends(needs(Role.retention))],
    status_code=201,
    response_model=ActionsAnswer,
    responses=described(400, 403, 408, 409, 413, 415, 421, 422, 503),
)
async def actions(request: Request, body: GivenActions) -> Response:
    """Keep actions. Sent again they change nothing; those with people of the hold-out are kept and named."""
    board: Board = request.app.state.board
    caller, now = caller_of(request), board.now()
    wanted = [_action(one, who=caller.name, outcome=board.settings.project.primary_outcome) for one in body.actions]
    taken = await to_thread.run_sync(
        lambda: take_actions(board.engine, board.settings.project, wanted, now=now, whole=True)
    )
    if taken.rejected:
        return _refused(taken.rejected)
    auditor = request.app.state.auditor
    for name in dict.fromkeys(one.customer_id for one in wanted):
        auditor.read(caller, "action", of=name)
    detail = {"actions": len(taken.kept), "known": taken.known, "contaminated": len(taken.contaminated)}
    await to_thread.run_sync(lambda: auditor.done(caller, "actions", detail=detail))
    answer = ActionsAnswer(accepted=len(taken.kept), duplicates=taken.known, contaminated=list(taken.contaminated))
    return Response(answer.model_dump_json(), status_code=201, media_type=JSON)


def _action(one: GivenAction, *, who: str, outcome: str) -> Action:
    given = one.model_dump()
    return Action(**{**given, "who": one.who or who, "outcome": one.outcome or outcome})


def _refused(rejected: tuple[Rejected, ...]) -> Response:
    """The first reason as the problem, and one for each of the others; nothing was kept."""
    mistakes = [Mistake(where=f"actions[{one.row}]", what=one.why) for one in rejected[:MAX_MISTAKES]]
    first = rejected[0]
    if all(one.kind == first.kind == "clashing-action" for one in rejected):
        return problem(409, first.kind, f"{mistakes[0].where}: {first.why}; nothing was kept", errors=mistakes)
    more = f" (and {len(rejected) - 1} more)" if len(rejected) > 1 else ""
    said = f"{mistakes[0].where}: {first.why}{more}; nothing was kept"
    return problem(422, first.kind, said, errors=mistakes)
