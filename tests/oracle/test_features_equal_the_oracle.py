"""Every column of every built-in family, compared with a second, plain implementation."""

from __future__ import annotations

import math
from functools import cache, partial
from random import Random

import pytest
from histories import World, busy_world, worlds
from hypothesis import given, settings
from oracle.plain import Unit, expected

from tenure.models.text_model import TextModel
from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.features.folds import fold_of

WHOLE = ("_count", "days_since", "gap_last", "gap_largest", "active_weeks", "contract_day", "others_", "profile_")


@settings(max_examples=150)
@given(world=worlds())
def test_every_column_equals_the_oracle(world: World) -> None:
    found = world.features()
    for unit in found.index:
        plain = _plain(world, unit)
        row = found.loc[unit].to_dict()
        assert not set(row) - set(plain), "the oracle knows more windows than a project asks for, and every column"
        for name, value in row.items():
            assert _agree(name, value, plain[name]), f"{name} of {unit}: {value!r}, the oracle says {plain[name]!r}"


@pytest.mark.parametrize("seed", range(6))
def test_every_column_equals_the_oracle_where_much_happens_in_cases(seed: int) -> None:
    for number in range(40):
        world = busy_world(Random(40 * seed + number))
        found = world.features()
        for unit in found.index:
            plain = _plain(world, unit)
            wrong = {name for name, value in found.loc[unit].items() if not _agree(name, value, plain[name])}
            assert not wrong, f"seed {40 * seed + number}, unit {unit}"


def _plain(world: World, unit: str) -> dict[str, float]:
    asked = world.question
    begin = calendar_of(asked.zone).date_of(asked.observed_from)
    seen = Unit(
        list(world.rows),
        list(world.facts),
        unit,
        per=asked.outcome.unit,
        zone=asked.zone,
        as_of=world.as_of,
        begin=begin,
    )
    hear = partial(_heard, asked.fitted, fold_of(seen.owner))
    return expected(seen, asked.fitted.keys, asked.context.subject, asked.outcome.horizon_days, hear)


@cache
def _model(fitted: int, fold: int) -> TextModel:
    return TextModel.from_arrays(_FITTED[fitted].learnt["voice"][fold])


_FITTED: dict[int, Fitted] = {}


def _heard(fitted: Fitted, fold: int, text: str) -> dict[str, float]:
    """The log-odds a text has for people of a fold."""
    if "voice" not in fitted.learnt:
        return {}
    _FITTED[id(fitted)] = fitted
    model = _model(id(fitted), fold)
    return dict(zip(model.names, model.log_odds([text])[0].tolist(), strict=True))


def _agree(name: str, found: float, plain: float) -> bool:
    if math.isnan(found) or math.isnan(plain):
        return math.isnan(found) and math.isnan(plain)
    if found.is_integer() and any(part in name for part in WHOLE):
        return found == plain
    return math.isclose(found, plain, rel_tol=1e-9, abs_tol=1e-12)
