"""Profile: dated facts about the customer, the last usable value as of the date."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator

import numpy as np

from tenure.pipelines.calendar import day_number
from tenure.pipelines.features.column import Column, Context, Fitted, Values
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import Ints
from tenure.pipelines.history.past import Past

SIGNS = {"<": " lt ", ">": " gt ", "=": " eq ", "+": " plus ", "%": " pct "}
"""How signs that tell levels apart are spelled in a column name."""


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Numbers as they are, days since dates, and a column of 0 and 1 for every frequent category."""
    for name, sort in sorted(context.profiles.items()):
        past, words = view.profile(name), view.history.levels.get(name, ())
        spoken, nothing = name.replace("_", " "), np.full(len(view.units), np.nan)
        if sort == "number":
            values = nothing if past is None else past.last("value")
            yield Column(f"profile_{name}", values, f"{spoken} of the customer", "profile")
        elif sort == "date":
            values = nothing if past is None else _days_since(past, words)
            yield Column(f"profile_{name}_days_since", values, f"days since the customer's {spoken}", "profile")
        else:
            found = np.full(len(view.units), -1) if past is None else past.last_code("value")
            yield from _levels(name, found, words, fitted)


def _levels(name: str, found: Ints, words: tuple[str, ...], fitted: Fitted) -> Iterator[Column]:
    for sort in ("level", "twin"):
        for key in fitted.named(sort):
            profile, _, level = key.partition("=")
            if profile == name:
                code = words.index(level) if level in words else -2
                values = np.where(found < 0, np.nan, (found == code).astype(np.float64))
                meaning = f"whether {name.replace('_', ' ')} is {level}"
                column = level_name(name, level, twin=sort == "twin")
                yield Column(column, values, meaning, "profile", 0, f"{sort}:{key}")


def _days_since(past: Past, words: tuple[str, ...]) -> Values:
    """Calendar days from the date in the latest value to `as_of`, negative when it lies ahead."""
    days = np.array([*(_day(word) for word in words), np.nan])  # code -1, nobody's value, finds the last
    return float(day_number(past.as_of)) - days[past.last_code("value")]


def _day(word: str) -> float:
    """The day of an ISO date or time as it is written, NaN where the value is none.

    >>> _day("1970-01-03"), _day("1970-01-03 23:59:00+02:00"), _day("soon")
    (2.0, 2.0, nan)
    """
    try:
        return float(day_number(dt.datetime.fromisoformat(word.strip()).date()))
    except ValueError:
        return float("nan")


def level_name(name: str, level: str, *, twin: bool = False) -> str:
    """The column of a category; a `twin`, which would share its name with another, ends in a hash of its own.

    >>> level_name("age", "10-20"), level_name("age", "65+"), level_name("share", "<5 %")
    ('profile_age_10_20', 'profile_age_65_plus', 'profile_share_lt_5_pct')
    """
    spelled = re.sub(r"^\s*-(?=\d)", "minus ", level)
    for sign, word in SIGNS.items():
        spelled = spelled.replace(sign, word)
    words = "".join(c.lower() if c.isalnum() else " " for c in spelled).split()
    ending = f"_{hashlib.sha256(level.encode()).hexdigest()[:6]}" if twin else ""
    return f"profile_{name}_{'_'.join(words) or 'blank'}{ending}"
