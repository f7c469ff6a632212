"""`GET /v1/export`: the list as it is shown, or a frozen one, or what changed since a cursor."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Connection

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.changed import Cursor, changed_since
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import NOBODY, Row, care_for, listed
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.reach import Reach
from tenure.pipelines.store.score_sets import Score, ScoreSet
from tenure.pipelines.store.worth import Worth
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.exporting import TYPES, as_csv, as_json, as_xlsx
from tenure.serving.problems import Refusal, described
from tenure.serving.web.listing import Asked, asked
from tenure.serving.web.lists import the_list
from tenure.serving.web.records import instant, records

MOST = 10_000
NO_SET = 0
"""The number of no score set: nothing was scored again on top of it."""

export = APIRouter(tags=["look-ups"], dependencies=[Depends(needs(Role.retention))])


@export.get(
    "/v1/export",
    response_class=Response,
    responses={
        200: {"content": {TYPES["csv"]: {}, TYPES["xlsx"]: {}, TYPES["json"]: {}}, "description": "the rows"},
        **described(404, 421, 422, 503),
    },
)
def export_list(
    request: Request,
    wanted: Annotated[Asked, Depends(asked)],
    format: Literal["csv", "xlsx", "json"] = "csv",
    bom: bool = False,
    list: Annotated[int, Query(ge=0, lt=1 << 31)] = 0,
    since: Annotated[str, Query(max_length=100)] = "",
    hold_out: Annotated[bool, Query(description="with whoever is held out and must not be contacted")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    """Rows with the columns of `serving/exporting.py`; on record before a byte of it is sent."""
    board: Board = request.app.state.board
    project = board.settings.project
    with board.published(_outcome(board, list) or wanted.outcome or None) as (connection, found):
        cursor, today = Cursor.now(connection, found), board.today(found)
        reach = board.reach(connection, found)
        asked_for = replace(reach, draw=None) if hold_out else reach
        if list:
            found, rows = _frozen(connection, found, list)
            rows, name = [row for row in rows if hold_out or not row.held_out], f"list-{list}"
        elif since:
            rows, name = _since(connection, found, since, limit, today, asked_for), "changed"
        else:
            filter, by = wanted.filter(asked_for), wanted.suited(found).order if wanted.sort else "risk"
            rows, name = listed(connection, found, filter, limit=limit, offset=0, today=today, by=by), "at-risk"
        if hold_out and not list:
            rows = _marked(connection, found, rows, reach)
        held = records(connection, project, found, rows)
    about = {"outcome": found.outcome, "as_of": str(found.as_of), "rows": len(held), "format": format}
    about |= {"list": list} if list else {}
    about |= {"hold_out": True} if hold_out else {}
    request.app.state.auditor.done(caller_of(request), "export", detail=about)
    file = f"{name}-{found.outcome}-{found.as_of}.{format}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "X-Cursor": str(cursor)}
    if format == "csv":
        return StreamingResponse(as_csv(held, bom=bom), media_type=TYPES[format], headers=headers)
    if format == "xlsx":
        return Response(as_xlsx(held), media_type=TYPES[format], headers=headers)
    told = as_json(held, cursor=str(cursor), exported_at=instant(board.now().astimezone(dt.UTC).replace(tzinfo=None)))
    return Response(told, media_type=TYPES[format], headers=headers)


def _outcome(board: Board, number: int) -> str | None:
    """The outcome of a frozen list; None where none is asked for."""
    if not number:
        return None
    with reading(board.engine) as connection:
        return the_list(connection, number)[0].outcome


def _frozen(connection: Connection, found: ScoreSet, number: int) -> tuple[ScoreSet, list[Row]]:
    """The members of a frozen list with what they had then, and who cares for them now; the set they are from.

    Its size is not known any more, nor what was scored again on top of it.
    """
    head, members = the_list(connection, number)
    care = care_for(connection, found.outcome, [one.customer_id for one in members])
    then = found._replace(
        score_set_id=NO_SET,
        as_of=dt.date.fromisoformat(head.as_of),
        model_version=head.model_version,
        created_at=head.created_at,
        counts={},
    )
    return then, [
        Row(
            Score(
                one.unit_id,
                one.customer_id,
                "scored",
                one.probability,
                one.band,
                one.rank,
                one.reasons,
                probability_low=one.probability_low,
                probability_high=one.probability_high,
            ),
            care.get(one.customer_id, NOBODY),
            Worth(one.value, one.effect, one.gain),
            one.held_out,
        )
        for one in members
    ]


def _marked(connection: Connection, found: ScoreSet, rows: list[Row], reach: Reach) -> list[Row]:
    """The same rows, with who is held out."""
    held = held_out_among(connection, found.score_set_id, reach.draw, [row.score.customer_id for row in rows])
    return [row._replace(held_out=row.score.customer_id in held) for row in rows]


def _since(connection: Connection, found: ScoreSet, since: str, limit: int, today: dt.date, reach: Reach) -> list[Row]:
    try:
        cursor = Cursor.read(since)
    except ValueError as error:
        raise Refusal(422, "wrong-cursor", f"{error}; take the cursor of the last export as it is") from error
    return changed_since(connection, found, cursor, limit=limit, today=today, reach=reach)
