"""The page about the model: what the back-test said of it, date by date, against what is known without a model."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tenure.pipelines.access.roles import Role
from tenure.pipelines.registry import NoChampion, Registry, model_name
from tenure.pipelines.report import tables
from tenure.pipelines.report.data_sheet import SHEET
from tenure.pipelines.report.model_card import CARD
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.feedback import counted_feedback
from tenure.pipelines.store.score_sets import published_set
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.problems import Refusal
from tenure.serving.web.card import Speaker
from tenure.serving.web.rendering import page

PLOTS = {
    "roc-auc-by-origin": "How well it ranks, date by date",
    "calibration": "Whether its probabilities come true",
    "gain": "How many are found with how many contacts",
    "scores": "Which risks it gives to those who left and who stayed",
}
SHEETS = {CARD: "Model card", SHEET: "Data sheet"}
"""What the training run wrote about the model and about its data."""

REMARKS_DAYS = 91
"""Days whose remarks on flags are counted."""

ALONE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""What a report that carries its own style may do."""

OutcomeName = Annotated[str, Query(max_length=40)]

model = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.retention))])


@model.get("/model")
def model_page(request: Request, outcome: OutcomeName = "") -> Response:
    """The proof of the model that is served, or of the one that was last trained."""
    board: Board = request.app.state.board
    name = board.outcome(outcome or None)
    version = _version(board, name)
    content = _proof(board.settings.project, name, version)
    with reading(board.engine) as connection:
        remarks = counted_feedback(connection, name, since=board.now() - dt.timedelta(days=REMARKS_DAYS))
    return page(
        request,
        "model.html",
        caller=caller_of(request),
        outcome=name,
        outcomes=list(board.settings.project.outcome),
        version=version,
        content=content,
        headlines=tables.headlines(content) if content else [],
        by_origin=tables.by_origin(content) if content else None,
        intervals=_intervals(content) if content else [],
        plots=PLOTS,
        sheets=_sheets(board.settings.project, name, version),
        remarks=sorted(remarks.items(), key=lambda one: -sum(one[1].values())),
        remarks_days=REMARKS_DAYS,
        whys=Speaker("en").why,
    )


@model.get("/model/report")
def report(request: Request, outcome: OutcomeName = "") -> Response:
    """The whole report of the back-test."""
    file = _file(request, outcome, "report.html")
    return Response(file.read_bytes(), media_type="text/html", headers={"Content-Security-Policy": ALONE})


@model.get("/model/sheets/{name}")
def sheet(request: Request, name: str, outcome: OutcomeName = "") -> Response:
    """The model card, or the data sheet of what it learned from."""
    if name not in SHEETS:
        raise Refusal(404, "no-such-page", f"there is no sheet {name[:40]!r}; there are {', '.join(SHEETS)}")
    file = _file(request, outcome, f"{name}.html")
    return Response(file.read_bytes(), media_type="text/html", headers={"Content-Security-Policy": ALONE})


@model.get("/model/plots/{name}.svg")
def plot(request: Request, name: str, outcome: OutcomeName = "") -> Response:
    """A plot of the back-test."""
    if name not in PLOTS:
        raise Refusal(404, "no-such-page", f"there is no plot {name[:40]!r}; there are {', '.join(PLOTS)}")
    file = _file(request, outcome, f"plots/{name}.svg")
    return Response(file.read_bytes(), media_type="image/svg+xml", headers={"Content-Security-Policy": ALONE})


def _version(board: Board, outcome: str) -> str:
    """The version of the served set, else the champion's or the challenger's; empty where none was trained."""
    with reading(board.engine) as connection:
        found = published_set(connection, outcome)
    return found.model_version if found else ""


def _file(request: Request, outcome: str, name: str) -> Path:
    board: Board = request.app.state.board
    chosen = board.outcome(outcome or None)
    folder = _documents(board.settings.project, chosen, _version(board, chosen))
    if folder is None or not (folder / name).is_file():
        raise Refusal(404, "no-report", "this model was trained without a report; `tenure train` makes one")
    return folder / name


def _documents(project: Project, outcome: str, version: str) -> Path | None:
    return _kept(project.data, model_name(project.name, outcome), version)


@lru_cache(maxsize=16)
def _kept(data: Path, name: str, version: str) -> Path | None:
    """The folder of the reports of a version, which never change."""
    registry = Registry(data)
    number = version.rpartition("/")[2]
    try:
        registered = registry.version(name, number) if re.fullmatch(r"\d+", number) else registry.with_alias(name)
    except NoChampion:
        return None
    return registry.documents(registered)


def _proof(project: Project, outcome: str, version: str) -> dict[str, Any] | None:
    folder = _documents(project, outcome, version)
    file = folder / "backtest.json" if folder else None
    return json.loads(file.read_text(encoding="utf-8")) if file is not None and file.is_file() else None


def _sheets(project: Project, outcome: str, version: str) -> dict[str, str]:
    """The sheets there are, by the name of their page; models of earlier releases have none."""
    folder = _documents(project, outcome, version)
    return {name: said for name, said in SHEETS.items() if folder is not None and (folder / f"{name}.html").is_file()}


def _intervals(content: dict[str, Any]) -> list[dict[str, Any]]:
    """ROC AUC of risk and of recency at each date, with their intervals."""
    rows = []
    for origin in content["origins"]:
        held = origin.get("intervals", {})
        told = {name: held[name]["roc_auc"] for name in ("risk", "recency") if name in held}
        rows.append(
            {"as_of": origin["as_of"], "customers": origin["customers"], "positives": origin["positives"], **told}
        )
    return rows
