"""Actions are kept once, by whoever they come, and training knows of them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import Engine

from tenure.pipelines.calendar import day_number
from tenure.pipelines.decisions.action import Action
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.actions import actions_with, newest_actions, take_actions
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import Filter
from tenure.pipelines.store.frozen_lists import freeze
from tenure.pipelines.store.hold_outs import ensure_drawn
from tenure.pipelines.store.pilots import freeze_pilot
from tenure.pipelines.store.reach import reach_on
from tenure.pipelines.store.score_sets import ScoreSet, publish, published_set, write_score_set
from tenure.pipelines.store.treatments import contacts_of

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
DAY = NOON.date()
PEOPLE = [f"c{number:02d}" for number in range(40)]


def action(name: str, project: Project, *, hours: float = 1, **more: object) -> Action:
    about: dict[str, object] = {"outcome": project.primary_outcome, "who": "zoe", **more}
    return Action(at=NOON + dt.timedelta(hours=hours), customer_id=name, **about)  # type: ignore[arg-type]


def published(engine: Engine, project: Project) -> ScoreSet:
    rows = [(name, name, "scored", 0.9 - place / 100, "high", None) for place, name in enumerate(PEOPLE)]
    number = write_score_set(
        engine, pd.DataFrame(rows, columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"]),
        outcome=project.primary_outcome, as_of=DAY, model_version="1", snapshot_id="s", created_at=NOON,
        definition="d", verdict="use",
    )  # fmt: skip
    publish(engine, project.primary_outcome, number)
    ensure_drawn(engine, project, today=DAY, now=NOON)
    with reading(engine) as connection:
        found = published_set(connection, project.primary_outcome)
    assert found is not None
    return found


def test_what_cannot_be_kept_stays_behind_where_not_all_is_wanted(engine: Engine, project: Project) -> None:
    published(engine, project)
    wanted = [
        action("c00", project),
        action("nobody", project),
        action("c01", project, cost=-1.0),
        action("c02", project),
    ]
    now = NOON + dt.timedelta(hours=2)
    none = take_actions(engine, project, wanted, now=now, whole=True)
    assert (none.kept, [one.row for one in none.rejected]) == ((), [1, 2])
    taken = take_actions(engine, project, wanted, now=now, whole=False)
    assert len(taken.kept) == 2 and [one.kind for one in taken.rejected] == ["unknown-customer", "negative-cost"]
    again = take_actions(engine, project, wanted, now=now, whole=False)
    assert (again.kept, again.known) == ((), 2)
    with reading(engine) as connection:
        assert [one.customer_id for one in newest_actions(connection, limit=9)] == sorted(
            ["c00", "c02"], key=lambda name: action(name, project).name
        )
        (kept,) = actions_with(connection, "c00")
        assert kept.at == dt.datetime(2024, 3, 5, 13) and kept.received_at == dt.datetime(2024, 3, 5, 14)


def test_a_contact_on_account_of_a_pilot_with_whom_it_held_out_is_contamination(
    engine: Engine, project: Project
) -> None:
    found = published(engine, project)
    with reading(engine) as connection:
        reach = reach_on(connection, project, DAY)
    number = freeze_pilot(engine, found, size=20, share=0.5, reach=reach, who="zoe", now=NOON, today=DAY)
    with reading(engine) as connection:
        told = contacts_of(connection, project)
    name = str(told.held["customer_id"].iloc[0])
    taken = take_actions(
        engine, project, [action(name, project, list_id=number)], now=NOON + dt.timedelta(hours=2), whole=True
    )
    assert len(taken.contaminated) == 1


def test_training_knows_lists_by_the_date_of_their_scores_and_contacts_by_their_own(
    engine: Engine, project: Project
) -> None:
    found = published(engine, project)
    with reading(engine) as connection:
        assert contacts_of(connection, project).none
        reach = reach_on(connection, project, DAY)
    freeze(engine, found, Filter(reach=reach), capacity=40, who="zoe", now=NOON, today=DAY)
    late = action("c00", project, hours=24)
    take_actions(engine, project, [late], now=NOON + dt.timedelta(days=2), whole=True)
    with reading(engine) as connection:
        told = contacts_of(connection, project)
    assert ("c00", day_number(DAY) + 1) in set(told.treated.itertuples(index=False, name=None))
    listed = set(told.treated.loc[told.treated["day"] == day_number(DAY), "customer_id"])
    assert listed | set(told.held["customer_id"]) == set(PEOPLE) and not listed & set(told.held["customer_id"])
    if len(told.held):
        assert set(told.held["propensity"]) == {0.9} and set(told.held["draw"]) == {reach.draw.starts.isoformat()}  # type: ignore[union-attr]
