"""`POST /v1/score`: histories in the request, scored by the verified model, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, Depends, Request, Response

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.objections import objecting_among
from tenure.pipelines.store.score_sets import ScoreSet, context_of, held_id, set_of
from tenure.serving.access import caller_of, needs
from tenure.serving.answers import CustomerRisk, ScoreAnswer
from tenure.serving.board import Board
from tenure.serving.histories import ScoreRequest
from tenure.serving.lookups import JSON, OutcomeName
from tenure.serving.problems import Refusal, described
from tenure.serving.scorer import CannotScore, ModelUnavailable, Scorer, UnitScore

AT_ONCE = 2

scoring = APIRouter(tags=["scoring"])


@scoring.post(
    "/v1/score",
    dependencies=[Depends(needs(Role.scientist))],
    response_model=ScoreAnswer,
    responses=described(400, 408, 413, 415, 421, 422, 503, 504),
)
async def score(request: Request, body: ScoreRequest, outcome: OutcomeName = None) -> Response:
    """Score customers from the histories in the request, as of a midnight. Nothing is stored."""
    board: Board = request.app.state.board
    request.app.state.auditor.read(caller_of(request), "score", detail={"customers": len(body.customers)})
    try:
        found, context, scorer, objecting = await to_thread.run_sync(_served, board, outcome, body)
        results = await _in_a_thread(request, scorer, body, context)
        results = [_unprofiled(one) if one.customer_id in objecting else one for one in results]
    except ModelUnavailable as error:
        raise Refusal(503, "no-model", str(error)) from error
    except CannotScore as error:
        raise Refusal(422, "cannot-score", str(error)) from error
    except TimeoutError:
        seconds = board.settings.score_seconds
        raise Refusal(504, "too-slow", f"scoring took over {seconds:g} seconds; send fewer rows at once") from None
    made = {**board.provenance(found), "as_of": body.as_of, "scored_at": board.now(), "stale": False}
    customers = [_customer(board, found.outcome, h.customer_id, results) for h in body.customers]
    return Response(ScoreAnswer(**made, customers=customers).model_dump_json(), media_type=JSON)


def _served(
    board: Board, outcome: str | None, body: ScoreRequest
) -> tuple[ScoreSet, Mapping[str, Any], Scorer, set[str]]:
    """The published set, what was known of others as of its date, its model, and who objects to being scored.

    Where that is another model which is not loaded yet, the first three are those of the model of before.
    """
    with board.published(outcome) as (connection, found):
        board.scorers.want(found.outcome, found.model_version)
        version, scorer = board.scorers.in_use(found.outcome)
        if version != found.model_version:
            found = set_of(connection, found.outcome, version) or found._replace(model_version=version)
        context = context_of(connection, found.score_set_id) if body.as_of == found.as_of else {}
        objecting = objecting_among(connection, [held_id(one.customer_id) for one in body.customers])
        return found, context, scorer, objecting


def _unprofiled(result: UnitScore) -> UnitScore:
    return UnitScore(unit_id=result.unit_id, customer_id=result.customer_id, status="objected")


async def _in_a_thread(
    request: Request, scorer: Scorer, body: ScoreRequest, context: Mapping[str, Any]
) -> list[UnitScore]:
    state = request.app.state
    if state.limiter is None:
        state.limiter = CapacityLimiter(AT_ONCE)
    with fail_after(state.board.settings.score_seconds):
        return await to_thread.run_sync(
            lambda: scorer.score(as_of=body.as_of, customers=body.customers, context=context),
            abandon_on_cancel=True,
            limiter=state.limiter,
        )


def _customer(board: Board, outcome: str, customer_id: str, results: list[UnitScore]) -> CustomerRisk:
    own = [r for r in results if r.customer_id == customer_id]
    own.sort(key=lambda r: (r.probability is None, -(r.probability or 0.0), r.unit_id))
    bands = board.settings.project.bands
    units = []
    for result in own:
        band = None if result.probability is None else bands.of(result.probability)
        ends = result.probability_low, result.probability_high
        words = board.words(outcome, result.status, band, result.probability, *ends)
        units.append({**words, "reasons": result.reasons, "unit_id": result.unit_id})
    return CustomerRisk(**board.customer(outcome, customer_id, units))
