"""Alive, ready, and how much was asked."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.serving.access import needs
from tenure.serving.answers import Alive, Ready
from tenure.serving.board import Board
from tenure.serving.problems import Refusal, described
from tenure.serving.scorer import ModelUnavailable

health = APIRouter(tags=["health"])
pages = APIRouter(include_in_schema=False)


@health.get("/healthz", responses=described(421))
async def alive() -> Alive:
    """The process answers."""
    return Alive()


@health.get("/readyz", responses=described(421, 503))
def ready(request: Request) -> Ready:
    """A score set of the primary outcome is published, not long overdue, and its model loaded and verified."""
    board: Board = request.app.state.board
    with board.published(None) as (_, found):
        board.scorers.want(found.outcome, found.model_version)
    try:
        board.scorers.of(found.outcome)
    except ModelUnavailable as error:
        raise Refusal(503, "not-ready", str(error)) from error
    _refuse_what_is_overdue(board, found)
    return Ready(outcome=found.outcome, as_of=found.as_of, model_version=found.model_version)


def _refuse_what_is_overdue(board: Board, found: ScoreSet) -> None:
    overdue = board.settings.overdue(found.as_of, now=board.now())
    allowed = board.settings.project.service.ready_for_hours
    if overdue > allowed:
        raise Refusal(
            503,
            "not-ready",
            f"the scores of {found.outcome!r} are as of {found.as_of}; later ones have been due for {overdue:,.0f} "
            f"hours and [service] ready_for_hours allows {allowed:g}; run `tenure run`",
        )


@pages.get("/metrics", dependencies=[Depends(needs(Role.scientist))])
def metrics(request: Request) -> Response:
    """Counts and durations of requests, in the Prometheus text format."""
    measured: Callable[[], bytes] | None = request.app.state.metrics
    if measured is None:
        raise HTTPException(404)
    return Response(measured(), media_type="text/plain; version=0.0.4")
