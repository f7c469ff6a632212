"""Who leaves a score set leaves no gap, and the hold-out that was worked out before moves up with everybody else."""

from __future__ import annotations

from held_people import PEOPLE, draw, score_people
from sqlalchemy import Engine, select, update

from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import alone, reading
from tenure.pipelines.store.held_places import _worked_out, held_places, keep_held_places
from tenure.pipelines.store.leaving_sets import edition_of, leave_sets, leave_unscored
from tenure.pipelines.store.score_sets import ScoreSet, score_set
from tenure.pipelines.store.tables import scores

GONE = [PEOPLE[0], PEOPLE[7], PEOPLE[8], PEOPLE[-1]]


def published(engine: Engine) -> ScoreSet:
    """Everybody, the places by gain in the contrary order of the ranks."""
    found = score_people(engine)
    with alone(engine) as connection:
        connection.execute(update(scores).values(place=2 * len(PEOPLE) + 1 - scores.c.rank))
    return found


def told(engine: Engine, found: ScoreSet, drawn: Draw) -> list[list[int]]:
    with reading(engine) as connection:
        return [
            held_places(connection, found.score_set_id, drawn, one).tolist() for one in (scores.c.rank, scores.c.place)
        ]


def test_ranks_close_up_and_the_kept_hold_out_with_them(engine: Engine, project: Project) -> None:
    found, drawn = published(engine), draw(engine, project)
    keep_held_places(engine, found.score_set_id, drawn)
    before = told(engine, found, drawn)  # remembered by this process
    with alone(engine) as connection:
        assert leave_sets(connection, [*GONE, "nobody"]) == 8
        assert edition_of(connection, found.score_set_id) == 1
        ranks, places = (sorted(connection.scalars(select(one))) for one in (scores.c.rank, scores.c.place))
        fresh = _worked_out(connection, found.score_set_id, drawn)
        now = score_set(connection, found.score_set_id)
    assert ranks == places == list(range(1, 2 * len(PEOPLE) - 7))
    after = told(engine, found, drawn)
    assert after != before
    assert after == [fresh.ranks.tolist(), sorted(one for one in fresh.places.tolist() if one)]
    assert (now.counts, now.bands) == ({"scored": 792}, {"high": 394, "low": 398})
    assert sum(now.histogram or []) == 792


def test_who_loses_a_score_stays_with_a_status(engine: Engine) -> None:
    found = published(engine)
    with alone(engine) as connection:
        assert leave_unscored(connection, GONE, status="objected") == 8
        assert leave_unscored(connection, GONE, status="objected") == 0
        mine = scores.c.customer_id == GONE[0]
        rows = connection.execute(
            select(scores.c.status, scores.c.probability, scores.c.rank, scores.c.place).where(mine)
        )
        assert [tuple(row) for row in rows] == [("objected", None, None, None)] * 2
        assert score_set(connection, found.score_set_id).counts == {"scored": 792, "objected": 8}
