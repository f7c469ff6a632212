"""The page of one customer: the risk and why, the score over time, what happened, notes and feedback."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from tenure.pipelines.access.roles import Role
from tenure.pipelines.catalogue import CHANNELS
from tenure.pipelines.decisions.action import RESULTS
from tenure.pipelines.lake.snapshot import NoSnapshot, current_snapshot
from tenure.pipelines.live.timeline import timeline
from tenure.pipelines.scoring.displayed import displayed
from tenure.pipelines.store.actions import actions_with
from tenure.pipelines.store.caring import notes_on
from tenure.pipelines.store.desk import NOBODY, awake, care_for
from tenure.pipelines.store.external_ids import called_by_others
from tenure.pipelines.store.feedback import feedback_on
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.past import Past, past_of
from tenure.pipelines.store.served import served_risk
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.web.card import Speaker, card_of
from tenure.serving.web.contacting import as_happening
from tenure.serving.web.course import course
from tenure.serving.web.desk import people_who_own
from tenure.serving.web.finding import standing
from tenure.serving.web.rendering import page

HAPPENINGS = 100

customers = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.retention))])


@customers.get("/customers/{customer_id:path}")
def customer_page(
    request: Request,
    customer_id: Annotated[str, Path(min_length=1, max_length=200)],
    outcome: Annotated[str, Query(max_length=40)] = "",
    most: Annotated[int, Query(ge=1, le=10_000)] = HAPPENINGS,
) -> Response:
    """Everything a retention team needs to know of one customer before the call."""
    board: Board = request.app.state.board
    project, caller = board.settings.project, caller_of(request)
    with board.published(outcome or None) as (connection, found):
        scores = served_risk(connection, found.outcome, customer_id)[1]
        past = past_of(connection, found.outcome, customer_id)
        said, written = feedback_on(connection, customer_id), notes_on(connection, customer_id)
        today = board.today(found)
        care = awake(care_for(connection, found.outcome, [customer_id]).get(customer_id, NOBODY), today)
        reach = board.reach(connection, found)
        stands = "Nothing is known of them yet."
        if scores:
            stands = standing(connection, found, customer_id, scores[0], reach)
        names = called_by_others(connection, [customer_id]).get(customer_id, {})
        held_out = customer_id in held_out_among(connection, found.score_set_id, reach.draw, [customer_id])
        contacts = [as_happening(one) for one in actions_with(connection, customer_id)]
    request.app.state.auditor.read(caller, "customer", of=customer_id)
    first = scores[0] if scores else None
    provenance = board.provenance(found, first)
    happened, total = timeline(project, board.engine, customer_id, limit=most)
    lines = sorted([*happened, *contacts], key=lambda one: one.occurred_at, reverse=True)[:most]
    served = [one for one in past if first is not None and one.unit_id == first.unit_id]
    if first is not None and first.as_of is not None and first.probability is not None:
        served.append(Past(first.unit_id, first.as_of, first.probability, first.band or "", found.model_version))
    return page(
        request,
        "customer.html",
        status=200 if scores or happened else 404,
        caller=caller,
        customer_id=customer_id,
        found=found,
        card=card_of(
            project, found, customer_id, scores, language="en", stale=bool(provenance["stale"]), now=board.now()
        ),
        first=first,
        units=scores,
        provenance=provenance,
        course=course(served, project.bands),
        profile=_profile(board, customer_id) or ((first and first.facts) or {}).get("profile", {}),
        names=names,
        care=care,
        stands=stands,
        notes=written,
        feedback=said,
        whys=Speaker("en").why,
        happened=lines,
        total=total + len(contacts),
        held_out_until=reach.until if held_out else None,
        channels=list(CHANNELS),
        results=RESULTS,
        most=most,
        people=people_who_own(board),
        today=today,
        week=today + dt.timedelta(days=7),
    )


def _profile(board: Board, customer_id: str) -> dict[str, str]:
    """What the desk calls the customer, as it is known today."""
    project = board.settings.project
    try:
        snapshot = current_snapshot(project, board.engine)
    except NoSnapshot:
        return {}
    return displayed(snapshot, [customer_id], project.desk.profiles).get(customer_id, {})
