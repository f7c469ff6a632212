"""What a finding about inputs says, and what it may mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from tenure.pipelines.monitor.days import EVERYTHING, Days
from tenure.pipelines.monitor.series import Series

EPOCH = dt.date(1970, 1, 1)
MONEY = {100.0: "a change of unit, such as cents for whole money", 1000.0: "a change of unit, such as thousands"}
TIME = {60.0: "a change of unit, such as minutes", 3600.0: "a change of unit, such as hours", 1000.0: "milliseconds"}
"""What a number that is suddenly so many times what it was, or a part of it, may be in."""


def day_of(days: Days, at: int) -> dt.date:
    """The date of a place in the series."""
    return EPOCH + dt.timedelta(days=days.first + at)


def sentence(days: Days, one: Series, at: int) -> str:
    """What was found of a series on a day, in words."""
    found, day = one.found, day_of(days, at)
    when = f"on {day}" if one.window == 1 else f"in the {one.window} days to {day}"
    value, expected = float(found.value[at]), float(found.expected[at])
    if not np.isfinite(found.distance[at]):
        return f"not enough to tell {when}"
    what = _subject(one)
    match one.check:
        case "silence" | "vanished":
            if found.value[at] > 0:
                return f"{what} came {when}"
            silent = int(np.argmax(found.value[: at + 1][::-1] > 0)) if found.value[: at + 1].any() else at + 1
            hoped = f"{float(found.distance[at]):,.0f} were expected meanwhile"
            return f"no {what.removesuffix('s') if silent == 1 else what} for {silent} days until {day}; about {hoped}"
        case "volume":
            return f"{value:,.0f} {what} {when}, {_times(value + 0.5, expected + 0.5)} the {expected:,.0f} expected"
        case "levels":
            now, before = _number(value), _number(expected)
            return f"the median {what} is {now} {when}, {_times(2.0**value, 2.0**expected)} the {before} of before"
        case "delays":
            now, before = 2.0**value - 1, 2.0**expected - 1
            return f"rows become known {_hours(now)} after they happened {when}; before {_hours(before)}"
        case "hours" if one.column == "shift":
            moved = f"{abs(expected):.0f} hours {'later' if expected > 0 else 'earlier'} than before"
            usual = "at the hours of before"
            return f"rows fall {moved if found.distance[at] >= found.limit[at] else usual} {when}"
        case _:
            return f"{value:.1%} {what} {when}; before {expected:.1%}"


def cause(days: Days, one: Series, at: int, unusual: Sequence[Series]) -> str | None:
    """What an unusual series may mean, seen together with all others of its source that are unusual that day."""
    away = float(one.found.distance[at])
    match one.check:
        case "silence":
            return "has the feed stopped?"
        case "volume":
            if away > 0 and any(other.check == "repeats" for other in unusual):
                return "was the feed delivered twice?"
            return "is the feed delivered twice, or does it hold what it did not hold before?" if away > 0 else (
                "does a part of the feed not arrive?"
            )  # fmt: skip
        case "repeats":
            return "was the feed delivered twice, under new ids?"
        case "vanished" | "appeared":
            return _renamed(days, one, at, unusual)
        case "missing":
            return "was the column renamed, or is it filled no more?"
        case "filled":
            return "is the column filled from now on, or were columns swapped?"
        case "levels":
            return _unit(one, at, unusual)
        case "delays":
            return "does the feed come later than it used to?" if away > 0 else "is `known_at` filled in another way?"
        case "hours":
            moved = float(one.found.expected[at]) if one.column == "shift" else 0.0
            told = f" by {abs(moved):.0f} hours {'ahead' if moved > 0 else 'back'}" if moved else ""
            return f"has the clock or the time zone of the source been shifted{told}?"
        case _:
            return "have the ids of customers changed, or were columns swapped?"


def _subject(one: Series) -> str:
    rows = "rows" if one.kind == EVERYTHING else f"rows of kind {one.kind}"
    match one.check:
        case "vanished":
            return f"rows with {one.kind.replace(':', ' ')} {one.column}"
        case "appeared":
            return f"of rows have a {one.kind.replace(':', ' ')} never seen before"
        case "repeats":
            return "of rows tell again what another row told"
        case "strangers":
            return "of rows are of customers never seen before"
        case "missing":
            return f"of {rows} lack {one.column}"
        case "filled":
            return f"of {rows} have {one.column}"
        case "levels":
            return f"{one.column} of {one.kind or 'all kinds'}"
        case "hours":
            return "of rows fall at hours at which there were hardly any"
    return rows


def _renamed(days: Days, one: Series, at: int, unusual: Sequence[Series]) -> str:
    gone = [o for o in unusual if o.check == "vanished"]
    new = [o for o in unusual if o.check == "appeared"]
    for lost in gone:
        if any(o.kind == lost.kind for o in new):
            table = days.table(EVERYTHING, f"category:{lost.kind}")
            fresh = [
                value for place, value in enumerate(table.values)
                if table.counts[at, place] and not table.counts[: max(at - 7, 0), place].any() and value is not None
            ]  # fmt: skip
            to = f" to {fresh[0]}" if fresh else ""
            return f"was {lost.kind.replace(':', ' ')} {lost.column} renamed{to}?"
    if one.check == "appeared":
        others = {o.kind for o in new if o.kind != one.kind}
        return f"were columns swapped ({', '.join([one.kind, *sorted(others)])})?" if others else (
            "was something launched, or a value renamed?"
        )  # fmt: skip
    return "did a part of the feed stop, or was something closed down?"


def _unit(one: Series, at: int, unusual: Sequence[Series]) -> str:
    value, expected = float(one.found.value[at]), float(one.found.expected[at])
    for other in unusual:
        same = other.check == "levels" and other.kind == one.kind and other.column != one.column
        if same and abs(other.found.expected[at] - value) < 1 and abs(other.found.value[at] - expected) < 1:
            return f"were the columns {one.column} and {other.column} swapped?"
    ratio = 2.0 ** abs(value - expected)
    units = TIME if one.column.endswith("seconds") else MONEY
    close = min(units, key=lambda unit: abs(np.log(ratio / unit)))
    if abs(np.log(ratio / close)) < np.log(2.0):
        return f"{units[close]}?"
    return "a change of unit, other prices, or another column?"


def _times(value: float, expected: float) -> str:
    return f"{value / expected:,.1f} times" if value >= expected else f"1/{expected / value:,.1f} of"


def _number(doublings: float) -> str:
    value = 2.0**doublings
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
