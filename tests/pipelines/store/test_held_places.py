"""What is kept of the hold-out when a set is published is what the database works out, and goes with the set."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from held_people import DAY, NOON, PEOPLE, draw, score_people
from sqlalchemy import Engine, func, select

from tenure.pipelines.decisions.hold_out import Draw, is_held_out
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store import held_places as module
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.decision_tables import held_places as table
from tenure.pipelines.store.held_places import Fitting, held_places, keep_held_places
from tenure.pipelines.store.pilots import freeze_pilot
from tenure.pipelines.store.reach import Reach
from tenure.pipelines.store.score_sets import ScoreSet
from tenure.pipelines.store.tables import scores

ORDERS = (scores.c.rank, scores.c.place)
FITTINGS: tuple[Fitting, ...] = ((), (("band", "high"),), (("band", "none"),), (("segment", "north"),))


def scored(engine: Engine) -> ScoreSet:
    """Everybody, every third without a place by gain, every second in the north."""
    number = np.arange(len(PEOPLE))
    place = pd.array(np.where(number % 3 == 0, 0, number), dtype="Int64")
    place[number % 3 == 0] = pd.NA
    segment = np.where(number % 2 == 0, "north", "south")
    return score_people(engine, place=list(place), segment=list(segment))


def told(engine: Engine, found: ScoreSet, drawn: Draw) -> list[list[int]]:
    """What a process that has not been asked before says of every order and fitting."""
    module._REMEMBERED.pop(engine, None)
    with reading(engine) as connection:
        number = found.score_set_id
        return [held_places(connection, number, drawn, one, fits).tolist() for one in ORDERS for fits in FITTINGS]


def test_what_was_kept_is_what_is_worked_out(engine: Engine, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    found, drawn = scored(engine), draw(engine, project)
    expected = told(engine, found, drawn)
    held = {name for name in PEOPLE if is_held_out(drawn, name)}
    north = set(PEOPLE[::2]) & held
    assert [len(one) for one in expected[:4]] == [2 * len(held), 2 * len(held & set(PEOPLE[:200])), 0, 2 * len(north)]
    assert all(0 < len(expected[place + 4]) < len(expected[place]) for place in (0, 1, 3))
    keep_held_places(engine, found.score_set_id, drawn)
    keep_held_places(engine, found.score_set_id, drawn)
    monkeypatch.setattr(module, "_worked_out", lambda *_: pytest.fail("it was kept"))
    assert told(engine, found, drawn) == expected


def test_a_pilot_holds_out_more_and_is_kept_beside(engine: Engine, project: Project) -> None:
    found, drawn = scored(engine), draw(engine, project)
    keep_held_places(engine, found.score_set_id, drawn)
    before = told(engine, found, drawn)
    freeze_pilot(engine, found, size=200, share=0.5, reach=Reach(drawn), who="zoe", now=NOON, today=DAY)
    after = told(engine, found, drawn)
    keep_held_places(engine, found.score_set_id, drawn)
    assert told(engine, found, drawn) == after
    assert set(before[0]) < set(after[0])


def test_what_was_kept_goes_with_its_set(engine: Engine, project: Project) -> None:
    found, drawn = scored(engine), draw(engine, project)
    keep_held_places(engine, found.score_set_id, drawn)
    scored(engine)
    assert counted(engine) == 1  # the set served before is kept
    scored(engine)
    assert counted(engine) == 0


def test_nothing_is_kept_where_nobody_is_held_out(engine: Engine, project: Project) -> None:
    found, drawn = scored(engine), draw(engine, project, 0.0)
    keep_held_places(engine, found.score_set_id, drawn)
    assert counted(engine) == 0
    assert told(engine, found, drawn) == [[]] * 8


def counted(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)
