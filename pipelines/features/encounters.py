"""Encounters: which people met which agent or team in the last year, and what came of it.

Everything is counted in sets (a case once, a person once), so that neither the order of rows nor a
row that belongs to several contracts of a person counts twice.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tenure.pipelines.calendar import day_number
from tenure.pipelines.features.column import Context
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import MISSING, Ints

MEASURES = ["people", "cases", "resolved", "reopened", "rated", "rating", "met_before", "stayed"]
YEAR, AFTER = 364, 91
PAIR, CASE = ["person", "group"], ["person", "case_id"]


def encounters(view: View, context: Context, who: str) -> pd.DataFrame:
    """A row for each person and each agent (or team) met by then, with `MEASURES` as whole numbers.

    `person` and `group` are codes; `cases` are those of the group's rows, `rated` the ratings that name
    the group or follow it in a case, `rating` their sum in fixed point; `met_before` is 1 for a person met
    91 to 364 days ago and `stayed` where there was activity in the 91 days after the last such day.
    """
    rows = _rows(view, who)
    named = rows.loc[rows["group"] >= 0]
    pairs = named[PAIR].drop_duplicates().sort_values(PAIR).set_index(PAIR).assign(people=1)
    for counted in (_cases(rows, named), _ratings(rows, named), _stayed(view, context, rows, named)):
        pairs = pairs.join(counted)
    return pairs[MEASURES].fillna(0).astype(np.int64).reset_index()


def _rows(view: View, who: str) -> pd.DataFrame:
    """The rows of the last year, each with its person, age in days, group, case and rating."""
    past = view.any.recorded
    rows, owner = past.each()
    kinds = view.history.kinds
    people = people_of(view)[owner]
    frame = pd.DataFrame({"person": people, "time": past.log.time[rows]})
    frame["age"] = day_number(view.as_of) - past.log.day[rows].astype(np.int64)
    for new, old in {"group": f"{who}_id", "case_id": "case_id", "rating": "rating", "kind": "kind"}.items():
        frame[new] = past.log.values[old][rows] if old in past.log.values else -1
    for state in ("resolved", "reopened"):
        frame[state] = frame["kind"] == (kinds.index(state) if state in kinds else -2)
    return frame.loc[frame["age"] <= YEAR]


def people_of(view: View) -> Ints:
    """A code of the person of each unit of a view; the same for every view of a history."""
    history = view.history
    return history.rows.once("people", lambda: pd.factorize(history.customer_ids)[0].astype(np.int64))[view.units]


def _cases(rows: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Cases of each pair, and how many of them were resolved, and reopened besides."""
    cases = named.loc[named["case_id"] >= 0, [*PAIR, "case_id"]].drop_duplicates()
    for state in ("resolved", "reopened"):
        there = rows.loc[rows[state] & (rows["case_id"] >= 0), CASE].drop_duplicates().assign(**{state: 1})
        cases = cases.merge(there, on=CASE, how="left")
    cases["reopened"] = cases["reopened"].where(cases["resolved"] == 1)
    return cases.assign(cases=1).groupby(PAIR)[["cases", "resolved", "reopened"]].sum()


def _ratings(rows: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Ratings that name the group, or that were given in a case no earlier than the group's first row in it."""
    rating = ["person", "time", "case_id", "rating"]
    given = rows.loc[rows["rating"] != MISSING]
    first = named.loc[named["case_id"] >= 0].groupby([*CASE, "group"])["time"].min().rename("met").reset_index()
    later = given.loc[given["case_id"] >= 0, rating].merge(first, on=CASE)
    of_case = later.loc[later["met"] <= later["time"], [*rating, "group"]]
    direct = given.loc[given["group"] >= 0, [*rating, "group"]]
    found = pd.concat([direct, of_case]).drop_duplicates().assign(rated=1)
    return found.groupby(PAIR)[["rated", "rating"]].sum()


def _stayed(view: View, context: Context, rows: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Whether a person was met 91 to 364 days ago, and was active in the 91 days after the last such day."""
    kinds = view.history.kinds
    subject = [kinds.index(kind) for kind in context.subject if kind in kinds]
    active = rows.loc[rows["kind"].isin(subject)] if context.subject else rows
    span = 2 * YEAR
    days = np.sort((active["person"] * span + YEAR - active["age"]).to_numpy(dtype=np.int64))
    met = named.loc[named["age"] > AFTER].groupby(PAIR)["age"].min().rename("age").reset_index()
    last = (met["person"] * span + YEAR - met["age"]).to_numpy(dtype=np.int64)
    after = np.searchsorted(days, last + AFTER, side="right") - np.searchsorted(days, last, side="right")
    return met.assign(met_before=1, stayed=(after > 0).astype(np.int64)).set_index(PAIR)[["met_before", "stayed"]]
