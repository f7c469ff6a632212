"""`tenure monitor`: whether what comes in, what is said of it and what became of it are as they should be."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenure.pipelines.monitor.finding import LEVELS, Finding
from tenure.pipelines.monitor.run import Monitored, keep, last_midnight, monitor
from tenure.serving.cli.console import results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, now, open_project, parse_day

STYLES = {"alarm": "bold red", "watch": "yellow", "ok": "green"}


def monitor_command(
    config: Config = DEFAULT,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Look as of the midnight that begins this date; left out: today.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for monitor.json and monitor.html with its plots.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Print what is as it should be too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look whether inputs, features, scores and their quality are as they should be; 1 where something is alarming."""
    day = parse_day(as_of)
    opened = open_project(config, quiet=as_json)
    with step("looking at what came in", quiet=as_json) as work:
        day = day or last_midnight(opened.project, opened.snapshot, today=_today(opened))
        studies = [opened.study(name) for name in opened.project.outcome]
        found = monitor(opened.project, opened.snapshot, opened.store, studies, as_of=day)
        keep(found, opened.store, now=now())
        work.summary = f"looked at {len(found.findings)} things as of {day}"
    if as_json:
        results.print_json(json.dumps(found.to_json()))
    else:
        results.print(findings_table(found, everything=everything))
    if found.level == "alarm":
        raise typer.Exit(1)


def findings_table(found: Monitored, *, everything: bool) -> Group:
    """The findings, the worst first, and how many are as they should be."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("level", "what", "of", "found"):
        table.add_column(name, overflow="fold")
    shown = [one for one in found.findings if everything or one.level != "ok"]
    for one in sorted(shown, key=lambda one: -LEVELS.index(one.level)):
        table.add_row(Text(one.level, style=STYLES[one.level]), one.check, one.subject, said(one))
    fine = sum(one.level == "ok" for one in found.findings)
    closing = f"{fine} of {len(found.findings)} things looked at as of {found.as_of} are as they should be"
    return Group(*([table] if shown else []), Text(closing, style=STYLES[found.level]))


def said(one: Finding) -> Text:
    """A finding's sentence, and below it what it may mean."""
    return Text(one.sentence) + (Text(f"\n{one.cause}", style="dim") if one.cause else Text(""))


def _today(opened: Opened) -> dt.date:
    return now().astimezone(ZoneInfo(opened.project.timezone)).date()
