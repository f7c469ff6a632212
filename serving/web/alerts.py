"""The page of alerts: who entered a state that people should hear of, the newest first."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.alerts import WITHOUT_OWNER, Wanted, alerted_owners, count_alerts, listed_alerts
from tenure.pipelines.store.connections import reading
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.telling import as_told
from tenure.serving.web.rendering import page

ROWS = 50
NOBODY = "nobody"
"""How the address of the page says whose customers have no owner."""

KIND_WORDS = {"level": "entered a band", "drop": "rose within a week", "baseline": "unlike themselves"}

alerts = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.retention))])


@alerts.get("/alerts")
def alerts_page(
    request: Request,
    kind: Literal["", "level", "drop", "baseline"] = "",
    owner: Annotated[str, Query(max_length=200)] = "",
    outcome: Annotated[str, Query(max_length=40)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Response:
    """The alerts of a kind, an owner or an outcome; what is beyond an owner's limit of a day is only counted."""
    board: Board = request.app.state.board
    project, caller = board.settings.project, caller_of(request)
    chosen = board.outcome(outcome) if outcome else None
    whose = {"": None, NOBODY: WITHOUT_OWNER}.get(owner, owner)
    wanted = Wanted(kind=kind or None, owner=whose, outcome=chosen, beyond=False)
    with reading(board.engine) as connection:
        total = count_alerts(connection, wanted)
        beyond = count_alerts(connection, Wanted(kind=kind or None, owner=whose, outcome=chosen, beyond=True))
        found = listed_alerts(connection, wanted, limit=ROWS, offset=(number - 1) * ROWS)
        told = as_told(connection, project, found)
        owners = alerted_owners(connection)
    request.app.state.auditor.read(caller, "alerts", detail={"page": number, "rows": len(found)})
    asked = {"kind": kind, "owner": owner, "outcome": outcome}
    kept = {name: value for name, value in asked.items() if value}
    return page(
        request,
        "alerts.html",
        caller=caller,
        told=told,
        total=total,
        beyond=beyond,
        asked=asked,
        kinds=KIND_WORDS,
        owners=owners,
        nobody=NOBODY,
        outcomes=list(project.outcome),
        number=number,
        pages=-(-total // ROWS),
        turned=lambda to: f"?{urlencode({**kept, 'page': to})}",
    )
