"""Profile: dated facts about the customer, the last usable value as of the date."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenure.pipelines.features.column import Column, Context, Fitted
from tenure.pipelines.history.history import View


def compute(view: View, context: Context, fitted: Fitted) -> Iterator[Column]:
    """Numbers as they are, days since dates, and a column of 0 and 1 for every frequent category."""
    levels = [key.partition("=") for key in fitted.named("level")]
    for name, sort in sorted(context.profiles.items()):
        past = view.profile(name)
        if past is None:
            continue
        if sort == "number":
            yield Column(f"profile_{name}", past.last("value"), f"{name.replace('_', ' ')} of the customer", "profile")
            continue
        words = view.history.levels.get(name, ())
        found = past.last_code("value")
        for _, _, level in (key for key in levels if key[0] == name):
            code = words.index(level) if level in words else -2
            values = np.where(found < 0, np.nan, (found == code).astype(np.float64))
            meaning = f"whether {name.replace('_', ' ')} is {level}"
            yield Column(f"profile_{name}_{_slug(level)}", values, meaning, "profile", 0, f"level:{name}={level}")


def _slug(level: str) -> str:
    """A category as part of a column name.

    >>> _slug("10-20%")
    '10_20'
    """
    words = "".join(c.lower() if c.isalnum() else " " for c in level).split()
    return "_".join(words) or "blank"
