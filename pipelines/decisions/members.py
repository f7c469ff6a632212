"""Who was on published lists, in which arm, and whether somebody contacted them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, or_, select

from tenure.pipelines.calendar import Calendar
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.settings.outcome import AnyOutcome
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.promotions import series_begun_at

PILOT = "random"
"""The sort of a list whose people were chosen at random, and held out by a draw of its own."""

NOT_REACHED = "no_answer"
"""The result of an action that reached nobody."""

COLUMNS = {
    "list": lists.c.list_id,
    "as_of": lists.c.as_of,
    "sort": lists.c.sort,
    "period": lists.c.draw,
    "unit": list_members.c.unit_id,
    "person": list_members.c.customer_id,
    "held_out": list_members.c.held_out,
    "risk": list_members.c.probability,
    "propensity": list_members.c.propensity,
    "value": list_members.c.value,
    "playbook": list_members.c.playbook,
    "segment": list_members.c.segment,
}
"""Of what is read of each member of a list."""


def read_members(connection: Connection, outcome: str, *, since: dt.date | None = None) -> pd.DataFrame:
    """A row a place on a published list of an outcome, lists as of `since` and later: `COLUMNS`, `draw` and `checked`.

    Lists from before the outcome got another definition are of another series, and not among them.

    `as_of` is a date. `draw` is by which people were held out: that of the campaign `period`, or a pilot's own.
    `propensity` is missing on lists from before there were hold-outs. The sample ratio cannot be `checked` where a
    pilot took people out of the same period before.
    """
    begun = series_begun_at(outcome)
    query = (
        select(*(column.label(name) for name, column in COLUMNS.items()))
        .join(lists, lists.c.list_id == list_members.c.list_id)
        .where(lists.c.outcome == outcome, or_(begun.is_(None), lists.c.created_at >= begun))
        .order_by(lists.c.list_id, list_members.c.unit_id)
    )
    if since is not None:
        query = query.where(lists.c.as_of >= since.isoformat())
    frame = pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=list(COLUMNS))
    numbers = dict.fromkeys(("risk", "propensity", "value"), "float64")
    frame = frame.astype({**numbers, "held_out": "bool"}).assign(as_of=frame["as_of"].map(dt.date.fromisoformat))
    return _with_draws(frame)


def _with_draws(frame: pd.DataFrame) -> pd.DataFrame:
    number = frame["list"].astype(str)
    period = frame["period"].fillna("list " + number)
    pilot = (frame["sort"] == PILOT).to_numpy()
    first = frame["list"].where(pilot).groupby(period).transform("min")
    checked = pilot | first.isna().to_numpy() | (frame["list"] < first).to_numpy()
    return frame.assign(period=period, draw=np.where(pilot, "pilot " + number, period), checked=checked)


def with_contacts(
    connection: Connection, members: pd.DataFrame, outcome: AnyOutcome, calendar: Calendar, *, name: str
) -> pd.DataFrame:
    """The members with `contacted`: whether anybody reached them from the list's day to the end of its horizon."""
    reached = func.coalesce(actions.c.result, "") != NOT_REACHED
    query = select(actions.c.customer_id, actions.c.at).where(actions.c.outcome == name, reached)
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
