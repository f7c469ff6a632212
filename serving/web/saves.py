"""The page about saves: what was last counted of contacts against the hold-out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from tenure.models.saves import Estimate
from tenure.pipelines.access.roles import Role
from tenure.pipelines.decisions.saves_document import kept_saves
from tenure.pipelines.decisions.saves_words import span
from tenure.serving.access import caller_of, needs
from tenure.serving.board import Board
from tenure.serving.web.forest import Figure, Forest, forest
from tenure.serving.web.rendering import page

WRONG = ("do not believe", "driven away")
"""Verdicts that are shown as a warning."""

saves = APIRouter(include_in_schema=False, dependencies=[Depends(needs(Role.retention))])


class Row(NamedTuple):
    """A row of a table: a list, a group, or all together; figures are None where nothing was measured."""

    name: str
    list_id: int | None
    contacts: int
    held_out: int
    left: float | None
    held_out_left: float | None
    kept: str | None
    value: str | None
    says: str
    effect: Estimate | None


@saves.get("/saves")
def saves_page(request: Request, outcome: Annotated[str, Query(max_length=40)] = "") -> Response:
    """What was saved, list by list, all together, and by playbook and segment."""
    board: Board = request.app.state.board
    project = board.settings.project
    name = board.outcome(outcome or None)
    found = kept_saves(project, name)
    lists = _lists(found) if found else []
    groups = [(title, _groups(found[key])) for title, key in SECTIONS if found[key]] if found else []
    return page(
        request,
        "saves.html",
        caller=caller_of(request),
        outcome=name,
        outcomes=list(project.outcome),
        found=found,
        wrong=bool(found and found["verdict"] and found["verdict"]["name"] in WRONG),
        lists=lists,
        lists_picture=_picture(lists),
        groups=[(title, rows, _picture(rows)) for title, rows in groups],
    )


SECTIONS = (("By playbook", "by_playbook"), ("By segment", "by_segment"))


def _lists(found: dict[str, Any]) -> list[Row]:
    rows = []
    for one in found["lists"]:
        says = "" if one["saves"] else "nobody to compare" if one["ripe"] else f"known on {one['ripe_on']}"
        name, counts = f"List {one['list_id']}, {one['as_of']}", (one["contacts"], one["held_out"])
        rows.append(_row(name, one["list_id"], counts, one["saves"], says))
    if found["saves"]:
        counts = (found["saves"]["contacts"], found["saves"]["held_out"])
        rows.append(_row("All together", None, counts, found["saves"], ""))
    return rows


def _groups(found: Iterable[dict[str, Any]]) -> list[Row]:
    return [
        _row(one["name"], None, (one["saves"]["contacts"], one["saves"]["held_out"]), one["saves"], one["verdict"])
        for one in found
    ]


def _row(name: str, list_id: int | None, counts: tuple[int, int], told: dict[str, Any] | None, says: str) -> Row:
    if told is None:
        return Row(name, list_id, *counts, None, None, None, None, says, None)
    value = told["value"] and span(Estimate(**told["value"]))
    kept, effect = span(Estimate(**told["saved"])), Estimate(**told["effect"]).times(100)
    return Row(name, list_id, *counts, told["rate_contacts"], told["rate_held_out"], kept, value, says, effect)


def _picture(rows: list[Row]) -> Forest | None:
    """Kept of 100 contacts, row by row."""
    return forest(
        [
            Figure(row.name, row.effect.value, row.effect.low, row.effect.high, f"{span(row.effect, digits=1)} of 100")
            for row in rows
            if row.effect is not None
        ]
    )
