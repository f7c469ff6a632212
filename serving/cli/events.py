"""`tenure event`: launches and changes of policy, noted so that what changes with them is understood."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.noted_events import all_events, note_event
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now, parse_day

event = typer.Typer(help="Note what happened, so that what changes with it is understood.", no_args_is_help=True)


@event.command("add")
def add_event(
    name: Annotated[str, typer.Argument(help="What happened, in a few words.")],
    config: Config = DEFAULT,
    on: Annotated[str, typer.Option("--on", help="The first day of it.")] = "",
    until: Annotated[str | None, typer.Option("--until", help="The last day of it; left out: the first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Note an event: it is drawn on the plots of `tenure monitor` and named as likely cause."""
    first = parse_day(on or None)
    if first is None:
        raise typer.BadParameter("--on is missing: the first day of the event, such as 2025-03-01")
    last = parse_day(until) or first
    number = note_event(project_store(load_project(config)), name, day=first, until=last, now=now())
    if as_json:
        results.print_json(json.dumps({"event": number, "name": name, "on": str(first), "until": str(last)}))
    else:
        notes.print(f"noted {name!r} on {first}" + (f" until {last}" if last != first else ""), markup=False)


@event.command("list")
def list_events(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Print all events that were noted, by their day."""
    with reading(project_store(load_project(config))) as connection:
        found = all_events(connection)
    if as_json:
        told = [{"event": e.event_id, "name": e.name, "on": str(e.day), "until": str(e.until)} for e in found]
        results.print_json(json.dumps(told))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("on", "until", "what"):
        table.add_column(title, overflow="fold")
    for one in found:
        table.add_row(str(one.day), "" if one.until == one.day else str(one.until), one.name)
    results.print(table)
