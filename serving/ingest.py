"""`POST /v1/interactions`: what happened just now, kept before it is acknowledged."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field

from tenure.pipelines.access.roles import Role
from tenure.pipelines.live.delivery import ClashingRows, ReusedKey, deliver
from tenure.serving.access import caller_of, needs
from tenure.serving.answers import DeliveryAnswer
from tenure.serving.board import Board
from tenure.serving.histories import Identifier, Interaction, Strict
from tenure.serving.lookups import JSON
from tenure.serving.problems import Refusal, described

MOST = 1_000
"""Rows of one delivery."""

AHEAD = dt.timedelta(minutes=5)
"""How far the clock of a sender may be ahead of ours."""

ingest = APIRouter(tags=["interactions"])


class DeliveredInteraction(Interaction):
    """One row of history. The same id with a later `known_at` is a correction; `retracted` withdraws the row."""

    interaction_id: Identifier
    customer_id: Identifier
    retracted: bool | None = None


class Delivery(Strict):
    """Up to 1,000 interactions, which are kept together or not at all."""

    interactions: list[DeliveredInteraction] = Field(min_length=1, max_length=MOST)


@ingest.post(
    "/v1/interactions",
    dependencies=[Depends(needs(Role.sender))],
    status_code=202,
    response_model=DeliveryAnswer,
    responses=described(400, 408, 409, 413, 415, 421, 422, 503),
)
async def interactions(
    request: Request,
    body: Delivery,
    source: Annotated[str | None, Query(description="a live source of the project; left out: the only one")] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")] = None,
) -> Response:
    """Keep interactions. Acknowledged, they are on disk; sent again, they change nothing."""
    board: Board = request.app.state.board
    name = _live_source(board, source)
    now = board.now()
    _refuse_the_future(body, now)
    rows = [_plain(row) for row in body.interactions]
    try:
        found = await to_thread.run_sync(
            lambda: deliver(board.engine, name, rows, now=now, key=idempotency_key, suppression=board.suppression)
        )
    except ClashingRows as error:
        raise Refusal(409, "clashing-rows", str(error)) from error
    except ReusedKey as error:
        raise Refusal(409, "reused-key", str(error)) from error
    request.app.state.auditor.read(caller_of(request), "deliver", detail={"source": name, "rows": len(rows)})
    answer = DeliveryAnswer(source=name, **asdict(found))
    return Response(answer.model_dump_json(), status_code=202, media_type=JSON)


def _live_source(board: Board, name: str | None) -> str:
    live = [source.name for source in board.settings.project.source if source.live]
    if not live:
        raise Refusal(
            409, "no-live-source", "no source of the project takes interactions; add a [[source]] with `live = true`"
        )
    if name is None and len(live) == 1:
        return live[0]
    if name not in live:
        found = "left out" if name is None else repr(name[:40])
        raise Refusal(422, "unknown-source", f"source is {found}; expected one of {', '.join(live)}")
    return name


def _refuse_the_future(body: Delivery, now: dt.datetime) -> None:
    for number, row in enumerate(body.interactions):
        latest = max(row.occurred_at, row.known_at or row.occurred_at)
        if latest > now + AHEAD:
            raise Refusal(
                422,
                "in-the-future",
                f"interactions[{number}]: {latest:%Y-%m-%dT%H:%M:%SZ} is still to come; use due_at for what is planned",
            )
        if row.known_at is not None and row.known_at < row.occurred_at:
            raise Refusal(422, "known-too-early", f"interactions[{number}]: known_at is before occurred_at")


def _plain(row: DeliveredInteraction) -> dict[str, Any]:
    """The row as it is kept: what is given, instants in UTC."""
    found = row.model_dump(exclude_none=True)
    return {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in found.items()}
