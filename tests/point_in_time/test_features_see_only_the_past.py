"""What a feature may know, tried on every built-in family at once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from histories import FOREVER, Row, World, same_bits, usable, worlds
from hypothesis import given
from hypothesis import strategies as st


def _not_yet_happened(row: Row, world: World) -> bool:
    return row["occurred_at"] >= world.midnight


def _not_yet_known(row: Row, world: World) -> bool:
    return row["known_at"] > world.midnight


def _no_longer_valid(row: Row, world: World) -> bool:
    return row.get("superseded_at", FOREVER) <= world.midnight


@pytest.mark.parametrize("forbidden", [_not_yet_happened, _not_yet_known, _no_longer_valid])
@given(world=worlds())
def test_a_row_that_may_not_be_used_changes_no_feature(forbidden, world: World) -> None:
    without = world.only(lambda row: not forbidden(row, world))
    same_bits(without.features(), world.features())


@given(world=worlds())
def test_features_are_those_of_the_usable_rows_alone_as_if_none_was_ever_withdrawn(world: World) -> None:
    known = world.only(lambda row: usable(row, world.midnight))
    simple = replace(
        known,
        rows=tuple(row | {"superseded_at": None, "known_at": None} for row in known.rows),
        facts=tuple(fact | {"superseded_at": None, "known_at": None} for fact in known.facts),
    )
    same_bits(simple.features(), world.features())


@given(world=worlds(), seed=st.integers(0, 9))
def test_the_order_of_rows_changes_no_feature(world: World, seed: int) -> None:
    mixed = random.Random(seed)
    rows, facts = list(world.rows), list(world.facts)
    mixed.shuffle(rows)
    mixed.shuffle(facts)
    same_bits(replace(world, rows=tuple(rows), facts=tuple(facts)).features(), world.features())


@given(world=worlds())
def test_one_customer_alone_has_the_features_of_the_batch(world: World) -> None:
    batch = world.features()
    for customer in {row["customer_id"] for row in world.rows}:
        same_bits(world.only(lambda row, who=customer: row["customer_id"] == who).features(), batch)
