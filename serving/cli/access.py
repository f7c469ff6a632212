"""`tenure key` and `tenure audit`: who may ask, and who did."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Engine

from tenure.pipelines.access.audit import Entry, append_entries, read_entries, verify_chain
from tenure.pipelines.access.keys import Key, all_keys, create_key, revoke_key, rotate_key
from tenure.pipelines.access.roles import MEANING, Role
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now

KeyId = Annotated[str, typer.Argument(help="The id of a key: what stands between the two underscores.")]
Days = Annotated[float | None, typer.Option(min=0.001, help="Valid for so many days; left out: until revoked.")]
RoleOf = Annotated[Role, typer.Option(help="; ".join(f"{role}: {said}" for role, said in MEANING.items()))]

key = typer.Typer(help="Keys of programs that call the service.", no_args_is_help=True)


@key.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as zendesk.")],
    role: RoleOf,
    config: Config = DEFAULT,
    days: Days = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; it is shown only now. From the first key on, nobody is served without one."""
    store = project_store(load_project(config))
    made, text = create_key(store, name, role, now=now(), days=days)
    _record(store, "key.create", made)
    _tell(made, text, as_json)


@key.command("rotate")
def rotate(
    key_id: KeyId,
    config: Config = DEFAULT,
    days: Days = None,
    overlap_hours: Annotated[float, typer.Option(min=0.0, help="How long the old key goes on.")] = 24.0,
    as_json: AsJson = False,
) -> None:
    """Make a key in the place of another, which is valid for some hours more."""
    store = project_store(load_project(config))
    made, text = rotate_key(store, key_id, now=now(), days=days, overlap_hours=overlap_hours)
    _record(store, "key.rotate", made, instead_of=key_id)
    _tell(made, text, as_json)


@key.command("revoke")
def revoke(key_id: KeyId, config: Config = DEFAULT) -> None:
    """Make a key open nothing; a running service knows within a second."""
    store = project_store(load_project(config))
    found = revoke_key(store, key_id, now=now())
    _record(store, "key.revoke", found)
    notes.print(f"revoked {found.name}/{found.key_id}", markup=False)


@key.command("list")
def list_keys(config: Config = DEFAULT, as_json: AsJson = False) -> None:
    """Show all keys, without their secrets."""
    found = list(all_keys(project_store(load_project(config))).values())
    if as_json:
        results.print_json(json.dumps([_plain(one) for one in found]))
        return
    table = Table("id", "name", "role", "made", "valid", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.key_id, one.name, one.role, f"{one.created_at:%Y-%m-%d}", _validity(one))
    results.print(table)


def audit_command(
    config: Config = DEFAULT,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest entries to show.")] = 20,
    verify: Annotated[bool, typer.Option("--verify", help="Check the whole chain instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show who read, delivered, exported or changed what; or check that no entry was touched."""
    store = project_store(load_project(config))
    if verify:
        count, digest = verify_chain(store)
        if as_json:
            results.print_json(json.dumps({"entries": count, "digest": digest}))
        else:
            results.print(f"{count:,} entries, none touched; the last digest is {digest}", soft_wrap=True)
        return
    found = read_entries(store, last=last)
    if as_json:
        results.print_json(json.dumps([{**e._asdict(), "at": e.at.isoformat() + "Z"} for e in found]))
        return
    table = Table("at (UTC)", "who", "what", "of", "detail", box=None, pad_edge=False)
    for entry in found:
        detail = " ".join(f"{name}={value}" for name, value in (entry.detail or {}).items())
        table.add_row(f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.who, entry.what, entry.of or "", detail)
    results.print(table)


def command_line() -> str:
    """Who works at the command line, as the audit log names them."""
    return f"command line ({getpass.getuser()})"


def _tell(made: Key, text: str, as_json: bool) -> None:
    if as_json:
        results.print_json(json.dumps({**_plain(made), "key": text}))
        return
    results.print(text, markup=False, soft_wrap=True)
    notes.print(f"{made.role}: {MEANING[made.role]}. Keep the line above: it is shown only now.", markup=False)


def _record(store: Engine, what: str, made: Key, **detail: Any) -> None:
    at = now().astimezone(dt.UTC).replace(tzinfo=None)
    about = {"key": made.key_id, "name": made.name, "role": made.role.value, **detail}
    append_entries(store, [Entry(at, command_line(), what, detail=about)])


def _plain(one: Key) -> dict[str, Any]:
    held = {name: value for name, value in one._asdict().items() if name != "hash"}
    return {n: f"{v.isoformat()}Z" if isinstance(v, dt.datetime) else v for n, v in held.items()}


def _validity(one: Key) -> str:
    if one.revoked_at is not None:
        return f"revoked {one.revoked_at:%Y-%m-%d}"
    return "until revoked" if one.expires_at is None else f"until {one.expires_at:%Y-%m-%d %H:%M} UTC"
