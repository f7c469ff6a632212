"""`tenure define`: compare horizons and windows of eligibility by their errors, and recommend one."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tenure.models.bootstrap import Interval
from tenure.pipelines.defining.choosing import rule
from tenure.pipelines.defining.comparison import Comparison, compare
from tenure.pipelines.defining.document import document, write_document
from tenure.pipelines.defining.judgement import Judgement, Limits
from tenure.pipelines.defining.plan import EVERY_DAYS
from tenure.pipelines.outcomes.sentence import definition
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project

Days = Annotated[
    str | None, typer.Option("--horizons", help="Horizons to compare, in days: 14,28,56. Left out: the usual ones.")
]
Active = Annotated[
    str | None, typer.Option("--active", help="Windows of eligibility, in days: 28,91. Left out: the usual ones.")
]
Follow = Annotated[int | None, typer.Option("--follow", help="For how many days the lost are followed.")]
MostReturn = Annotated[
    float, typer.Option("--most-return", min=0, max=1, help="The share of the lost who may come back, at the most.")
]
Out = Annotated[Path | None, typer.Option("--out", help="A folder for define.json and define.svg.")]

PLOT = "define.svg"


def define_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    horizons: Days = None,
    active: Active = None,
    follow: Follow = None,
    most_return: MostReturn = Limits().false_churn,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Compare horizons and windows by how many of the lost come back and how late a loss is noticed; recommend one."""
    wanted, windows = _days("--horizons", horizons), _days("--active", active)
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome)
    with step(f"comparing definitions of {study.name}", quiet=as_json) as work:
        found = compare(
            study,
            horizons=wanted,
            windows=windows,
            followed_days=follow,
            limits=Limits(false_churn=most_return),
            progress=work.progress,
        )
        work.summary = f"compared {len(found.judgements)} definitions at {len(found.plan.judged)} dates"
    content = document(found)
    if out is not None:
        write_document(content, out)
        _draw(found, out)
    if as_json:
        results.print_json(json.dumps(content))
        return
    results.print(_table(found))
    if out is not None:
        notes.print(f"{out / 'define.json'}   {out / PLOT}", soft_wrap=True)


def _days(option: str, text: str | None) -> list[int]:
    """Days from the command line: `14,28,56`."""
    try:
        return [int(word) for word in text.split(",")] if text is not None else []
    except ValueError:
        raise typer.BadParameter(f"{option} {text!r}: expected days with commas between them, such as 14,28") from None


def _draw(found: Comparison, folder: Path) -> None:
    from tenure.pipelines.report.definition_plot import plot_definitions  # draws, which only --out waits for

    svg = plot_definitions(
        found.judgements,
        limit=found.limits.false_churn,
        followed_days=found.plan.followed_days,
        chosen=found.choice.definition,
        good=found.choice.good,
    )
    (folder / PLOT).write_text(svg, encoding="utf-8")


def _table(found: Comparison) -> Group:
    plan, chosen = found.plan, found.choice
    table = Table(box=None, pad_edge=False, header_style="dim")
    missing = any(one.missed > 0 for one in found.judgements)
    titles = ["days", "active", "eligible", "lost", "rate", "come back", "noticed", *(["missed"] if missing else [])]
    for title in (*titles, "AUC", "silence"):
        table.add_column(title, justify="right", no_wrap=True, min_width=len(title))
    table.add_column("", min_width=9)
    for one in found.judgements:
        style = ("bold green" if chosen.good else "bold yellow") if one.definition == chosen.definition else None
        table.add_row(*_figures(one, missing=missing), _remarks(found, one), style=style)
    head = (
        f"{len(plan.judged)} dates from {plan.judged[0]} to {plan.judged[-1]}, {EVERY_DAYS} days apart. Come back: of "
        f"those lost, within {plan.followed_days} days of the date. Noticed: days after the last activity, mean of "
        f"{found.real_losses:,} real losses. AUC: ROC AUC of a small model; silence: of days since last alone."
    )
    parts: list[RenderableType] = [
        Text(definition(found.study.name, found.study.outcome), style="italic"),
        Text(head, style="dim"),
        table,
    ]
    parts += [Text(f"• {note}", style="yellow") for note in plan.notes]
    parts.append(Text(chosen.sentence, style="bold green" if chosen.good else "bold yellow"))
    return Group(*parts, Text(f"Rule: {rule(found.limits, plan)}", style="dim"))


def _figures(one: Judgement, *, missing: bool) -> list[str]:
    horizon, window = one.definition
    return [
        str(horizon),
        "ever" if window is None else str(window),
        f"{one.eligible:,.0f}",
        f"{one.lost:,.0f}",
        _percent(one.base_rate),
        _share(one.false_churn),
        "-" if math.isnan(one.mean_delay) else f"{one.mean_delay:.0f} d",
        *([_percent(one.missed)] if missing else []),
        _auc(one.roc_auc),
        _auc(one.recency_roc_auc),
    ]


def _remarks(found: Comparison, one: Judgement) -> str:
    remarks = list(one.against[:1])
    if one.definition == found.choice.definition:
        remarks = ["recommended" if found.choice.good else "least wrong"]
    if one.definition == found.plan.declared:
        remarks.insert(0, "declared")
    return ", ".join(remarks)


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.1%}"


def _share(found: Interval) -> str:
    if math.isnan(found.value):
        return "-"
    return f"{found.value:.0%}" + ("" if math.isnan(found.low) else f" ({100 * found.low:.0f}-{100 * found.high:.0f})")


def _auc(found: Interval) -> str:
    return "-" if math.isnan(found.value) else f"{found.value:.3f}"
