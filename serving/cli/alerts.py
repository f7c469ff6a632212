"""`tenure alerts`: who was told of whom, and the digests of a day."""

from __future__ import annotations

import datetime as dt
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import Engine

from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.alerts.raising import today_of
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alerts import Alert, Wanted, listed_alerts
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.digests import digests_of, make_digests
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.score_sets import published_set
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, now, parse_day
from tenure.serving.digests import Letter, letter_of, write_letters
from tenure.serving.mailing import Sent, send_digests
from tenure.serving.telling import in_words


class KindName(StrEnum):
    """What raises an alert."""

    level = "level"
    drop = "drop"
    baseline = "baseline"


class NoAlerts(LookupError):
    """The project file asks for no alerts, or there are none of that day yet."""


alerts = typer.Typer(help="Who entered a state that people should hear of.", no_args_is_help=True)


@alerts.command("list")
def list_command(
    config: Config = DEFAULT,
    kind: Annotated[KindName | None, typer.Option(help="Of this kind alone.")] = None,
    owner: Annotated[str | None, typer.Option(help='Of this owner alone; "" is nobody.')] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Print alerts, the newest first."""
    project = load_project(config)
    with reading(project_store(project)) as connection:
        found = listed_alerts(connection, Wanted(kind=None if kind is None else kind.value, owner=owner), limit=limit)
    if as_json:
        results.print_json(json.dumps([_record(one) for one in found]))
        return
    table = Table("at (UTC)", "customer", "what", "owner", "sent", box=None, pad_edge=False)
    for one in found:
        sent = f"{one.sent_at:%Y-%m-%d %H:%M}" if one.sent_at else ""
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", one.customer_id, in_words(one), one.owner or "", sent)
    results.print(table)


@alerts.command("digest")
def digest_command(
    config: Config = DEFAULT,
    date: Annotated[str | None, typer.Option("--date", help="Of this day; left out: today.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write a text and a page for every owner here.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Send them by [alerts.smtp], each once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the digests of a day: for every owner those who entered anything since the digest before."""
    project = load_project(config)
    store = project_store(project)
    newest = today(project, store)
    day = parse_day(date) or newest
    if day > newest:
        raise typer.BadParameter(f"{day} is not over; the newest digest is that of {newest}")
    letters = digests_made(project, store, day)
    if out is not None:
        write_letters(letters, out)
    sent = _sent(project, store, day) if send else None
    _on_record(store, day, letters, "mail" if send else "files" if out is not None else "terminal")
    if as_json:
        results.print_json(json.dumps({"day": day.isoformat(), **_told(letters, sent)}))
    elif out is None and not send:
        for letter in letters:
            results.print(letter.text, markup=False, soft_wrap=True)
    if not as_json:
        notes.print(in_short(letters, sent), markup=False)
    if sent is not None and sent.waiting:
        raise typer.Exit(1)


def digests_of_today(project: Project, store: Engine) -> str | None:
    """Make and hand out the digests of today as the project file says, and say so; None where it asks for none."""
    if project.alerts is None:
        return None
    day = today(project, store)
    letters = digests_made(project, store, day)
    ways = []
    if project.alerts.folder is not None:
        write_letters(letters, project.root / project.alerts.folder / day.isoformat())
        ways.append("files")
    sent = None
    if project.alerts.smtp is not None:
        sent = _sent(project, store, day)
        ways.append("mail")
    if ways:
        _on_record(store, day, letters, " and ".join(ways))
    return in_short(letters, sent)


def digests_made(project: Project, store: Engine, day: dt.date) -> list[Letter]:
    """The letters of a day, made now where they were not yet."""
    if project.alerts is None:
        raise NoAlerts("the project file has no section [alerts]; with one, alerts are raised from the next scores on")
    make_digests(store, day=day, now=now())
    with reading(store) as connection:
        return [letter_of(connection, project, one) for one in digests_of(connection, day)]


def today(project: Project, store: Engine) -> dt.date:
    """The project's day; raises `NoAlerts` where nothing was scored yet."""
    with reading(store) as connection:
        found = published_set(connection, project.primary_outcome)
    if found is None:
        raise NoAlerts("there are no alerts before the first scores; run `tenure train` and `tenure score`")
    return today_of(project, found, now())


def in_short(letters: list[Letter], sent: Sent | None) -> str:
    """How many digests there are and what became of them, without a name."""
    count = len(letters)
    said = f"{count:,} digest{'' if count == 1 else 's'}"
    if sent is None:
        return said
    parts = [f"{sent.sent:,} sent"]
    parts += [f"{sent.waiting:,} to be tried again ({sent.said})"] if sent.waiting else []
    parts += [f"{sent.unaddressed:,} without an address in [alerts.addresses]"] if sent.unaddressed else []
    return f"{said}: {', '.join(parts)}"


def _sent(project: Project, store: Engine, day: dt.date) -> Sent:
    return send_digests(project, store, day=day, now=now())


def _told(letters: list[Letter], sent: Sent | None) -> dict[str, Any]:
    digests = [
        {
            "owner": letter.digest.owner or None,
            "alerts": [_record(one) for one in letter.digest.alerts],
            "beyond": letter.digest.beyond,
        }
        for letter in letters
    ]
    return {"digests": digests, "sent": None if sent is None else vars(sent)}


def _record(one: Alert) -> dict[str, Any]:
    plain = {n: f"{v.isoformat()}Z" if isinstance(v, dt.datetime) else v for n, v in one._asdict().items()}
    return {**plain, "reasons": [str(reason["text"]) for reason in one.reasons or []], "in_words": in_words(one)}


def _on_record(store: Engine, day: dt.date, letters: list[Letter], way: str) -> None:
    about = {"day": day.isoformat(), "digests": len(letters), "by": way}
    moment = now().astimezone(dt.UTC).replace(tzinfo=None)
    append_entries(store, [Entry(moment, command_line(), "alerts.digest", detail=about)])
