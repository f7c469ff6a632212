"""What desk and panel show beside a risk: facts of a unit as of the date, taken from its features.

A fact is there only where the project computes the feature it comes from, and where it is known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Facts = dict[str, Any]

FACTS = {
    "days_since_last": "any_days_since_last",
    "open_cases": "service_open_cases",
    "cases_91d": "service_cases_count_91d",
    "last_rating": "satisfaction_last",
    "renewal_days": "contract_days_until_renewal",
}
"""Single figures, and the features they are: days, counts, a rating from 0 to 1."""

OPEN_PROMISES = {
    "unanswered": ("service_unanswered_count", "service_unanswered_days"),
    "callback": ("service_promises_overdue", "service_promises_overdue_days"),
}
"""What the customer waits for: how many, and days since the oldest was due."""

LEFT_DAYS = "service_transfers_left_days_since"
LEFT_COUNT = "service_transfers_left_28d"
FIRST = "_days_since_first"
DAYS_KNOWN = "days_known"
FIGURES = {**FACTS, **{name: count for name, (count, _) in OPEN_PROMISES.items()}, "left": LEFT_COUNT}
"""The figures that conditions and values may use besides `DAYS_KNOWN`, and the features they are."""

COLUMNS = (*FACTS.values(), *(name for pair in OPEN_PROMISES.values() for name in pair), LEFT_DAYS, LEFT_COUNT)


def waiting(described: pd.DataFrame) -> np.ndarray:
    """Which units wait for something that was promised or should go without saying."""
    counts = [name for name, _ in OPEN_PROMISES.values()] + [LEFT_COUNT]
    held = [name for name in counts if name in described.columns]
    return np.asarray((described[held].to_numpy(dtype=float) > 0).any(axis=1))


def columns_of(described: pd.DataFrame) -> list[str]:
    """The features from which facts are taken."""
    return [name for name in described.columns if name in COLUMNS or name.endswith(FIRST)]


def known_figures(described: pd.DataFrame) -> pd.DataFrame:
    """Single figures of every row for conditions and values: days, counts, a rating; NaN where not known.

    Only those are there whose feature is.

    >>> known_figures(pd.DataFrame({"any_days_since_last": [3.0], "visit_days_since_first": [9.0]})).to_dict("list")
    {'days_since_last': [3.0], 'days_known': [9.0]}
    """
    held = {name: described[column].to_numpy(dtype=float) for name, column in FIGURES.items() if column in described}
    firsts = [name for name in described.columns if name.endswith(FIRST)]
    if firsts:
        held[DAYS_KNOWN] = described[firsts].max(axis="columns").to_numpy(dtype=float)
    return pd.DataFrame(held, index=pd.RangeIndex(len(described)))


def facts_of(described: pd.DataFrame) -> list[Facts]:
    """The facts of every row; what is missing is left out.

    >>> facts_of(pd.DataFrame({"any_days_since_last": [3.0], "service_unanswered_count": [1.0],
    ...                        "service_unanswered_days": [2.5]}))
    [{'days_since_last': 3.0, 'unanswered': [1.0, 2.5]}]
    """
    held = {name: described[name].to_numpy(dtype=float) for name in columns_of(described)}
    return [_of_row({name: values[row] for name, values in held.items()}) for row in range(len(described))]


def _of_row(row: dict[str, float]) -> Facts:
    known = {name: round(float(value), 3) for name, value in row.items() if not np.isnan(value)}
    found: Facts = {name: known[column] for name, column in FACTS.items() if column in known}
    firsts = [days for name, days in known.items() if name.endswith(FIRST)]
    if firsts:
        found[DAYS_KNOWN] = max(firsts)
    for name, (count, days) in OPEN_PROMISES.items():
        if known.get(count, 0.0) > 0:
            found[name] = [known[count], known.get(days, 0.0)]
    if known.get(LEFT_COUNT, 0.0) > 0:
        found["left"] = [known[LEFT_COUNT], known.get(LEFT_DAYS, 0.0)]
    return found
