"""How many were saved by being contacted: those held out against those to be contacted, as they were drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from tenure.models.arms import Arm, Arms, arms
from tenure.models.mover import Rate, difference, p_value, quantile
from tenure.models.odds import Floats

LEVEL = 0.95
"""Of the intervals that are shown."""

CLAIMED = 0.01
"""An effect is claimed where chance alone would show one as large in fewer cases than this.

That is rarer than the interval says, because the question is asked again with every list.
"""

LEAST_HELD_OUT = 20
"""Fewer persons held out tell nothing, whatever they do."""

ALIKE = 0.01
"""Arms of which shares no further apart than this were contacted say nothing about contacts."""


@dataclass(frozen=True)
class Estimate:
    """A figure, its interval of 95 %, and its standard error."""

    value: float
    low: float
    high: float
    error: float

    def times(self, factor: float) -> Estimate:
        """The same in other units.

        >>> Estimate(0.1, 0.05, 0.15, 0.025).times(200)
        Estimate(value=20.0, low=10.0, high=30.0, error=5.0)
        """
        return Estimate(*(factor * part for part in (self.value, self.low, self.high, self.error)))


@dataclass(frozen=True)
class Saves:
    """What contacts did to those who were to be contacted: rows of `contacts`, against rows of `held_out`.

    `effect` is by how much fewer leave of those to be contacted (intention to treat), `saved` that many customers.
    `on_contacted` is the effect on those who were in fact reached because of the list; None where the arms were
    contacted alike. `value` is what was saved in money, of the members whose value is known.
    """

    contacts: int
    held_out: int
    persons_held_out: int
    left_contacts: int
    left_held_out: int
    rate_contacts: float
    rate_held_out: float
    effect: Estimate
    p_value: float
    contacted: float
    contacted_held_out: float
    on_contacted: Estimate | None
    value: Estimate | None

    @property
    def saved(self) -> Estimate:
        """How many customers were saved."""
        return self.effect.times(self.contacts)

    @property
    def enough_held_out(self) -> bool:
        """Whether so many were held out that it tells anything."""
        return self.persons_held_out >= LEAST_HELD_OUT


class NoArms(ValueError):
    """Nobody to compare, or nobody to compare with."""


def measure_saves(members: pd.DataFrame) -> Saves:
    """Compare the arms of `members`, one row a place on a list whose outcome is known.

    Columns: `person`, `held_out`, `contacted` (yes or no), `left` (1 or 0), `risk` (as predicted when the list was
    made), `propensity` (with which the row was to be contacted, above 0 and below 1), `value` (NaN: not known). The
    difference of the rates of leaving is adjusted by the risk and its interval put together from those of both rates
    (see `arms` and `mover`), each taken as that of so many independent cases as have its error.
    """
    _require_arms(members)
    left = members["left"].to_numpy(dtype=np.float64)
    held_out = members["held_out"].to_numpy(dtype=bool)
    risk = members["risk"].to_numpy(dtype=np.float64)
    found = arms(members, left, risk)
    told = _apart(found)
    reached = arms(members, members["contacted"].to_numpy(dtype=np.float64))
    return Saves(
        contacts=int((~held_out).sum()),
        held_out=int(held_out.sum()),
        persons_held_out=found.held_out.persons,
        left_contacts=int(left[~held_out].sum()),
        left_held_out=int(left[held_out].sum()),
        rate_contacts=told.contacts,
        rate_held_out=told.held_out,
        effect=told.effect,
        p_value=told.p_value,
        contacted=reached.contacts.mean,
        contacted_held_out=reached.held_out.mean,
        on_contacted=_on_contacted(told.effect, reached),
        value=_value(members, left, risk),
    )


def by_group(members: pd.DataFrame, column: str) -> dict[str, Saves]:
    """The same for each value of a column, those without one left out, and groups that lack an arm."""
    found = {}
    for name, rows in members.groupby(column, sort=True):
        if rows["held_out"].nunique() == 2:
            found[str(name)] = measure_saves(rows)
    return found


def once_a_period(members: pd.DataFrame) -> pd.DataFrame:
    """Each unit once in each campaign `period`, on the first of its lists: who leaves is saved or lost once.

    >>> table = pd.DataFrame({"period": ["a", "a", "b"], "unit": [1, 1, 1], "list": [2, 1, 3]})
    >>> once_a_period(table)["list"].tolist()
    [1, 3]
    """
    return members.sort_values("list", kind="stable").drop_duplicates(["period", "unit"]).reset_index(drop=True)


def holm(p_values: dict[str, float]) -> dict[str, float]:
    """P-values that hold for all of them together (Holm 1979).

    >>> {name: round(p, 3) for name, p in holm({"a": 0.01, "b": 0.04, "c": 0.03}).items()}
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    found: dict[str, float] = {}
    least = 0.0
    for place, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        least = found[name] = min(1.0, max(least, p * (len(p_values) - place)))
    return {name: found[name] for name in p_values}


def _require_arms(members: pd.DataFrame) -> None:
    if members["held_out"].nunique() < 2:
        which = "held out" if not members["held_out"].any() else "to be contacted"
        raise NoArms(f"expected members who were to be contacted and some who were held out, found none {which}")
    outside = members.loc[~members["propensity"].between(0, 1, inclusive="neither"), "person"]
    if len(outside):
        raise NoArms(
            f"column propensity: expected chances above 0 and below 1, found {len(outside)} others, first of "
            f"{', '.join(map(str, outside[:3]))}; leave out who was never to be held out"
        )


def _on_contacted(effect: Estimate, reached: Arms) -> Estimate | None:
    """The effect divided by how many more were contacted of those who were to be (Wald; Imbens and Angrist 1994).

    It holds for whoever is contacted if on the list and not if held out, if the list acts by the contact alone.
    """
    more, error = reached.difference * -1.0, reached.error
    if more <= max(ALIKE, 2 * error):
        return None
    value = effect.value / more
    widening = quantile(LEVEL) * value * error / more
    low = value - math.hypot((effect.value - effect.low) / more, widening)
    high = value + math.hypot((effect.high - effect.value) / more, widening)
    return Estimate(value, low, high, math.hypot(effect.error, value * error) / more)


def _value(members: pd.DataFrame, left: Floats, risk: Floats) -> Estimate | None:
    """The money saved: the share of all that was at stake which left, in both arms, each member as large as its value.

    Whoever has no value, or none above 0, is left out.
    """
    value = members["value"].to_numpy(dtype=np.float64)
    known = value > 0
    rows = members.loc[known]
    if rows["held_out"].nunique() < 2:
        return None
    stake = float(value[known & ~members["held_out"].to_numpy(dtype=bool)].sum())
    return _apart(arms(rows, left[known], risk[known], sizes=value[known])).effect.times(stake)


class _Apart(NamedTuple):
    held_out: float
    contacts: float
    effect: Estimate
    p_value: float


def _apart(found: Arms) -> _Apart:
    """The rates of both arms, their difference, and its p-value."""
    first, second = _rate(found.held_out), _rate(found.contacts)
    low, high = difference(first, second, quantile(LEVEL), correlation=found.correlation)
    effect = Estimate(first.value - second.value, low, high, found.error)
    return _Apart(first.value, second.value, effect, p_value(first, second, correlation=found.correlation))


def _rate(arm: Arm) -> Rate:
    share = min(max(arm.mean, 0.0), 1.0)
    simple, error = share * (1.0 - share), arm.error
    if simple == 0.0 or error == 0.0:
        return Rate(share, min(arm.kish, arm.persons))
    return Rate(share, simple / error**2)
