"""`tenure user`: who may log in."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Engine

from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.access.people import INVITED_DAYS, Person, PersonError, all_people, disable, invite
from tenure.pipelines.access.roles import MEANING, Role
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.cli.access import RoleOf, command_line
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now

PersonName = Annotated[str, typer.Argument(help="A name or e-mail address.")]

user = typer.Typer(help="People who log in to the desk and the panel.", no_args_is_help=True)


@user.command("add")
def add(name: PersonName, role: RoleOf, config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Invite somebody, or anew who forgot the password: prints the code with which they choose one at /welcome."""
    if role is Role.sender:
        raise PersonError("people read; for a program that only delivers, use `tenure key create NAME --role sender`")
    project = load_project(config)
    store = project_store(project)
    code = invite(store, name, role, now=now())
    _record(store, "user.add", all_people(store)[name.strip().lower()])
    if as_json:
        results.print_json(json.dumps({"name": name.strip().lower(), "role": role.value, "code": code}))
        return
    results.print(code, markup=False, soft_wrap=True)
    where = f"{(project.service.public_url or 'http://127.0.0.1:3000').rstrip('/')}/welcome"
    notes.print(
        f"{name} ({role}: {MEANING[role]}) chooses a password at {where} with the code above, within "
        f"{INVITED_DAYS} days; it is shown only now.",
        markup=False,
    )


@user.command("disable")
def disable_command(name: PersonName, config: Config = DEFAULT) -> None:
    """Let a person in no more; a running service ends the sessions within a second."""
    store = project_store(load_project(config))
    found = disable(store, name, now=now())
    _record(store, "user.disable", found)
    notes.print(f"disabled {found.name}", markup=False)


@user.command("list")
def list_people(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Show everybody who may or might log in."""
    found = list(all_people(project_store(load_project(config))).values())
    if as_json:
        results.print_json(json.dumps([_plain(one) for one in found]))
        return
    table = Table("name", "role", "knows them", "since", "state", box=None, pad_edge=False)
    for one in found:
        knows = "the provider" if one.origin == "oidc" else "a password"
        table.add_row(one.name, one.role, knows, f"{one.created_at:%Y-%m-%d}", _state(one))
    results.print(table)


def _state(one: Person) -> str:
    if one.disabled_at is not None:
        return f"disabled {one.disabled_at:%Y-%m-%d}"
    return f"invited until {one.invited_until:%Y-%m-%d %H:%M} UTC" if one.invited_until else "may log in"


def _plain(one: Person) -> dict[str, Any]:
    return {n: f"{v.isoformat()}Z" if isinstance(v, dt.datetime) else v for n, v in one._asdict().items()}


def _record(store: Engine, what: str, who: Person) -> None:
    at = now().astimezone(dt.UTC).replace(tzinfo=None)
    append_entries(store, [Entry(at, command_line(), what, detail={"name": who.name, "role": who.role.value})])
