"""`tenure uplift`: what contacts changed, whether people can be told apart by it, and by what the list is ranked."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from tenure.models.bootstrap import Interval
from tenure.models.uplift.measures import EffectMeasures
from tenure.pipelines.decisions.learning_effects import USABLE, LearntEffect, learn_effect
from tenure.serving.cli.console import results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project

POINTS = {
    "average": "kept on average, of 100 contacted",
    "difference": "the same as a plain difference of the arms",
    "top": "kept among the first by estimated effect",
    "qini": "Qini: over a random order, a person in all",
}


def uplift_command(config: Config = DEFAULT, outcome: OutcomeName = None, as_json: AsJson = False) -> None:
    """Learn from published lists what contacts change, and rank by it where people can be told apart."""
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome)
    risk, model = opened.champion(study)
    with step("learning what contacts changed", quiet=as_json) as work:
        found = learn_effect(study, opened.store, model, risk_model=risk.label, progress=work.progress)
        work.summary = f"compared {sum(found.arms.values()):,} places on lists: {found.verdict.name}"
    if as_json:
        results.print_json(json.dumps(_document(found)))
    else:
        results.print(_table(found))
    if found.measures is None:
        raise typer.Exit(1)


def _document(found: LearntEffect) -> dict[str, Any]:
    return {
        "verdict": found.verdict.name,
        "sentence": found.verdict.sentence,
        "model": found.registered.label if found.registered else None,
        "in_use": found.in_use,
        "arms": found.arms,
        "left_out": found.left_out,
        "measures": found.measures.values() if found.measures else None,
    }


def _table(found: LearntEffect) -> Lines:
    parts: list[Text | Table] = [Text(found.verdict.sentence, style="bold")]
    if found.measures is not None:
        parts += [_figures(found.measures), _bins(found.measures)]
    parts.append(Text(", ".join(f"{name} {count:,}" for name, count in found.arms.items()), style="dim"))
    if found.left_out:
        told = ", ".join(f"{count:,} {why}" for why, count in found.left_out.items())
        parts.append(Text(f"left out: {told}", style="dim"))
    parts.append(Text(_ranked_by(found)))
    return Lines(*parts)


def _ranked_by(found: LearntEffect) -> str:
    """By what lists are ranked from the next scores on."""
    if found.in_use is None:
        return "Lists stay ranked by risk x value."
    if found.registered is not None and found.in_use == found.registered.label:
        return f"Lists are ranked by effect x value from the next scores on ({found.in_use})."
    return (
        f"Lists stay ranked by the effects of {found.in_use}, whose verdict was {USABLE!r}. To go back to risk x "
        'value: [economics] rank_by = "risk".'
    )


def _figures(measures: EffectMeasures) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("in points of 100")
    table.add_column("95 %", justify="right")
    for name, said in POINTS.items():
        table.add_row(said, _points(getattr(measures, name)))
    slope = measures.slope
    table.add_row(
        "slope of measured on estimated effects, 1 is right",
        f"{slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f})",
    )
    return table


def _bins(measures: EffectMeasures) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("people", "estimated", "measured"):
        table.add_column(name, justify="right")
    for one in measures.bins:
        table.add_row(f"{one.people:,}", f"{100 * one.predicted:.1f}", _points(one.measured))
    return table


def _points(found: Interval) -> str:
    return f"{100 * found.value:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"
