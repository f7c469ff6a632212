"""`tenure saves`: how many customers were kept by being contacted, against those who were held out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from tenure.models.saves import Saves
from tenure.models.saves_groups import Group
from tenure.pipelines.decisions.saves import SavesReport, report_saves
from tenure.pipelines.decisions.saves_document import document, keep_saves
from tenure.pipelines.decisions.saves_words import looks, remarks, span
from tenure.serving.cli.console import results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project, parse_day

FIGURES = ("contacts", "left", "held out", "left", "kept", "value")
STYLES = {"kept": "bold green", "driven away": "bold red", "do not believe": "bold red"}


def saves_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    since: Annotated[str | None, typer.Option("--since", help="Only lists as of this day and later.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print how many were kept by being contacted, against those who were held out."""
    first = parse_day(since)
    opened = open_project(config, quiet=as_json)
    with step("comparing contacts with the hold-out", quiet=as_json) as work:
        report = report_saves(opened.study(outcome), opened.store, since=first)
        work.summary = f"compared {report.counted.measured:,} places on {len(report.lists)} lists"
    if first is None:
        keep_saves(opened.project, report)
    if as_json:
        results.print_json(json.dumps(document(report)))
    else:
        results.print(saves_table(report))


def saves_table(report: SavesReport) -> Lines:
    """The report as a person reads it: what may be said first, then how far it can be believed."""
    style = STYLES.get(report.verdict.name if report.verdict else "", "bold")
    parts: list[Text | Table] = [Text(report.sentence, style=style)]
    if report.lists:
        parts.append(_lists(report))
    for title, found in (("playbook", report.by_playbook), ("segment", report.by_segment)):
        if found:
            parts += [_groups(title, found), Text(looks(found), style="dim")]
    parts += [Text(one.text, style="red" if one.wrong else "dim") for one in remarks(report)]
    return Lines(*parts)


def _lists(report: SavesReport) -> Table:
    table = _table("list", "as of", *FIGURES)
    for one in report.lists:
        name = (str(one.list_id), str(one.as_of))
        if one.saves is not None:
            table.add_row(*name, *_figures(one.saves))
        else:
            says = "nobody to compare" if one.ripe else f"known on {one.ripe_on}"
            table.add_row(*name, f"{one.contacts:,}", "", f"{one.held_out:,}", "", says)
    if report.saves is not None:
        table.add_row("all", "", *_figures(report.saves), style="bold")
    return table


def _groups(title: str, found: Sequence[Group]) -> Table:
    table = _table(title, *FIGURES, "says")
    for one in found:
        table.add_row(one.name, *_figures(one.saves), one.verdict)
    return table


def _figures(found: Saves) -> list[str]:
    return [
        f"{found.contacts:,}",
        f"{found.rate_contacts:.1%}",
        f"{found.held_out:,}",
        f"{found.rate_held_out:.1%}",
        span(found.saved),
        "" if found.value is None else span(found.value),
    ]


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="left" if name in ("as of", "says") else "right")
    return table
