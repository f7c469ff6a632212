"""Who was on published lists, in which arm, and whether somebody contacted them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import list_members, lists

COLUMNS = {
    "list": lists.c.list_id,
    "as_of": lists.c.as_of,
    "draw": func.coalesce(lists.c.draw, lists.c.as_of),
    "unit": list_members.c.unit_id,
    "person": list_members.c.customer_id,
    "held_out": list_members.c.held_out,
    "risk": list_members.c.probability,
    "propensity": list_members.c.propensity,
    "value": list_members.c.value,
    "playbook": list_members.c.playbook,
    "segment": list_members.c.segment,
}
"""Of the frame of members; those of a list that was published without a draw are each other's draw."""


def read_members(connection: Connection, outcome: str, *, since: dt.date | None = None) -> pd.DataFrame:
    """A row a place on a published list of an outcome, lists as of `since` and later, with the names of `COLUMNS`.

    `as_of` is a date; `propensity` is missing where no hold-out was in force.
    """
    query = (
        select(*(column.label(name) for name, column in COLUMNS.items()))
        .join(lists, lists.c.list_id == list_members.c.list_id)
        .where(lists.c.outcome == outcome)
        .order_by(lists.c.list_id, list_members.c.unit_id)
    )
    if since is not None:
        query = query.where(lists.c.as_of >= since.isoformat())
    frame = pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=list(COLUMNS))
    numbers = dict.fromkeys(("risk", "propensity", "value"), "float64")
    return frame.astype({**numbers, "held_out": "bool"}).assign(as_of=frame["as_of"].map(dt.date.fromisoformat))


def with_contacts(
    connection: Connection, members: pd.DataFrame, outcome: AnyOutcome, calendar: Calendar, *, name: str
) -> pd.DataFrame:
    """The members with `contacted`: whether anybody did so, on a list's day or until its horizon had passed."""
    query = select(actions.c.customer_id, actions.c.at).where(actions.c.outcome == name)
    made: dict[str, list[int]] = {}
    for person, at in connection.execute(query):
        made.setdefault(person, []).append(int(at.replace(tzinfo=dt.UTC).timestamp() * 1000))
    instants = {person: np.sort(np.array(found, dtype=np.int64)) for person, found in made.items()}
    spans = {
        day: (calendar.midnight(day), calendar.midnight(horizon_end(outcome, day))) for day in members["as_of"].unique()
    }
    nothing = np.empty(0, dtype=np.int64)
    contacted = [
        _between(instants.get(person, nothing), *spans[day])
        for person, day in zip(members["person"], members["as_of"], strict=True)
    ]
    return members.assign(contacted=np.array(contacted, dtype=bool))


def horizon_end(outcome: AnyOutcome, as_of: dt.date) -> dt.date:
    """The day after the last one of the horizon."""
    return label_end(outcome, as_of) - dt.timedelta(days=outcome.maturity_days)


def _between(instants: np.ndarray, start: int, end: int) -> bool:
    return bool(np.searchsorted(instants, start) < np.searchsorted(instants, end))
