"""Repeat buying: what the rhythm of own purchases leads one to expect, after BG/NBD (see `bgnbd`).

A day with purchases is one purchase. Each customer is three whole numbers: repeat purchase days, days from
the first to the last of them, and days from the first to the last day known. Parameters are per week.
The chance of being alive is no feature: it is 1 for whoever bought once, and so ranks them first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tenure.pipelines.features.bgnbd import WEEK, BgNbd, Expectations, Values, fit
from tenure.pipelines.features.column import Column, Context, Fitted, State
from tenure.pipelines.features.folds import folds
from tenure.pipelines.features.subject import noun_of
from tenure.pipelines.history.history import View

FEWEST = 100
"""Customers, and repeat purchases, without which nothing is learnt."""

NEEDS = "learnt:repeat_buying"
THEME = "repeat buying"


def applies(context: Context, fitted: Fitted) -> bool:
    """Whether there is anything that could be bought again."""
    return any(f"kind:{kind}" in fitted.keys for kind in _kinds(context))


def observe(view: View, context: Context, fitted: Fitted) -> Mapping[str, NDArray]:
    """One row for each unit that has bought: `x`, `t_x` and `T` in days."""
    x, t_x, T = _buying(view, context)
    held = np.flatnonzero(~np.isnan(x))
    numbers = {"x": x, "t_x": t_x, "T": T}
    return {"unit": held, **{name: values[held].astype(np.int32) for name, values in numbers.items()}}


def learn(observed: pd.DataFrame, context: Context) -> State | None:
    """The four parameters; None where too few bought, or bought again, or where the parameters run away."""
    if len(observed) < FEWEST or observed["x"].sum() < FEWEST:
        return None
    x, t_x, T = (observed[name].to_numpy(dtype=np.float64) for name in ("x", "t_x", "T"))
    found = fit(x, t_x / WEEK, T / WEEK)
    return None if found is None else dict(zip(("r", "alpha", "a", "b"), found.parameters, strict=True))


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """What is expected in the horizon, by parameters learnt without the unit's own person."""
    states = fitted.learnt.get("repeat_buying")
    if not states:
        return
    days, noun = context.horizon_days, _noun(context)
    x, t_x, T = _buying(view, context)
    expected, chance = np.full(len(x), np.nan), np.full(len(x), np.nan)
    dealt = folds(view)
    for fold, state in enumerate(states):
        own = np.flatnonzero((dealt == fold) & ~np.isnan(x))
        if state is not None and len(own):
            model, lived = BgNbd(**state), (x[own], t_x[own] / WEEK, T[own] / WEEK)
            expected[own] = model.alive(*lived) * _expectations(model, days).of(x[own], T[own])
            chance[own] = model.chance(days / WEEK, *lived)
    pace = (x + 0.5) / (T + 1.0) * days
    yield Column(f"repeat_expected_{days}d", expected, f"{noun} expected in the next {days} days", THEME, 0, NEEDS)
    meaning = f"log odds of any {noun} in the next {days} days, from own buying so far"
    yield Column(f"repeat_odds_{days}d", _log_odds(chance), meaning, THEME, 0, NEEDS)
    meaning = f"{noun} expected in the next {days} days against the own pace so far (log ratio)"
    yield Column(f"repeat_against_pace_{days}d", np.log(np.maximum(expected, 1e-9) / pace), meaning, THEME, 0, NEEDS)


@lru_cache(maxsize=64)
def _expectations(model: BgNbd, days: int) -> Expectations:
    return Expectations(model, days)


def _kinds(context: Context) -> tuple[str, ...]:
    return context.subject or ("purchase",)


def _noun(context: Context) -> str:
    return f"days with {' or '.join(noun_of(kind) for kind in _kinds(context))}"


def _buying(view: View, context: Context) -> tuple[Values, Values, Values]:
    """`x`, `t_x` and `T` in days, missing for units that never bought. Today, not yet over, is no day of `T`."""
    past = view.kind(*_kinds(context)).daily
    first = past.days_since_first()
    T, t_x, x = first - 1.0, first - past.days_since(), past.count() - 1.0
    missing = np.isnan(x) | np.isnan(t_x) | ~past.seen
    return tuple(np.where(missing, np.nan, values) for values in (x, t_x, T))  # type: ignore[return-value]


def _log_odds(chance: Values) -> Values:
    held = np.clip(chance, 1e-9, 1.0 - 1e-9)
    return np.log(held) - np.log1p(-held)
