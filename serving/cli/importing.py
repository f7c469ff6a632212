"""`tenure import`: the export of a support tool becomes a feed, and the project file learns of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from tenure.pipelines.importers.blocks import add_blocks, source_blocks
from tenure.pipelines.importers.chatwoot.export import TOOL as CHATWOOT
from tenure.pipelines.importers.mapped.mapping import load_mapping
from tenure.pipelines.importers.ours import PREFIXES, Ours
from tenure.pipelines.importers.people import KEYS, Key
from tenure.pipelines.importers.report import ImportReport
from tenure.pipelines.importers.rt.export import TOOL as RT
from tenure.pipelines.importers.run import import_export, import_mapped
from tenure.pipelines.importers.tool import Reading, Tool
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import AsJson

importing = typer.Typer(help="The export of a support tool becomes sources of a project.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="The folder that holds the export.")]
ProjectFile = Annotated[
    Path | None, typer.Option("--project", help="The project file that gets the sources it lacks; left out: printed.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Where the feed is kept; left out: feeds/NAME beside the project file.")
]
FeedName = Annotated[str | None, typer.Option("--name", help="The name of the source; left out: that of the tool.")]
Customer = Annotated[
    str,
    typer.Option("--customer", help="What a customer is called by: external_id, email or id; the next where absent."),
]
Zone = Annotated[str | None, typer.Option("--timezone", help="The zone of times in the export that name none.")]
OwnPrefix = Annotated[
    list[str] | None, typer.Option("--own", help="How tags and fields begin that Tenure writes into the tool.")
]
OwnField = Annotated[list[str] | None, typer.Option("--own-field", help="The tool's id of a field that Tenure writes.")]
MappingPath = Annotated[Path, typer.Option("--mapping", help="The mapping file.")]


@importing.command("zendesk")
def zendesk_command(
    folder: Folder,
    project: ProjectFile = None,
    out: Out = None,
    name: FeedName = None,
    customer: Customer = "external_id",
    own: OwnPrefix = None,
    own_field: OwnField = None,
    as_json: AsJson = False,
) -> None:
    """Import a Zendesk export: JSON with audits or ticket events, or the CSV tables of Fivetran."""
    _import_tool(ZENDESK, folder, project, out, name, customer, _reading(None, own, own_field), as_json)


@importing.command("chatwoot")
def chatwoot_command(
    folder: Folder,
    project: ProjectFile = None,
    out: Out = None,
    name: FeedName = None,
    customer: Customer = "external_id",
    own: OwnPrefix = None,
    own_field: OwnField = None,
    as_json: AsJson = False,
) -> None:
    """Import a Chatwoot export: conversations, messages and contacts as JSON, and a log of webhooks."""
    _import_tool(CHATWOOT, folder, project, out, name, customer, _reading(None, own, own_field), as_json)


@importing.command("rt")
def rt_command(
    folder: Folder,
    project: ProjectFile = None,
    out: Out = None,
    name: FeedName = None,
    customer: Customer = "external_id",
    timezone: Zone = None,
    own: OwnPrefix = None,
    own_field: OwnField = None,
    as_json: AsJson = False,
) -> None:
    """Import a Request Tracker 5 export: tickets, histories, attachments and users as JSON, or a TSV of tickets."""
    _import_tool(RT, folder, project, out, name, customer, _reading(timezone, own, own_field), as_json)


@importing.command("mapped")
def mapped_command(
    folder: Folder,
    mapping: MappingPath,
    project: ProjectFile = None,
    out: Out = None,
    customer: Customer = "external_id",
    timezone: Zone = None,
    own: OwnPrefix = None,
    own_field: OwnField = None,
    as_json: AsJson = False,
) -> None:
    """Import CSV, JSON or lines of JSON of any tool, by a mapping file."""
    rules = load_mapping(mapping)
    reading = _reading(timezone, own, own_field)
    target = out or _beside(project) / "feeds" / rules.name

    def work(progress: Callable[[str], None]) -> ImportReport:
        return import_mapped(folder, rules, out=target, reading=reading, key=_key(customer), progress=progress)

    _run(work, rules.name, "mapped", project, as_json)


def _import_tool(
    tool: Tool,
    folder: Path,
    project: Path | None,
    out: Path | None,
    name: str | None,
    customer: str,
    reading: Reading,
    as_json: bool,
) -> None:
    called = name or tool.name
    target = out or _beside(project) / "feeds" / called

    def work(progress: Callable[[str], None]) -> ImportReport:
        return import_export(
            folder, tool, out=target, name=called, reading=reading, key=_key(customer), progress=progress
        )

    _run(work, called, tool.name, project, as_json)


def _run(
    work: Callable[[Callable[[str], None]], ImportReport],
    name: str,
    command: str,
    project: Path | None,
    as_json: bool,
) -> None:
    with step(f"importing {name}", quiet=as_json) as bar:
        report = work(bar.say)
        bar.summary = f"{sum(report.kinds.values()):,} interactions of {report.cases:,} cases"
    blocks = source_blocks(report.feed, name=name, command=command, root=_beside(project).resolve())
    if not report.profiles:
        del blocks[f"{name}_profiles"]
    added = add_blocks(project, blocks) if project else []
    if as_json:
        results.print_json(json.dumps(_content(report) | {"sources": list(blocks), "added": added}))
        return
    _describe(report)
    if project is None:
        results.print("\n".join(blocks.values()), markup=False, soft_wrap=True)
    elif added:
        notes.print(f"added to {project}: {', '.join(added)}")
    else:
        notes.print(f"{project} knows these sources already")


def _describe(report: ImportReport) -> None:
    entered = report.entered
    notes.print("  ".join(f"{kind} {count:,}" for kind, count in report.kinds.items()), markup=False)
    notes.print(
        f"{entered.new:,} rows are new, {entered.held:,} were there, {entered.changed:,} changed without a date, "
        f"{entered.withdrawn:,} withdrawn"
    )
    share = "-" if report.matched_share is None else f"{report.matched_share:.1%}"
    notes.print(f"{report.people:,} customers, {share} of them known by an id of ours or an address")
    for reason, count in report.skipped.items():
        notes.print(f"  {count:,} x no interaction: {reason}", markup=False)
    for reason, count in report.quarantined.items():
        notes.print(f"  {count:,} x in quarantine: {reason}", markup=False)
    if report.quarantined:
        notes.print(f"quarantine: {report.feed.quarantine}", markup=False)


def _content(report: ImportReport) -> dict[str, Any]:
    content = asdict(report) | {"matched_share": report.matched_share}
    return content | {"feed": str(report.feed.folder)}


def _beside(project: Path | None) -> Path:
    if project is None:
        return Path()
    return project if project.is_dir() else project.parent


def _reading(timezone: str | None, own: list[str] | None, own_field: list[str] | None) -> Reading:
    return Reading(Ours(tuple(own) if own else PREFIXES, frozenset(own_field or ())), timezone)


def _key(name: str) -> Key:
    for key in KEYS:
        if key == name:
            return key
    raise typer.BadParameter(f"{name!r} is none of {', '.join(KEYS)}", param_hint="--customer")
