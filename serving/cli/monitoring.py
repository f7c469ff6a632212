"""`tenure monitor`: whether what comes in, what is said of it and what became of it are as they should be."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tenure.pipelines.monitor.finding import LEVELS, Finding
from tenure.pipelines.monitor.run import Monitored, keep, last_midnight, monitor
from tenure.pipelines.registry import Registry, registry_file
from tenure.pipelines.settings.project import Project
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, Opened, now, open_project, parse_day

PAGE, DATA = "monitor.html", "monitor.json"
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
    found = look(opened, as_of=day, out=out, quiet=as_json)
    if as_json:
        results.print_json(json.dumps(found.to_json()))
    else:
        results.print(findings_table(found, everything=everything))
        if out is not None:
            notes.print(f"{out / PAGE}   {out / DATA}", soft_wrap=True)
    if found.level == "alarm":
        raise typer.Exit(1)


def look(opened: Opened, *, as_of: dt.date | None = None, out: Path | None = None, quiet: bool = False) -> Monitored:
    """Look at everything as of a midnight (left out: the last), keep what is found, and log it as a run of MLflow.

    The report is written into `out` where that is given. A project without a registry has nothing to log to.
    """
    project = opened.project
    with step("looking whether all is well", quiet=quiet) as work:
        today = now().astimezone(ZoneInfo(project.timezone)).date()
        day = as_of or last_midnight(project, opened.snapshot, today=today)
        studies = [opened.study(name) for name in project.outcome]
        found = monitor(project, opened.snapshot, opened.store, studies, as_of=day)
        keep(found, opened.store, now=now())
        if out is not None or registry_file(project.data).is_file():
            _report(project, found, out)
        work.summary = f"looked at {len(found.findings)} things as of {day}"
    return found


def _report(project: Project, found: Monitored, out: Path | None) -> None:
    """Write the report, log it where there is a registry, and leave a copy in `out`."""
    from tenure.pipelines.report.monitor_page import write_monitor  # draws

    with tempfile.TemporaryDirectory(prefix="tenure-monitor-") as scratch:
        folder = Path(scratch)
        write_monitor(found, folder)
        if registry_file(project.data).is_file():
            about = {"as_of": str(found.as_of), "level": found.level, "snapshot": found.snapshot_id}
            name = f"{project.name} monitor"
            Registry(project.data).record(name, metrics=metrics(found), tags=about, documents=folder)
        if out is not None:
            shutil.copytree(folder, out, dirs_exist_ok=True)


def metrics(found: Monitored) -> dict[str, float]:
    """The findings as numbers: how many are of each level, and the value of each."""
    counts = {f"findings.{level}": float(sum(one.level == level for one in found.findings)) for level in LEVELS}
    return counts | {f"{one.check}.{one.subject}": one.value for one in found.findings if one.value is not None}


def findings_table(found: Monitored, *, everything: bool = False) -> Group:
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
