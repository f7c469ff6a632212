"""What of a world can be seen in its records, as numbers a customer: no truth in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.pipelines.simulation.draws import Floats, Ints
from tenure.pipelines.simulation.people import People, customer_id
from tenure.pipelines.simulation.weeks import FELT, WEEK, Feeling, Week, price_of, renews_in


@dataclass(frozen=True)
class Observed:
    """What was seen in one week: uses of each customer; cases and how they went wrong; the share of a price rise."""

    uses: Ints
    cases: dict[str, Ints]
    raised: Floats

    @classmethod
    def of(cls, week: Week, uses: Ints) -> Observed:
        """Take what can be seen from what happened."""
        found = week.cases
        wrong = {name: found.customer[getattr(found, name)] for name in FELT}
        return cls(uses, {"opened": found.customer} | wrong, week.raised)


def observed(people: People, feeling: Feeling, seen: Sequence[Observed], rows: Ints, week: int) -> pd.DataFrame:
    """Columns of counts over the last 4 and 13 weeks, the price and the contract, for customers with these numbers.

    `uses_4w`, `uses_13w`; `cases_13w`; for each failure (`broken`, `reopened`, `left_alone`, `slow`, `escalated`) its
    count over 4 and 13 weeks; `raised_13w`, the shares by which the price rose; `price`, `value` (a year), `plan`,
    `segment`, `language` (as codes), `age_days`, `days_until_renewal`.
    """
    columns: dict[str, object] = {"customer_id": [customer_id(number) for number in rows.tolist()]}
    size = len(people)
    for weeks in (4, 13):
        lately = seen[-weeks:]
        columns[f"uses_{weeks}w"] = _sum([one.uses for one in lately], size)[rows]
        for name in ("opened", *FELT):
            counts = [np.bincount(one.cases[name], minlength=size) for one in lately]
            columns[f"{'cases' if name == 'opened' else name}_{weeks}w"] = _sum(counts, size)[rows]
    price = price_of(people, feeling)[rows]
    columns |= {
        "raised_13w": _sum([one.raised for one in seen], size)[rows],
        "price": price,
        "value": np.round(12 * price, 2),
        "plan": feeling.plan[rows],
        "segment": people.segment[rows],
        "language": people.language[rows],
        "age_days": (WEEK * week - people.signed)[rows],
        "days_until_renewal": renews_in(people, week)[rows],
    }
    return pd.DataFrame(columns)


def _sum(columns: list[Ints] | list[Floats], size: int) -> Floats:
    total = np.zeros(size)
    for column in columns:
        total += column
    return total
