"""`tenure aging`: what it costs to serve a model that learned some weeks ago, and when to retrain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tenure.models.bootstrap import PROFIT
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.aging import AUC_MARGIN, FRESH, PROFIT_MARGIN, RECENCY, WEEKS, Aging, aging
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.costs import AtReport, dates_to_test, span, whole_numbers, write_costs
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project
from tenure.serving.cli.proof import Origins, Sample, note_look

METRICS = ("roc_auc", "average_precision", "brier", "log_loss", "calibration_in_the_large", PROFIT)

Ages = Annotated[str, typer.Option("--weeks", help="Ages to try, in weeks: 1,4,16.")]
Out = Annotated[Path | None, typer.Option("--out", help="A folder for aging.json and aging.svg.")]


def aging_command(
    config: Config = DEFAULT,
    weeks: Ages = ",".join(map(str, WEEKS)),
    outcome: OutcomeName = None,
    origin: Origins = [],  # noqa: B006 (typer wants a list)
    report: AtReport = False,
    sample: Sample = 1.0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Test models that learned 1, 2, 4, 8, 16 weeks ago against a fresh one, and say when to retrain."""
    ages = whole_numbers(weeks, option="--weeks", of="weeks", such_as="1,4,16")
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome, sample=sample)
    origins = dates_to_test(study, origin, report=report)
    with step(f"testing models of {len(ages) + 1} ages at {len(origins)} past dates", quiet=as_json) as work:
        found = aging(study, origins, weeks=ages, progress=work.progress)
        work.summary = f"tested models of {len(ages) + 1} ages at {len(found.origins)} past dates"
    content = document(found)
    note_look(opened, study, list(found.origins), {"aging": content["retrain_after_weeks"]})
    if out is not None:
        from tenure.pipelines.report.aging_plot import plot_aging  # draws, which only --out waits for

        write_costs(content, plot_aging(found), out, "aging")
    if as_json:
        results.print_json(json.dumps(content))
        return
    results.print(_table(found))
    if out is not None:
        notes.print(f"{out / 'aging.json'}   {out / 'aging.svg'}", soft_wrap=True)


def document(found: Aging) -> dict[str, Any]:
    """The comparison as plain data: every figure of every age, and its difference to the fresh model."""
    return {
        "schema": 1,
        "outcome": found.study.name,
        "definition": definition(found.study.name, found.study.outcome),
        "origins": [day.isoformat() for day in found.origins],
        "left_out": [day.isoformat() for day in found.left_out],
        "fresh": {metric: found.drawn.interval(FRESH, metric).plain() for metric in METRICS},
        "recency": {metric: found.drawn.interval(RECENCY, metric).plain() for metric in METRICS},
        "ages": [
            {
                "weeks": weeks,
                **{metric: found.drawn.interval(str(weeks), metric).plain() for metric in METRICS},
                "cost": {metric: found.cost(weeks, metric).plain() for metric in METRICS},
                "too_old": found.too_old(weeks),
            }
            for weeks in found.weeks
        ],
        "margins": {"roc_auc": AUC_MARGIN, "share_of_profit": PROFIT_MARGIN},
        "retrain_after_weeks": found.retrain_after,
        "said": advice(found),
    }


def advice(found: Aging) -> str:
    """When to retrain, in a sentence."""
    oldest = found.weeks[-1]
    weeks = found.retrain_after
    if weeks is None:
        return (
            f"No age up to {oldest} weeks costs more than {AUC_MARGIN} of ROC AUC or {PROFIT_MARGIN:.0%} of the profit "
            f"beyond noise: retrain at the latest after {oldest} weeks, as nothing older was tried."
        )
    if weeks == 0:
        return f"A model of {found.weeks[0]} weeks costs too much already: retrain more often than that."
    first = next(age for age in found.weeks if found.too_old(age))
    cost = found.cost(first, "roc_auc")
    return (
        f"Retrain after {weeks} weeks: at {first} a model costs {-cost.value:.3f} of ROC AUC "
        f"({cost.low:+.3f} to {cost.high:+.3f}), beyond the margin and beyond noise."
    )


def _table(found: Aging) -> Group:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("weeks old", "ROC AUC", "against a fresh one", "AP", "Brier", "profit", ""):
        table.add_column(title, justify="right", no_wrap=True)
    for name, said in ((FRESH, "fresh"), *((str(age), str(age)) for age in found.weeks), (RECENCY, "recency")):
        values, aged = found.drawn.values[name], name not in (FRESH, RECENCY)
        cost = found.cost(int(name), "roc_auc") if aged else None
        table.add_row(
            said,
            f"{values['roc_auc']:.3f}",
            "" if cost is None else f"{cost.value:+.3f} ({span(cost)})",
            f"{values['average_precision']:.3f}",
            f"{values['brier']:.4f}",
            f"{values[PROFIT]:,.0f}",
            "too old" if aged and found.too_old(int(name)) else "",
            style="yellow" if aged and found.too_old(int(name)) else None,
        )
    parts: list[RenderableType] = [table, Text(advice(found), style="bold")]
    if found.left_out:
        days = ", ".join(map(str, found.left_out))
        parts.append(Text(f"Left out, for want of history that old: {days}", style="dim"))
    return Group(*parts)
