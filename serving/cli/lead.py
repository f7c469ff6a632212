"""`tenure lead`: what acting some days earlier costs, and how many days ahead to act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tenure.models.bootstrap import PROFIT
from tenure.pipelines.proof.lead import DAYS, ON_THE_DAY, REACHED, RECENCY, Lead, lead_study
from tenure.pipelines.proof.lead_document import document, keep
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.costs import AtReport, dates_to_test, span, whole_numbers, write_costs
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project
from tenure.serving.cli.proof import Origins, Sample, note_look

Days = Annotated[str, typer.Option("--days", help="Days ahead to try: 7,14,28.")]
Out = Annotated[Path | None, typer.Option("--out", help="A folder for lead.json and lead.svg.")]


def lead_command(
    config: Config = DEFAULT,
    days: Days = ",".join(map(str, DAYS)),
    outcome: OutcomeName = None,
    origin: Origins = [],  # noqa: B006 (typer wants a list)
    report: AtReport = False,
    sample: Sample = 1.0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Test lists made 7, 14 and 28 days before a date against one of the day, and say when to act."""
    leads = whole_numbers(days, option="--days", of="days", such_as="7,14,28")
    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome, sample=sample)
    origins = dates_to_test(study, origin, report=report)
    with step(f"testing {len(leads) + 1} leads at {len(origins)} past dates", quiet=as_json) as work:
        found = lead_study(study, origins, days=leads, progress=work.progress)
        work.summary = f"tested {len(leads) + 1} leads at {len(found.origins)} past dates"
    content = document(found)
    keep(content, study)
    note_look(opened, study, list(found.origins), {"lead": content["act_days_ahead"]})
    if out is not None:
        from tenure.pipelines.report.lead_plot import plot_lead  # draws, which only --out waits for

        write_costs(content, plot_lead(content), out, "lead")
    if as_json:
        results.print_json(json.dumps(content))
        return
    results.print(_table(found, content))
    if out is not None:
        notes.print(f"{out / 'lead.json'}   {out / 'lead.svg'}", soft_wrap=True)


def _table(found: Lead, content: dict[str, Any]) -> Group:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("ahead", "right %", "difference", "ROC AUC", "difference", "profit", ""):
        table.add_column(title, justify="right", no_wrap=True)
    for name in (ON_THE_DAY, *map(str, found.days), RECENCY):
        values, ahead = found.drawn.values[name], name not in (ON_THE_DAY, RECENCY)
        costly = ahead and found.too_costly(int(name))
        table.add_row(
            name,
            f"{100 * values['precision_at_capacity']:.1f}",
            span(found.cost(int(name), "precision_at_capacity"), digits=1, scale=100) if ahead else "",
            f"{values[REACHED]:.3f}",
            span(found.cost(int(name), REACHED)) if ahead else "",
            f"{values[PROFIT]:,.0f}",
            "too costly" if costly else "",
            style="yellow" if costly else None,
        )
    parts: list[RenderableType] = [table, Text(content["said"], style="bold")]
    parts += [Text(said, style="dim") for said in _remarks(found)]
    return Group(*parts)


def _remarks(found: Lead) -> list[str]:
    """Who is compared and who is not, and which dates are left out."""
    counts, dates = found.counts, "1 date" if len(found.origins) == 1 else f"{len(found.origins)} dates"
    said = [f"{counts.compared:,} compared at {dates}, to {counts.positives:,} of whom it happened."]
    if counts.missed:
        areas = (f"{found.drawn.values[name]['roc_auc']:.3f}" for name in (ON_THE_DAY, *map(str, found.days)))
        said.append(
            f"Missed at every lead: {counts.missed:,} of them, to whom it happened before the window began. With them "
            f"at the bottom of every ranking ROC AUC is {', '.join(areas)}."
        )
    if counts.gone:
        said.append(f"Left out: {counts.gone:,} who were asked about {found.days[-1]} days ahead and later no more.")
    if counts.came:
        said.append(f"Not compared: {counts.came:,} asked about on the day whom an earlier list could not have named.")
    if counts.unknown:
        said.append(f"Left out: {counts.unknown:,} of whom nobody can say what happened, or whom a contact reached.")
    if found.left_out:
        said.append(f"Left out, for want of history: {', '.join(map(str, found.left_out))}")
    return said
