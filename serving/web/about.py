"""What is served here, and by which clock the project lives."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.score_sets import ScoreSet, published_set
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.web.rendering import page

about = APIRouter(include_in_schema=False)


@about.get("/about", dependencies=[Depends(needs(Role.retention))])
def about_page(request: Request) -> Response:
    """What is served here, and where its clock stands."""
    board: Board = request.app.state.board
    with reading(board.engine) as connection:
        outcomes = {name: published_set(connection, name) for name in board.settings.project.outcome}
    clock = clock_in_words(board, outcomes)
    return page(request, "about.html", caller=caller_of(request), outcomes=outcomes, clock=clock)


def clock_in_words(board: Board, outcomes: dict[str, ScoreSet | None]) -> str:
    """By which clock this project lives."""
    zone = board.settings.project.timezone
    if board.settings.project.project.clock == "system":
        return f"This project lives by today's date; its days begin at midnight in {zone}."
    days = [found.as_of for found in outcomes.values() if found is not None]
    where = f", {max(days)}" if days else ""
    return f"This project lives on the last midnight of its data{where} ({zone}): its clock does not move."
