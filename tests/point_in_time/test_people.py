"""The record of the people met: what it may know, and that it is what a slow count says."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import replace

from crowd import crowd
from histories import FOREVER, Row, World, same_bits, usable, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle.people import people
from oracle.plain import Unit

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.sums import tables_to_json
from tenure.pipelines.settings.features import Features

AGENTS, TEAMS, KINDS = (
    ("x", "y", None),
    ("t", None, "u"),
    ("resolved", "reopened", "purchase", "message_in", "survey_answered"),
)


def served(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The same rows, some of them met somebody: in a case, with an outcome, with a rating."""
    return tuple(row | _service(place, row) for place, row in enumerate(rows))


def _service(place: int, row: Row) -> Row:
    kind = KINDS[place % 5]
    return {
        "agent_id": AGENTS[place % 3],
        "team_id": TEAMS[place % 7 % 3],
        "case_id": f"{row['customer_id']}-{place % 2}" if place % 4 else None,
        "kind": kind,
        "rating": place % 5 / 5 if kind == "survey_answered" or place % 11 == 0 else None,
    }


@st.composite
def shops(draw: st.DrawFn) -> World:
    """A world whose people met agents and teams, with the record of everybody in its context."""
    world = draw(worlds(most=16))
    asked = world.question
    chosen = Features(families=("people",))
    world = replace(
        world,
        rows=served(world.rows),
        question=replace(asked, context=replace(asked.context, settings=chosen, tables={})),
    )
    return world.among_others(others(world.midnight))


def others(now: dt.datetime) -> tuple[Row, ...]:
    """The crowd, served too, once long ago and once lately."""
    rows, _ = crowd(now)
    long_ago = tuple(
        row | {"occurred_at": row["occurred_at"] - dt.timedelta(days=170)} for row in rows if "known_at" not in row
    )
    return served(rows + long_ago)


@settings(max_examples=12)
@given(world=shops())
def test_every_column_equals_a_slow_count(world: World) -> None:
    found, asked = world.features(), world.question
    begin = calendar_of(asked.zone).date_of(asked.observed_from)
    rows = [*world.rows, *others(world.midnight)]
    with_units = {row["customer_id"] for row in rows if row[f"{asked.outcome.unit}_id"]}
    persons = {
        who: Unit(rows, [], who, per="customer", zone=asked.zone, as_of=world.as_of, begin=begin)
        for who in sorted(with_units)  # whoever has no contract is nobody's company where contracts are scored
    }
    for unit in found.index:
        owner = next(row["customer_id"] for row in world.rows if row[f"{asked.outcome.unit}_id"] == unit)
        plain = people(owner, persons, asked.context.subject)
        assert set(plain) == set(found.columns)
        for name, value in plain.items():
            same = math.isclose(found.loc[unit, name], value, rel_tol=1e-9)
            assert same or (math.isnan(value) and math.isnan(found.loc[unit, name])), (name, unit, value)


@settings(max_examples=12)
@given(world=shops(), seed=st.integers(0, 9))
def test_rows_that_may_not_be_used_and_their_order_change_nothing(world: World, seed: int) -> None:
    known, mixed = world.only(lambda row: usable(row, world.midnight)), list(world.rows)
    random.Random(seed).shuffle(mixed)
    same_bits(known.features(), world.features())
    same_bits(replace(world, rows=tuple(mixed)).features(), world.features())


@settings(max_examples=12)
@given(world=shops())
def test_one_customer_alone_has_the_record_of_the_batch(world: World) -> None:
    batch = world.features()
    for customer in {row["customer_id"] for row in world.rows}:
        same_bits(world.only(lambda row, who=customer: row["customer_id"] == who).features(), batch)


@settings(max_examples=12)
@given(world=shops())
def test_what_is_gathered_hangs_on_usable_rows_alone(world: World) -> None:
    simple = replace(
        world,
        rows=tuple(
            row | {"superseded_at": FOREVER, "known_at": row["occurred_at"]}
            for row in world.rows
            if usable(row, world.midnight)
        ),
    )
    assert tables_to_json(simple.gathered()) == tables_to_json(world.gathered())
