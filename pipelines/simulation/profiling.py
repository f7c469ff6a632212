"""Dated facts about customers: what they are called, what they pay, when they renew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenure.pipelines.simulation.draws import Draws, Floats, Ints
from tenure.pipelines.simulation.messages import words
from tenure.pipelines.simulation.people import LANGUAGES, PLANS, SEGMENTS, YEAR, People
from tenure.pipelines.simulation.rows import INSTANT, instants
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK, Week, price_of, renews_in

SIGNED = 10 / 24
"""The time of day at which contracts are signed."""


class Facts(NamedTuple):
    """Facts of one name: whose, from which day, and what."""

    name: str
    customer: Ints
    day: NDArray
    value: pa.Array


class Names(NamedTuple):
    """Places of first and last names in the tables of the customer's language."""

    first: Ints
    last: Ints

    @classmethod
    def given(cls, draws: Draws) -> Names:
        """Whatever their parents called them."""
        held = words()
        return cls(
            draws.chosen("first name", (1.0,) * len(held.first_names[0])),
            draws.chosen("last name", (1.0,) * len(held.last_names[0])),
        )


def facts_of(people: People, names: Names, week: Week) -> list[Facts]:
    """What became known in a week: all of whoever signed in it, and what changed for others.

    Of those who were there before the records begin, what they pay and when they renew is known from their first day.
    """
    start = WEEK * week.number
    begun = (people.signed >= start) & (people.signed < start + WEEK)
    new = np.flatnonzero(begun | (people.signed < 0) if week.number == 0 else begun)
    signed = people.signed[new] + SIGNED
    changed = np.flatnonzero(week.active & (price_of(people, week.feeling) != price_of(people, week.after)))
    moved = np.flatnonzero(week.active & (week.feeling.plan != week.after.plan))
    today = renews_in(people, week.number) % YEAR
    renewed = np.flatnonzero(week.active & (today < WEEK))
    kept = np.maximum(signed, 0.0)
    sunday = start + 6.95
    found = _for_ever(people, names, new, signed)
    found += _paid(new, kept, price_of(people, week.feeling))
    found += _paid(changed, np.full(len(changed), sunday), price_of(people, week.after))
    found += [
        Facts("plan", rows, day, _of(tuple(plan.name for plan in PLANS), codes[rows]))
        for rows, day, codes in (
            (new, kept, week.feeling.plan),
            (moved, np.full(len(moved), sunday), week.after.plan),
        )
    ]
    first_due = np.where(people.signed < 0, start + renews_in(people, week.number), people.signed + YEAR)
    found.append(Facts("renewal_date", new, kept, _days(first_due[new])))
    found.append(Facts("renewal_date", renewed, start + today[renewed] + 0.4, _days(start + today[renewed] + YEAR)))
    return found


def profiles(facts: Sequence[Facts], *, customers: pa.Array) -> pa.Table:
    """One table of facts, each known when it is dated."""
    whose = np.concatenate([one.customer for one in facts])
    names = pa.array([one.name for one in facts])
    sizes = [len(one.customer) for one in facts]
    occurred = pa.array(instants(np.concatenate([one.day for one in facts]))).cast(INSTANT)
    return pa.table(
        {
            "customer_id": customers.take(pa.array(whose)),
            "name": names.take(pa.array(np.repeat(np.arange(len(facts)), sizes))),
            "value": pa.concat_arrays([one.value for one in facts]),
            "occurred_at": occurred,
            "known_at": occurred,
        }
    )


def _for_ever(people: People, names: Names, rows: Ints, day: NDArray) -> list[Facts]:
    held = words()
    many, language = len(held.first_names[0]), people.language[rows]
    whole = tuple(
        f"{first} {last}"
        for firsts, lasts in zip(held.first_names, held.last_names, strict=True)
        for first in firsts
        for last in lasts
    )
    place = (language * many + names.first[rows]) * len(held.last_names[0]) + names.last[rows]
    return [
        Facts("name", rows, day, _of(whole, place)),
        Facts("segment", rows, day, _of(SEGMENTS, people.segment[rows])),
        Facts("language", rows, day, _of(LANGUAGES, language)),
        Facts("consent", rows, day, _of(("no", "yes"), people.consent[rows])),
    ]


def _paid(rows: Ints, day: NDArray, price: Floats) -> list[Facts]:
    return [
        Facts("price", rows, day, _money(price[rows])),
        Facts("value", rows, day, _money(np.round(12 * price[rows], 2))),
    ]


def _money(amounts: Floats) -> pa.Array:
    return pa.array([f"{amount:.2f}" for amount in amounts.tolist()], pa.string())


def _of(table: Sequence[str], codes: Ints) -> pa.Array:
    return pa.array(list(table), pa.string()).take(pa.array(codes))


def _days(days: Ints | Floats) -> pa.Array:
    return pa.array([str(FIRST_DAY + dt.timedelta(days=int(day))) for day in days.tolist()], pa.string())
