"""`tenure init` and `tenure check`: a project file, and what the data look like before anything is trained."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.inspection.check import CheckReport
from tenure.pipelines.inspection.check import check as look_at
from tenure.pipelines.inspection.guess import guess_project
from tenure.pipelines.inspection.template import blank_project
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.proof.positives import Positives, positives
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project


class FileExists(FileExistsError):
    """A project file is there already and is not overwritten."""


def init(
    path: Annotated[Path, typer.Argument(help="The project file to write.")] = DEFAULT,
    source: Annotated[Path | None, typer.Option("--from", help="A CSV file whose columns are to be guessed.")] = None,
) -> None:
    """Write a commented project file; with --from its mapping is guessed from a CSV file."""
    if path.exists():
        raise FileExists(f"{path} exists already and is left as it is; give another name, or edit it")
    text = blank_project() if source is None else guess_project(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    results.print(str(path))
    notes.print(f"next: read it, then `tenure check {path}`")


def check(config: Config = DEFAULT, outcome: OutcomeName = None, as_json: AsJson = False) -> None:
    """Show counts, spans, watermark, matched shares and positives per origin, before anything is trained."""
    opened = open_project(config, quiet=as_json)
    report = look_at(opened.project, opened.snapshot)
    names = [outcome] if outcome else list(opened.project.outcome)
    found: dict[str, list[Positives]] = {}
    for name in names:
        study = opened.study(name)
        with step(f"counting positives of {name}", quiet=as_json) as work:
            found[study.name] = positives(study, report_origins(study))
            work.summary = definition(study.name, study.outcome)
    if as_json:
        content = asdict(report) | {"positives": {n: [asdict(p) for p in rows] for n, rows in found.items()}}
        results.print_json(json.dumps(content, default=str))
        return
    results.print(_sources(report))
    results.print(f"watermark {report.watermark}: everything before it is known", style="bold")
    kinds = "  ".join(f"{kind} {count:,}" for kind, count in report.kinds.items())
    results.print(f"kinds  {kinds}", markup=False)
    for name, rows in found.items():
        results.print(_positives(name, rows))
    for note in report.notes:
        results.print(Text(f"• {note}", style="yellow"))


def _sources(report: CheckReport) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="dim")
    table.add_column("source", overflow="fold")
    dropped = any(source.suppressed for source in report.sources)
    for title, width in (("rows", 5), ("in quarantine", 10), *([("suppressed", 10)] if dropped else [])):
        table.add_column(title, justify="right", min_width=width)
    for title in ("first", "last", "complete until"):
        table.add_column(title, min_width=len("2024-12-31"))
    table.add_column("matched", justify="right", min_width=len("matched"))
    for source in report.sources:
        table.add_row(
            source.name if source.into == "interactions" else f"{source.name} ({source.into})",
            f"{source.rows:,}",
            f"{sum(source.quarantined.values()):,}",
            *([f"{source.suppressed:,}"] if dropped else []),
            _day(source.first),
            _day(source.last),
            str(source.complete_until),
            "-" if source.matched_share is None else f"{source.matched_share:.1%}",
        )
    return table


def _positives(name: str, rows: list[Positives]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in (f"{name}: origin", "eligible", "positives", "share"):
        table.add_column(title, justify="left" if title.startswith(name) else "right")
    for row in rows:
        share = "-" if not row.eligible or row.positives is None else f"{row.positives / row.eligible:.1%}"
        count = "not over yet" if row.positives is None else f"{row.positives:,}"
        table.add_row(str(row.as_of), f"{row.eligible:,}", count, share)
    if not rows:
        table.add_row("the data are too short for an origin", "", "", "")
    return table


def _day(moment: Any) -> str:
    return "-" if moment is None else str(moment)[:10]
