"""Who is held out: drawn once a period whoever asks, the same in Python and in the database, and left off every list."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from held_people import DAY, NOON, PEOPLE, draw, held_project, score_people
from sqlalchemy import Connection, Engine, select

from tenure.pipelines.decisions.hold_out import Draw, is_held_out, period_of, until
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.desk import Filter, count_listed, listed
from tenure.pipelines.store.frozen_lists import FrozenList, Member, freeze, frozen_list
from tenure.pipelines.store.held_places import held_places
from tenure.pipelines.store.hold_outs import all_draws, draw_on, ensure_drawn, held_out, held_out_among
from tenure.pipelines.store.orders import count_left_out, expected_hits
from tenure.pipelines.store.pilots import freeze_pilot
from tenure.pipelines.store.reach import Reach, reach_on
from tenure.pipelines.store.tables import scores


def the_list(connection: Connection, number: int) -> tuple[FrozenList, list[Member]]:
    found = frozen_list(connection, number)
    assert found is not None
    return found


def test_periods_begin_on_mondays_and_follow_each_other() -> None:
    period = period_of(DAY, days=28)
    assert period.starts.weekday() == 0
    assert period.starts <= DAY < period.ends == period_of(period.ends, days=28).starts


def test_lots_are_even_and_those_of_two_periods_do_not_hang_together() -> None:
    names = [f"person-{number}" for number in range(40_000)]
    draws = [Draw(DAY, 0.1, salt, NOON) for salt in ("one salt", "another salt")]
    first, second = (np.array([is_held_out(one, name) for name in names]) for one in draws)
    for held in (first, second):  # four standard errors
        assert abs(held.mean() - 0.1) < 4 * np.sqrt(0.09 / len(names))
    assert abs((first & second).mean() - 0.01) < 4 * np.sqrt(0.0099 / len(names))


def test_a_share_that_is_smaller_holds_out_some_of_the_same_people() -> None:
    held = [{name for name in PEOPLE if is_held_out(Draw(DAY, share, "salt", NOON), name)} for share in (0, 0.1, 0.5)]
    assert held[0] == set() < held[1] < held[2]


def test_a_period_is_drawn_once_and_keeps_its_share(engine: Engine, project: Project) -> None:
    first = ensure_drawn(engine, held_project(project, 0.2), today=DAY, now=NOON)
    again = ensure_drawn(engine, held_project(project, 0.4), today=DAY + dt.timedelta(days=1), now=NOON)
    assert (first.new, again.new, again.draw) == (True, False, first.draw)
    later = ensure_drawn(engine, held_project(project, 0.4), today=first.ends, now=NOON)
    assert (later.new, later.draw.share, later.draw.starts) == (True, 0.4, first.ends)
    assert later.draw.salt != first.draw.salt


def test_of_two_who_draw_at_once_one_wins(engine: Engine, project: Project) -> None:
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda share: draw(engine, project, share), (0.1, 0.2)))
    assert found[0] == found[1]
    with reading(engine) as connection:
        assert len(all_draws(connection)) == 1


def test_a_draw_is_in_force_until_the_next_has_begun(engine: Engine, project: Project) -> None:
    first = draw(engine, project)
    with reading(engine) as connection:
        assert draw_on(connection, first.starts - dt.timedelta(days=1)) is None
        assert draw_on(connection, first.starts) == draw_on(connection, DAY + dt.timedelta(days=90)) == first
    late = first.starts + dt.timedelta(days=90)
    assert until(first, DAY, days=28) == first.starts + dt.timedelta(days=28)
    assert until(first, late, days=28) == late + dt.timedelta(days=1)


def test_a_period_of_another_length_does_not_cut_a_draw_short(engine: Engine, project: Project) -> None:
    first = draw(engine, project)
    longer = project.model_copy(update={"economics": project.economics.model_copy(update={"period_days": 56})})
    assert ensure_drawn(engine, longer, today=DAY, now=NOON).draw == first


def test_the_database_holds_out_whom_python_holds_out(engine: Engine, project: Project) -> None:
    found, drawn = score_people(engine), draw(engine, project)
    expected = {name for name in PEOPLE if is_held_out(drawn, name)}
    assert 80 < len(expected) < 160
    with reading(engine) as connection:
        query = select(scores.c.customer_id, scores.c.rank).where(held_out(connection, drawn))
        rows = connection.execute(query).all()
        assert {row.customer_id for row in rows} == expected
        assert sorted(row.rank for row in rows) == held_places(connection, found.score_set_id, drawn).tolist()
        assert held_out_among(connection, found.score_set_id, drawn, [*PEOPLE, "newcomer"]) >= expected


def test_key_accounts_are_never_held_out(engine: Engine, project: Project) -> None:
    found = score_people(engine, never_held_out=[place < 200 for place in range(400)])
    drawn = draw(engine, project)
    with reading(engine) as connection:
        held = held_out_among(connection, found.score_set_id, drawn, PEOPLE)
        assert held == {name for name in PEOPLE[200:] if is_held_out(drawn, name)}
        assert len(held_places(connection, found.score_set_id, drawn)) == 2 * len(held)


@pytest.mark.parametrize("wanted", [Filter(), Filter(band="high"), Filter(status=None)], ids=["open", "band", "any"])
def test_pages_of_a_list_go_on_where_the_last_ended_without_whoever_is_held_out(
    engine: Engine, project: Project, wanted: Filter
) -> None:
    found, drawn = score_people(engine), draw(engine, project)
    fitting = PEOPLE[:200] if wanted.band else PEOPLE
    expected = [f"{name}-{part}" for name in fitting if not is_held_out(drawn, name) for part in (1, 2)]
    with reading(engine) as connection:
        reach = Filter(wanted.band, status=wanted.status, reach=reach_on(connection, project, DAY))
        pages = [listed(connection, found, reach, limit=37, offset=start, today=DAY) for start in range(0, 800, 37)]
        assert [row.score.unit_id for page in pages for row in page] == expected
        assert count_listed(connection, found, reach, today=DAY) == len(expected)
        held = 2 * sum(is_held_out(drawn, name) for name in PEOPLE)
        assert count_left_out(connection, found, reach.reach, by="risk") == (held, 0)


def test_the_cut_is_of_those_who_may_be_contacted(engine: Engine, project: Project) -> None:
    found, drawn = score_people(engine), draw(engine, project)
    with reading(engine) as connection:
        reach = reach_on(connection, project, DAY)
        rows = listed(connection, found, Filter(reach=reach), limit=50, offset=0, today=DAY)
        count, total, lowest = expected_hits(connection, found, 50, reach=reach)
    chances = [row.score.probability or 0.0 for row in rows]
    assert (count, lowest) == (50, chances[-1])
    assert total == pytest.approx(sum(chances))
    assert drawn.share == 0.3


def test_a_frozen_list_has_room_for_contacts_and_keeps_whom_it_passed_by(engine: Engine, project: Project) -> None:
    found = score_people(
        engine,
        never_held_out=[place % 10 == 0 for place in range(400)],
        barred=["consent" if place % 7 == 0 else None for place in range(400)],
        value=[100.0] * 400,
    )
    drawn = draw(engine, project)
    with reading(engine) as connection:
        reach = reach_on(connection, project, DAY)
    number = freeze(engine, found, Filter(reach=reach), capacity=60, who="zoe", now=NOON, today=DAY)
    with reading(engine) as connection:
        head, members = the_list(connection, number)
    assert (head.sort, head.draw) == ("risk", drawn.starts.isoformat())
    contacts = [one for one in members if not one.held_out]
    assert len(contacts) == 60 and members[-1] == contacts[-1]
    met = [name for place, name in enumerate(PEOPLE) if place % 7 and name <= contacts[-1].customer_id]
    assert list(dict.fromkeys(one.customer_id for one in members)) == met
    for one in members:
        never = PEOPLE.index(one.customer_id) % 10 == 0
        assert one.held_out == (is_held_out(drawn, one.customer_id) and not never)
        assert one.propensity == (1.0 if never else 0.7)


def test_a_pilot_is_a_random_part_of_whoever_may_be_contacted(engine: Engine, project: Project) -> None:
    found, drawn = score_people(engine), draw(engine, project)
    with reading(engine) as connection:
        reach = reach_on(connection, project, DAY)
    number = freeze_pilot(engine, found, size=200, share=0.5, reach=reach, who="zoe", now=NOON, today=DAY)
    with reading(engine) as connection:
        head, members = the_list(connection, number)
        names = [one.customer_id for one in members]
        assert (head.sort, len(names), len(set(names))) == ("random", 200, 200)
        assert not any(is_held_out(drawn, name) for name in names)
        assert {one.propensity for one in members} == {0.5} and {one.unit_id[-2:] for one in members} == {"-1"}
        aside = {one.customer_id for one in members if one.held_out}
        assert 60 < len(aside) < 140
        # they are left alone as long as the people of the draw
        assert aside <= held_out_among(connection, found.score_set_id, drawn, PEOPLE)
        rows = listed(connection, found, Filter(reach=reach), limit=800, offset=0, today=DAY)
        assert not aside & {row.score.customer_id for row in rows}
    walked = freeze(engine, found, Filter(reach=reach), capacity=800, who="zoe", now=NOON, today=DAY)
    with reading(engine) as connection:
        _, others = the_list(connection, walked)
    assert not aside & {one.customer_id for one in others}


def test_nobody_is_left_out_where_nobody_is_held_out(engine: Engine, project: Project) -> None:
    found = score_people(engine)
    draw(engine, project, 0.0)
    with reading(engine) as connection:
        reach = reach_on(connection, project, DAY)
        assert count_listed(connection, found, Filter(reach=reach), today=DAY) == 800
        assert count_listed(connection, found, Filter(reach=Reach()), today=DAY) == 800
