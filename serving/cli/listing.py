"""`tenure list`: the at-risk list, cut to the contacts one can make."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Engine

from tenure.pipelines.access.audit import Entry, append_entries
from tenure.pipelines.outcomes.sentence import happens
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import Filter, Row, listed
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.frozen_lists import freeze
from tenure.pipelines.store.held_places import keep_held_places
from tenure.pipelines.store.orders import Order, count_left_out
from tenure.pipelines.store.pilots import freeze_pilot
from tenure.pipelines.store.reach import reach_on
from tenure.pipelines.store.score_sets import ScoreSet, published_set
from tenure.serving.cli.access import command_line
from tenure.serving.cli.console import notes, results
from tenure.serving.cli.opening import DEFAULT, Config, OutcomeName, now
from tenure.serving.cli.tables import risk_table, worth_table
from tenure.serving.exporting import inert

COLUMNS = ("rank", "customer_id", "unit_id", "churn_probability", "risk_band", "reason_1", "reason_2", "reason_3")
HEADER = ("as_of", "model_version", "outcome", "label_definition")
MORE = ("value", "expected_profit", "probability_low", "probability_high", "low_confidence")


class Format(StrEnum):
    """How the list is printed."""

    table = "table"
    csv = "csv"
    json = "json"


class Sort(StrEnum):
    """By what the list is ordered."""

    gain = "gain"
    risk = "risk"


class NothingPublished(LookupError):
    """There is no list, because no score set was published."""


def list_command(
    config: Config = DEFAULT,
    capacity: Annotated[int | None, typer.Option(min=1, help="How many contacts can be made.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.table,
    outcome: OutcomeName = None,
    sort: Annotated[
        Sort, typer.Option("--sort", help="By what a contact is expected to bring, or by risk.")
    ] = Sort.gain,
    publish: Annotated[
        bool,
        typer.Option("--publish", help="Freeze it as a numbered list, as on the desk."),
    ] = False,
    pilot: Annotated[
        int | None, typer.Option(min=2, help="A list of so many random people instead, to learn what contacts do.")
    ] = None,
    share: Annotated[float, typer.Option(help="The share of a pilot that is held out, above 0 and below 1.")] = 0.5,
) -> None:
    """Print with whom a contact is worth most, or who is most at risk, and why."""
    if pilot is not None:
        _require_pilot(publish, share)
    project = load_project(config)
    name, definition = project.outcome_named(outcome)
    store = project_store(project)
    with reading(store) as connection:
        found = published_set(connection, name)
        if found is None:
            raise NothingPublished(
                f"outcome {name!r} has no published scores; run `tenure train` and `tenure score`. "
                "There is none either where the verdict was 'no signal' or 'not enough data'"
            )
        by: Order = "risk" if found.worth is None or sort is Sort.risk else "gain"
        if pilot is None:
            today = _today(project, found)
            wanted, reach = capacity or project.economics.capacity, reach_on(connection, project, today)
            rows = listed(connection, found, Filter(reach=reach), limit=wanted, offset=0, today=today, by=by)
            held, lately = count_left_out(connection, found, reach, by=by)
    if pilot is not None:
        number = _published(project, store, found, pilot, by, pilot_share=share)
        notes.print(f"published list {number}: a pilot, of whom {share:.0%} are held out at random", markup=False)
        return
    if publish:
        notes.print(f"published list {_published(project, store, found, wanted, by)}", markup=False)
    if held:
        notes.print(f"{held:,} are left out: in the hold-out until {reach.until}", markup=False)
    if lately:
        said = f"{lately:,} are left out: contacted less than {project.contact.every_days} days ago"
        notes.print(said, markup=False)
    if form is Format.table:
        what = happens(definition)
        results.print(
            risk_table(found, rows, what=what) if by == "risk" else worth_table(found, rows, what=what, room=wanted)
        )
    else:
        records = [_record(found, row) for row in rows]
        text = json.dumps(records, indent=1) if form is Format.json else _csv(records)
        results.print(text, markup=False, soft_wrap=True, end="" if form is Format.csv else "\n")


def _require_pilot(publish: bool, share: float) -> None:
    if not publish:
        raise typer.BadParameter("a pilot is a published list; add --publish", param_hint="--pilot")
    if not 0 < share < 1:
        raise typer.BadParameter(f"{share:g} is no share above 0 and below 1", param_hint="--share")


def _today(project: Project, found: ScoreSet) -> dt.date:
    frozen = project.project.clock == "data"
    return found.as_of if frozen else now().astimezone(ZoneInfo(project.timezone)).date()


def _published(
    project: Project, store: Engine, found: ScoreSet, capacity: int, by: Order, *, pilot_share: float | None = None
) -> int:
    """Freeze the list, or a pilot; its number."""
    moment, today = now(), _today(project, found)
    with reading(store) as connection:
        reach = reach_on(connection, project, today)
    made: dict[str, Any] = {"who": command_line(), "now": moment, "today": today, "playbooks": project.playbook}
    if pilot_share is None:
        number = freeze(store, found, Filter(reach=reach), capacity=capacity, by=by, **made)
    else:
        number = freeze_pilot(store, found, size=capacity, share=pilot_share, reach=reach, **made)
        if reach.draw is not None:
            keep_held_places(store, found.score_set_id, reach.draw)
    about = {"list": number, "as_of": str(found.as_of)} | ({} if pilot_share is None else {"pilot": pilot_share})
    append_entries(
        store, [Entry(moment.astimezone(dt.UTC).replace(tzinfo=None), command_line(), "list.publish", detail=about)]
    )
    return number


def _record(found: ScoreSet, row: Row) -> dict[str, Any]:
    score, worth = row.score, row.worth
    texts = [reason["text"] for reason in score.reasons or []]
    record = {
        "rank": score.rank,
        "customer_id": score.customer_id,
        "unit_id": score.unit_id,
        "churn_probability": score.probability,
        "risk_band": score.band,
    }
    record |= {f"reason_{place + 1}": texts[place] if place < len(texts) else None for place in range(3)}
    header = (found.as_of.isoformat(), found.model_version, found.outcome, found.definition)
    more = (worth.value, worth.gain, score.probability_low, score.probability_high, score.low_confidence)
    return record | dict(zip(HEADER, header, strict=True)) | dict(zip(MORE, more, strict=True))


def _csv(records: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*COLUMNS, *HEADER, *MORE], lineterminator="\n")
    writer.writeheader()
    writer.writerows({n: inert(v) if isinstance(v, str) else v for n, v in record.items()} for record in records)
    return text.getvalue()
