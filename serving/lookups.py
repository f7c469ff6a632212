"""The read path: one customer's risk, and the at-risk list. Both are look-ups in the published set."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic_core import to_json

from tenure.pipelines.access.roles import Role
from tenure.pipelines.store.desk import Filter, listed
from tenure.pipelines.store.held_places import Fitting, held_places
from tenure.pipelines.store.hold_outs import held_out_among
from tenure.pipelines.store.score_sets import at_risk, count_at_risk
from tenure.pipelines.store.worth import worth_of
from tenure.serving.access import caller_of, needs
from tenure.serving.answers import AtRiskAnswer, Band, ListedUnit, RiskAnswer
from tenure.serving.auditing import Auditor
from tenure.serving.board import Board
from tenure.serving.exporting import inert
from tenure.serving.problems import described

JSON = "application/json"
CSV_COLUMNS = ("rank", "unit_id", "customer_id", "probability", "band", "in_words", "reasons")
CSV_MORE = (
    "value", "expected_profit", "contact", "held_out", "probability_low", "probability_high", "low_confidence"
)  # fmt: skip

OutcomeName = Annotated[str | None, Query(description="an outcome of the project; left out: its primary one")]

Language = Annotated[Literal["en", "pl", "bg", "hi"], Query(description="the language of the reasons' texts")]

lookups = APIRouter(tags=["look-ups"])


@lookups.get(
    "/v1/customers/{customer_id:path}/risk",
    dependencies=[Depends(needs(Role.agent))],
    response_model=RiskAnswer,
    responses=described(421, 422, 503),
)
async def customer_risk(
    request: Request,
    customer_id: Annotated[str, Path(min_length=1, max_length=200)],
    outcome: OutcomeName = None,
    language: Language = "en",
    source: Annotated[str | None, Query(max_length=40, description="whose id it is; left out: our own")] = None,
) -> Response:
    """One customer's risk; a customer whom the score set does not know is `unknown`, never a guess."""
    board: Board = request.app.state.board
    if source is not None:
        customer_id = await to_thread.run_sync(board.called, source, customer_id)
    request.app.state.auditor.read(caller_of(request), "risk", of=customer_id)
    found, scores = await board.risk(outcome, customer_id)
    units = [board.unit(found.outcome, score, language) for score in scores]
    first = scores[0] if scores else None
    answer = {
        **board.provenance(found, first),
        **board.customer(found.outcome, customer_id, units),
        "changed": board.changed(first),
    }
    return Response(to_json(answer), media_type=JSON)  # built in the shape of `RiskAnswer`, which the tests check


@lookups.get(
    "/v1/at-risk",
    dependencies=[Depends(needs(Role.retention))],
    response_model=AtRiskAnswer,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **described(421, 422, 503),
    },
)
def at_risk_list(
    request: Request,
    outcome: OutcomeName = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    band: Annotated[Band | None, Query(description="only this band")] = None,
    hold_out: Annotated[bool, Query(description="with whoever is held out and must not be contacted")] = False,
    format: Annotated[Literal["json", "csv"], Query()] = "json",
) -> Response:
    """The units most at risk, highest first, as JSON or CSV, without whoever is held out unless they are asked for."""
    board: Board = request.app.state.board
    with board.published(outcome) as (connection, found):
        whole = count_at_risk(connection, found, band=band)
        reach = board.reach(connection, found)
        number, fitting = found.score_set_id, _fitting(band)
        kept_back = 0 if reach.draw is None else len(held_places(connection, number, reach.draw, fitting=fitting))
        if hold_out:
            page = at_risk(connection, found.score_set_id, limit=limit, offset=offset, band=band)
        else:
            wanted = Filter(band, status=None, reach=reach)
            listing = listed(connection, found, wanted, limit=limit, offset=offset, today=board.today(found))
            page = [row.score for row in listing]
        held = held_out_among(connection, found.score_set_id, reach.draw, [score.customer_id for score in page])
        worth = worth_of(connection, found.score_set_id, [score.customer_id for score in page])
    rows = [
        ListedUnit(
            **board.unit(found.outcome, score),
            customer_id=score.customer_id,
            rank=score.rank or 0,
            held_out=score.customer_id in held,
            value=worth[score.unit_id].value,
            expected_profit=worth[score.unit_id].gain,
            contact=worth[score.unit_id].contact,
        )
        for score in page
    ]
    provenance = board.provenance(found)
    about = {"outcome": found.outcome, "as_of": str(found.as_of), "offset": offset, "rows": len(rows)}
    auditor: Auditor = request.app.state.auditor
    note = auditor.done if format == "csv" else auditor.read  # an export is on record before it is made
    note(caller_of(request), "list", detail={**about, "format": format})
    if format == "csv":
        name = f"at-risk-{found.outcome}-{found.as_of}.csv"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(
            _as_csv(rows, str(found.as_of), found.model_version), media_type="text/csv", headers=disposition
        )
    answer = AtRiskAnswer(
        **provenance,
        verdict=found.verdict,
        total=whole if hold_out else whole - kept_back,
        held_out=kept_back,
        held_out_until=reach.until,
        limit=limit,
        offset=offset,
        rows=rows,
    )
    return Response(answer.model_dump_json(), media_type=JSON)


def _fitting(band: str | None) -> Fitting:
    return () if band is None else (("band", band),)


def _as_csv(rows: list[ListedUnit], as_of: str, model_version: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*CSV_COLUMNS, "as_of", "model_version", *CSV_MORE])
    for row in rows:
        reasons = "; ".join(reason.text for reason in row.reasons)
        texts = (
            inert(row.unit_id),
            inert(row.customer_id),
            row.probability,
            row.band,
            row.in_words,
            inert(reasons),
        )
        writer.writerow([row.rank, *texts, as_of, model_version, *(getattr(row, name) for name in CSV_MORE)])
    return out.getvalue()
