"""`tenure export`, `erase` and `object`: what is held on one person is told, goes, or is no longer scored."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Engine

from tenure.pipelines.access.audit import Entry, Pseudonyms, append_entries
from tenure.pipelines.privacy.erasing import Reason, erase, find_person
from tenure.pipelines.privacy.held import held_on
from tenure.pipelines.privacy.receipt import in_words
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.external_ids import customer_called
from tenure.pipelines.store.objections import take_objection, withdraw_objection
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now

Customer = Annotated[str, typer.Argument(help="The customer's id.")]
Source = Annotated[str | None, typer.Option("--source", help="Whose id it is; left out: our own.")]


def export_command(
    customer: Customer,
    config: Config = DEFAULT,
    source: Source = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; left out: standard output.")] = None,
) -> None:
    """Write everything that is held on one person as JSON: what they have a right to see."""
    project = load_project(config)
    store = project_store(project)
    name = called(store, source, customer)
    held = held_on(project, store, name, now=now())
    record(project, store, "held", name)
    text = json.dumps(held, indent=1, ensure_ascii=False)
    if out is None:
        results.print(text, markup=False, soft_wrap=True)
        return
    out.write_text(text + "\n", encoding="utf-8")
    out.chmod(0o600)
    notes.print(f"{out}: everything that is held on them, readable by you alone", markup=False)


def erase_command(
    customer: Customer,
    config: Config = DEFAULT,
    source: Source = None,
    reason: Annotated[Reason, typer.Option(help="The ground of the erasure; there is no free text.")] = Reason.request,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person from everything that was built here, for good, and print the receipt."""
    project = load_project(config)
    store = project_store(project)
    name = called(store, source, customer)
    if not yes:
        typer.confirm(f"erase {name} from {project.name}, for good?", abort=True, err=True)
    with step("erasing", quiet=as_json) as work:
        receipt = erase(project, store, name, who=command_line(), reason=reason, now=now(), say=work.say)
        work.summary = f"erased {receipt['of']}"
    record(project, store, "erase", name, receipt=receipt["digest"])
    if as_json:
        results.print_json(json.dumps(receipt))
        return
    results.print(_removed(receipt))
    for said in in_words(receipt):
        notes.print(said, markup=False)
    results.print(f"receipt {receipt['digest']}", markup=False)


def object_command(
    customer: Customer,
    config: Config = DEFAULT,
    source: Source = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the objection back.")] = False,
    as_json: AsJson = False,
) -> None:
    """Note that a person objects to profiling: neither scored nor trained on from now on."""
    project = load_project(config)
    store = project_store(project)
    name = called(store, source, customer)
    customers = find_person(project, store, name).customers
    if withdraw:
        count = withdraw_objection(store, customers)
        said = "taken back; the next score set has them again" if count else "there was no objection"
    else:
        count = take_objection(store, customers, who=command_line(), now=now())
        said = f"noted; {count:,} scores are gone, and the next training is without them"
    record(project, store, "object.withdraw" if withdraw else "object", name)
    if as_json:
        results.print_json(json.dumps({"customer_id": name, "objects": not withdraw, "changed": count}))
    else:
        notes.print(said)


def called(store: Engine, source: str | None, customer: str) -> str:
    """Our own name for a customer whom a source may call otherwise."""
    if source is None:
        return customer
    with reading(store) as connection:
        return customer_called(connection, source, customer) or f"{source}:{customer}"


def record(project: Project, store: Engine, what: str, of: str, **detail: Any) -> None:
    """Note in the audit log what was done about a person, who is named there by a hash."""
    at = now().astimezone(dt.UTC).replace(tzinfo=None)
    named = Pseudonyms(project.data).of(of)
    append_entries(store, [Entry(at, command_line(), what, named, detail or None)])


def _removed(receipt: dict[str, Any]) -> Table:
    table = Table("where", "what", "removed", box=None, pad_edge=False, header_style="dim")
    table.columns[2].justify = "right"
    removed = receipt["removed"]
    places = [("store", removed["store"]), *((f"snapshot {name}", found) for name, found in removed["lake"].items())]
    for place, found in (*places, ("files", removed["files"])):
        for what, count in found.items():
            table.add_row(place, what, f"{count:,}")
    return table
