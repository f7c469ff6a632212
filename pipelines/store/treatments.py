"""What was done with whom, as training has to know it: lists that were published, and contacts that were made."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import Connection, select

from tenure.pipelines.calendar import day_number
from tenure.pipelines.decisions.contacted import HELD, TREATED, Contacts
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import list_members, lists
from tenure.pipelines.store.hold_outs import PILOT, day_of


def contacts_of(connection: Connection, project: Project) -> Contacts:
    """All contacts of a project, whatever outcome they were made for, by the local days on which they begin to count.

    Whoever was to be contacted by a list counts from the date of its scores, contacted or not.
    """
    made = select(actions.c.customer_id, actions.c.at)
    treated = [(name, day_number(day_of(project, at.replace(tzinfo=dt.UTC)))) for name, at in connection.execute(made)]
    members = select(
        list_members.c.customer_id, list_members.c.held_out, list_members.c.propensity, lists.c.as_of, lists.c.sort,
        lists.c.draw, lists.c.list_id,
    ).join(lists, lists.c.list_id == list_members.c.list_id).where(list_members.c.propensity.is_not(None))  # fmt: skip
    held = []
    for row in connection.execute(members):
        day = day_number(dt.date.fromisoformat(row.as_of))
        if not row.held_out:
            treated.append((row.customer_id, day))
            continue
        drawn = f"list {row.list_id}" if row.sort == PILOT else row.draw
        held.append((row.customer_id, day, drawn, row.propensity))
    return Contacts(pd.DataFrame(treated, columns=list(TREATED)), pd.DataFrame(held, columns=list(HELD)))
