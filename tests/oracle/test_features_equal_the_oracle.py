"""Every column of every built-in family, compared with a second, plain implementation."""

from __future__ import annotations

import math
from functools import cache, partial
from random import Random

import pytest
from crowd import crowd
from histories import World, busy_world, worlds
from hypothesis import given, settings
from oracle.others import company, repeat_buying
from oracle.plain import Unit, expected

from tenure.models.text_model import TextModel
from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.features.folds import fold_of

WHOLE = ("_count", "days_since", "gap_last", "gap_largest", "active_weeks", "contract_day", "others_", "profile_")


@settings(max_examples=150)
@given(world=worlds())
def test_every_column_equals_the_oracle(world: World) -> None:
    found, units = world.features(), _everybody(world)
    for unit in found.index:
        plain = _plain(world, units[unit]) | _of_others(world, unit, units)
        row = found.loc[unit].to_dict()
        assert not set(row) - set(plain), "the oracle knows more windows than a project asks for, and every column"
        for name, value in row.items():
            assert _agree(name, value, plain[name]), f"{name} of {unit}: {value!r}, the oracle says {plain[name]!r}"


@pytest.mark.parametrize("seed", range(6))
def test_every_column_equals_the_oracle_where_much_happens_in_cases(seed: int) -> None:
    busy_worlds_equal_the_oracle(seed, range(15))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_every_column_equals_the_oracle_in_more_such_worlds(seed: int) -> None:
    busy_worlds_equal_the_oracle(seed, range(15, 40))


def busy_worlds_equal_the_oracle(seed: int, numbers: range) -> None:
    for number in numbers:
        world = busy_world(Random(40 * seed + number))
        found, units = world.features(), _everybody(world)
        for unit in found.index:
            plain = _plain(world, units[unit]) | _of_others(world, unit, units)
            wrong = {name for name, value in found.loc[unit].items() if not _agree(name, value, plain[name])}
            assert not wrong, f"seed {40 * seed + number}, unit {unit}"


def _everybody(world: World) -> dict[str, Unit]:
    """Every customer or contract by id, those of the crowd too."""
    asked, (more_rows, more_facts) = world.question, crowd(world.midnight)
    per = asked.outcome.unit
    begin = calendar_of(asked.zone).date_of(asked.observed_from)
    rows, facts = [*world.rows, *more_rows], [*world.facts, *more_facts]
    return {
        unit: Unit(rows, facts, unit, per=per, zone=asked.zone, as_of=world.as_of, begin=begin)
        for unit in sorted({row[f"{per}_id"] for row in rows} - {None})
    }


def _plain(world: World, unit: Unit) -> dict[str, float]:
    asked = world.question
    hear = partial(_heard, asked.fitted, fold_of(unit.owner))
    return expected(unit, asked.fitted.keys, asked.context.subject, asked.outcome.horizon_days, hear)


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


def _of_others(world: World, name: str, units: dict[str, Unit]) -> dict[str, float]:
    asked, kinds = world.question, world.question.context.subject
    owner = next(row["customer_id"] for row in world.rows if row[f"{asked.outcome.unit}_id"] == name)
    churn = "kind:cancellation" in asked.fitted.keys
    found = company(name, units, kinds, per=asked.outcome.unit, churn=churn)
    if states := asked.fitted.learnt.get("repeat_buying"):
        found |= repeat_buying(units[name], owner, states, kinds or ("purchase",), asked.outcome.horizon_days)
    return found


def _agree(name: str, found: float, plain: float) -> bool:
    if math.isnan(found) or math.isnan(plain):
        return math.isnan(found) and math.isnan(plain)
    if found.is_integer() and any(part in name for part in WHOLE):
        return found == plain
    return math.isclose(found, plain, rel_tol=1e-9, abs_tol=1e-12)
