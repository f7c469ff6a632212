"""`tenure saves`: how many customers were kept by being contacted, against those who were held out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group as Lines
from rich.table import Table
from rich.text import Text

from tenure.models.saves import Estimate, Saves
from tenure.models.saves_groups import Group
from tenure.models.trust import Balance, Contamination, Ratio
from tenure.pipelines.decisions.saves import Counted, ListSaves, SavesReport, report_saves
from tenure.pipelines.decisions.saves_document import document, keep_saves
from tenure.serving.cli.console import results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project, parse_day

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
            parts += [_groups(title, found), Text(_looks(found), style="dim")]
    parts += [Text(line, style="red" if wrong else "dim") for line, wrong in _trust(report)]
    return Lines(*parts)


def _lists(report: SavesReport) -> Table:
    table = _table("list", "as of", "contacts", "held out", "left", "held out left", "kept", "value")
    for one in report.lists:
        table.add_row(str(one.list_id), str(one.as_of), f"{one.contacts:,}", f"{one.held_out:,}", *_told(one))
    if report.saves is not None:
        found = report.saves
        table.add_row("all", "", f"{found.contacts:,}", f"{found.held_out:,}", *_figures(found), style="bold")
    return table


def _told(one: ListSaves) -> list[str]:
    if one.saves is not None:
        return _figures(one.saves)
    return ["", "", f"known on {one.ripe_on}" if not one.ripe else "nobody to compare", ""]


def _groups(title: str, found: Sequence[Group]) -> Table:
    table = _table(title, "contacts", "held out", "left", "held out left", "kept", "value", "says")
    for one in found:
        counts = (f"{one.saves.contacts:,}", f"{one.saves.held_out:,}")
        table.add_row(one.name, *counts, *_figures(one.saves), one.verdict)
    return table


def _figures(found: Saves) -> list[str]:
    return [
        f"{found.rate_contacts:.1%}",
        f"{found.rate_held_out:.1%}",
        span(found.saved),
        "" if found.value is None else span(found.value),
    ]


def span(found: Estimate, *, digits: int = 0) -> str:
    """A figure and its interval.

    >>> span(Estimate(12.34, -1.2, 25.9, 7.0))
    '12 (-1 to 26)'
    """
    value, low, high = (f"{round(part, digits) + 0.0:,.{digits}f}" for part in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


def _looks(found: Sequence[Group]) -> str:
    looked = sum(one.p_value is not None for one in found)
    return (
        f"Of {looked} groups one may stand out by chance: each says something only where it does so for all {looked}."
    )


def _trust(report: SavesReport) -> list[tuple[str, bool]]:
    lines: list[tuple[str, bool]] = []
    if report.saves is not None:
        lines.append((_per_hundred(report.saves), False))
    lines += [_ratio(one) for one in report.ratios]
    if report.balance is not None:
        lines.append(_balance(report.balance))
    if report.lists:
        lines.append(_contamination(report.contamination))
    return [*lines, *((line, False) for line in _counted(report.counted, report))]


def _per_hundred(found: Saves) -> str:
    asked = f"Of 100 who are to be contacted {span(found.effect.times(100), digits=1)} are kept"
    if found.on_contacted is None:
        return f"{asked}."
    return f"{asked}; of 100 who in fact are, {span(found.on_contacted.times(100), digits=1)}."


def _ratio(one: Ratio) -> tuple[str, bool]:
    says = "the sample ratio is wrong" if one.wrong else "the sample ratio is as drawn"
    shown = f"{one.held_out:,} of {one.people:,} people held out, {one.share:.0%} were to be: {says}"
    return f"{shown} (p = {one.p_value:.2g}).", one.wrong


def _balance(one: Balance) -> tuple[str, bool]:
    says = "the arms are not alike" if one.wrong else "the arms are alike"
    shown = f"Predicted risk {one.held_out:.1%} held out, {one.contacts:.1%} to be contacted: {says}"
    return f"{shown} ({one.difference:+.2f} standard deviations, p = {one.p_value:.2g}).", one.wrong


def _contamination(one: Contamination) -> tuple[str, bool]:
    shown = f"{one.held_out_contacted:,} of {one.held_out:,} held out were contacted all the same"
    return f"{shown}; {one.not_contacted:,} of {one.contacts:,} to be contacted were not.", False


def _counted(counted: Counted, report: SavesReport) -> list[str]:
    said = {
        f"were too early (more on {report.next_ripe})": counted.too_early,
        "have an outcome nobody can say": counted.unknown,
        "are of people who are never held out": counted.never_held_out,
        "are on lists without a hold-out": counted.without_draw,
        "were on an earlier list of the same period": counted.repeated,
    }
    left_out = [f"{count:,} {what}" for what, count in said.items() if count]
    return [f"Left out, of places on lists: {'; '.join(left_out)}."] if left_out else []


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="left" if name in ("as of", "says") else "right")
    return table
