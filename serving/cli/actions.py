"""`tenure actions`: contacts that were made, from a file, and the newest of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import typer
from rich.table import Table

from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.decisions.action import Action, Rejected
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.actions import Taken, newest_actions, take_actions
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import project_store
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, now

actions = typer.Typer(help="Contacts that were made on your own account.", no_args_is_help=True)

COLUMNS = (
    "action_id", "customer_id", "at", "outcome", "who", "channel", "playbook", "offer", "cost", "result", "list_id",
)  # fmt: skip
NEEDED = ("customer_id", "at")
LONGEST = {"action_id": 200, "customer_id": 200, "who": 200, "offer": 200, "playbook": 40}
SHOWN = 20


class ActionsRefused(ValueError):
    """The file is no table of actions."""


@actions.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A .csv or .parquet file, a row a contact.")],
    config: Annotated[Path, typer.Option("--project", help="The project file, or its folder.")] = DEFAULT,
    outcome: OutcomeName = None,
    as_json: AsJson = False,
) -> None:
    """Keep the contacts in a file; rows that cannot be kept are reported with the reason, the others are kept."""
    project = load_project(config)
    name, _ = project.outcome_named(outcome)
    rows = _rows(file)
    read = [_action(row, name) for row in rows]
    wanted = [one for one in read if isinstance(one, Action)]
    places = [place for place, one in enumerate(read) if isinstance(one, Action)]
    store, moment = project_store(project), now()
    taken = take_actions(store, project, wanted, now=moment, whole=False)
    unread = [Rejected(place, "unreadable", one) for place, one in enumerate(read) if isinstance(one, str)]
    rejected = sorted([*unread, *(one._replace(row=places[one.row]) for one in taken.rejected)])
    detail = {"actions": len(taken.kept), "known": taken.known, "contaminated": len(taken.contaminated)}
    entry = Entry(moment.astimezone(dt.UTC).replace(tzinfo=None), command_line(), "actions", detail=detail)
    append_entries(store, [entry])
    if as_json:
        told = {"rejected": [{"row": one.row + 1, "reason": one.kind, "why": one.why} for one in rejected]}
        results.print_json(json.dumps({**detail, **told}))
    else:
        _say(taken, rejected)
    if rejected:
        raise typer.Exit(1)


@actions.command("list")
def list_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many, the newest first.")] = SHOWN,
    as_json: AsJson = False,
) -> None:
    """Print the newest contacts that were kept."""
    project = load_project(config)
    chosen = None if outcome is None else project.outcome_named(outcome)[0]
    with reading(project_store(project)) as connection:
        found = newest_actions(connection, outcome=chosen, limit=most)
    if as_json:
        told = [{name: value for name, value in one._asdict().items() if name != "digest"} for one in found]
        results.print_json(json.dumps(told, default=lambda moment: f"{moment.isoformat()}Z"))
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("when (UTC)", "customer", "by", "channel", "result", "list", ""):
        table.add_column(name, overflow="fold", no_wrap=name in ("when (UTC)", ""))
    for one in found:
        number = "" if one.list_id is None else str(one.list_id)
        held = "held out" if one.held_out else ""
        cells = (
            f"{one.at:%Y-%m-%d %H:%M}",
            one.customer_id,
            one.who,
            one.channel or "",
            one.result or "",
            number,
            held,
        )
        table.add_row(*cells)
    results.print(table)


def _rows(file: Path) -> list[dict[str, Any]]:
    if file.suffix not in (".csv", ".parquet"):
        raise ActionsRefused(f"{file}: the name must end in .csv or .parquet, found {file.suffix or 'no ending'!r}")
    if not file.is_file():
        raise ActionsRefused(f"{file}: there is no such file")
    try:
        if file.suffix == ".parquet":
            table = pq.read_table(file)
        else:
            texts = pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in COLUMNS}, strings_can_be_null=True, null_values=[""]
            )
            table = pyarrow.csv.read_csv(file, convert_options=texts)
    except pa.ArrowException as error:
        raise ActionsRefused(f"{file}: cannot be read as {file.suffix[1:]}: {str(error).splitlines()[0]}") from error
    missing = [name for name in NEEDED if name not in table.column_names]
    unknown = [name for name in table.column_names if name not in COLUMNS]
    if missing or unknown:
        wrong = f"lacks the column {missing[0]!r}" if missing else f"has the unknown column {unknown[0]!r}"
        raise ActionsRefused(f"{file}: {wrong}; the columns are {', '.join(COLUMNS)}")
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _action(row: dict[str, Any], outcome: str) -> Action | str:
    """The action of a row, or what cannot be read in it."""
    given = {name: value for name, value in row.items() if value is not None and value != ""}
    for name in NEEDED:
        if name not in given:
            return f"{name} is empty"
    for name, most in LONGEST.items():
        value = given.get(name)
        if value is not None and (len(str(value)) > most or "\0" in str(value)):
            return f"{name} is longer than {most} letters, or has a NUL in it"
    texts = {name: str(given[name]) for name in COLUMNS if name in given and name not in ("at", "cost", "list_id")}
    try:
        moment = given["at"] if isinstance(given["at"], dt.datetime) else dt.datetime.fromisoformat(str(given["at"]))
    except ValueError:
        return f"at = {str(given['at'])[:40]!r} is not a time such as '2026-01-31T09:30:00Z'"
    if moment.tzinfo is None:
        return f"at = {str(given['at'])[:40]!r} has no offset from UTC; write it as '2026-01-31T09:30:00Z'"
    try:
        cost = None if "cost" not in given else float(given["cost"])
        number = None if "list_id" not in given else int(given["list_id"])
    except ValueError as error:
        return f"cost and list_id are numbers: {error}"
    if number is not None and not 0 < number < 1 << 31:
        return f"list_id = {number} is no number of a list"
    known: dict[str, Any] = {"outcome": outcome, "who": command_line()}
    return Action(**{**known, **texts, "at": moment.astimezone(dt.UTC), "cost": cost, "list_id": number})


def _say(taken: Taken, rejected: list[Rejected]) -> None:
    notes.print(f"{len(taken.kept):,} contacts are new, {taken.known:,} were known")
    if taken.contaminated:
        said = f"{len(taken.contaminated):,} were with people of the hold-out: they are kept, and blur what was saved"
        notes.print(f"[yellow]{said}[/]")
    for one in rejected[:SHOWN]:
        notes.print(f"  row {one.row + 1}: {one.why}", markup=False)
    if rejected:
        notes.print(f"[yellow]{len(rejected):,} rows were not kept[/]")
