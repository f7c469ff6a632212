"""Encounters: which people met which agent or team in the last year, and what came of it.

Everything is counted in sets (a case once, a person once), so that neither the order of rows nor a
row that belongs to several contracts of a person counts twice. Rows are sorted once a log by person,
group and case; a date then only picks rows out and counts where something new begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.pipelines.calendar import day_number
from tenure.pipelines.features.column import Context
from tenure.pipelines.history.history import View
from tenure.pipelines.history.log import FOREVER, MISSING, Ints, Log, Mask

MEASURES = ("people", "cases", "resolved", "reopened", "rated", "rating", "met_before", "stayed")
YEAR, AFTER = 364, 91


@dataclass(frozen=True)
class Met:
    """One entry for each person and each agent (or team) met, sorted by both; `person` and `group` are codes.

    `measures` has the whole numbers of `MEASURES`: `people` is 1, `cases` are those of the group's rows,
    `rated` the ratings that name the group or follow it in a case, `rating` their sum in fixed point;
    `met_before` is 1 for a person met 91 to 364 days ago and `stayed` where there was activity in the
    91 days after the last such day.
    """

    person: Ints
    group: Ints
    measures: dict[str, Ints]


def encounters(view: View, context: Context, who: str) -> Met:
    """Everybody whom the people of a view's history met by its date; `who` is agent or team."""
    history, log = view.history, view.any.log
    every = log.once(("encounters", who), lambda: _Encounters(log, _people(view), history.kinds, who))
    return every.as_of(day_number(view.as_of), tuple(context.subject))


def people_of(view: View) -> Ints:
    """A code of the person of each unit of a view; the same for every view of a history."""
    return _people(view)[view.units]


def begins(codes: Ints) -> Ints:
    """The places at which a new number begins in a sorted array."""
    if not len(codes):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))


def _people(view: View) -> Ints:
    history = view.history
    return history.rows.once("people", lambda: pd.factorize(history.customer_ids)[0].astype(np.int64))


class _Encounters:
    """The rows of a log that name an agent or team, and the states and ratings of the cases they are in.

    A *pair* is a person and a group; an *entry* is a case of a pair, or all its rows without a case.
    """

    def __init__(self, log: Log, people: Ints, kinds: Sequence[str], who: str) -> None:
        self._log, self._kinds = log, kinds
        self._days = log.day.astype(np.int64)
        self._person = people[log.unit_of_row()]
        self._case, self._rating = self._column("case_id", -1), self._column("rating", MISSING)
        self._cases_in_all = int(self._case.max(initial=0)) + 2
        group = self._column(f"{who}_id", -1)
        named = np.flatnonzero(group >= 0)
        key = (self._person[named] * (int(group.max(initial=0)) + 1) + group[named]) * self._cases_in_all
        order = named[np.lexsort((log.time[named], key + self._case[named]))]
        self._day, self._time = self._days[order], log.time[order]
        self._pair = _numbered(self._person[order], group[order])
        self._entry = _numbered(self._pair, self._case[order])
        heads, entries = order[begins(self._pair)], order[begins(self._entry)]
        self.person, self.group = self._person[heads], group[heads]
        self._pair_of_entry = self._pair[begins(self._entry)]
        self._in_case = self._case[entries] >= 0
        self._shared, self._case_of_entry = np.unique(self._key(entries), return_inverse=True)
        self._states = {state: self._rows_of(state) for state in ("resolved", "reopened")}
        self._find_ratings(order, group)
        self._active: dict[tuple[str, ...], Ints] = {}

    def as_of(self, today: int, subject: tuple[str, ...]) -> Met:
        """What there was in the year before a day."""
        rows = np.flatnonzero(self._year(self._day, today))
        pair, entry = self._pair[rows], self._entry[rows]
        met, first = pair[begins(pair)], begins(entry)
        entries, since = entry[first], self._time[rows[first]]
        found = {"people": self._count(met)} | self._cases(entries[self._in_case[entries]], today)
        found |= self._rated(entries, since, today) | self._stayed(rows, today, subject)
        return Met(self.person[met], self.group[met], {name: found[name][met] for name in MEASURES})

    def _cases(self, entries: Ints, today: int) -> dict[str, Ints]:
        """Cases, how many of them were resolved, and reopened besides; in each case by anybody."""
        pair, case = self._pair_of_entry[entries], self._case_of_entry[entries]
        states = {}
        for state, (day, of_case) in self._states.items():
            there = np.zeros(len(self._shared), dtype=bool)
            there[of_case[self._year(day, today)]] = True
            states[state] = there[case]
        again = states["resolved"] & states["reopened"]
        return {
            "cases": self._count(pair),
            "resolved": self._count(pair[states["resolved"]]),
            "reopened": self._count(pair[again]),
        }

    def _rated(self, entries: Ints, since: Ints, today: int) -> dict[str, Ints]:
        """Ratings that name the group, or that were given in a case no earlier than the group's first row in it."""
        met = np.full(len(self._pair_of_entry) + 1, FOREVER)
        met[entries], met[-1] = since, MISSING  # the last one stands for ratings that name the group
        rating = self._ratings
        held = np.flatnonzero(self._year(rating["day"], today) & (met[rating["entry"]] <= rating["time"]))
        held = held[begins(rating["key"][held])]
        pair = rating["pair"][held]
        total = np.zeros(len(self.person), dtype=np.int64)
        starts = begins(pair)
        if len(starts):
            total[pair[starts]] = np.add.reduceat(rating["rating"][held], starts)
        return {"rated": self._count(pair), "rating": total}

    def _stayed(self, rows: Ints, today: int, subject: tuple[str, ...]) -> dict[str, Ints]:
        """Whether a person was met 91 to 364 days ago, and was active in the 91 days after the last such day."""
        before = rows[self._day[rows] < today - AFTER]
        starts = begins(self._pair[before])
        pair = self._pair[before[starts]]
        last = 2 * self._day[before] + self._active_after(subject)[before]  # the latest day, and what came after it
        found = np.maximum.reduceat(last, starts) if len(starts) else last
        return {"met_before": self._count(pair), "stayed": self._count(pair[found % 2 == 1])}

    def _active_after(self, subject: tuple[str, ...]) -> Ints:
        """For each row that names a group 1 where its person was active in the `AFTER` days after its day, else 0."""
        if subject not in self._active:
            active = self._log.once(("active days", subject), lambda: self._active_days(subject))
            edge = self._dated(self.person[self._pair], self._day)
            after = np.searchsorted(active, edge + AFTER, side="right") > np.searchsorted(active, edge, side="right")
            self._active[subject] = after.astype(np.int64)
        return self._active[subject]

    def _active_days(self, subject: tuple[str, ...]) -> Ints:
        """The days with activity of each person, as one number each, sorted."""
        chosen = self._of_kinds(*subject) if subject else slice(None)
        days = np.sort(self._dated(self._person[chosen], self._days[chosen]), kind="stable")  # nearly sorted already
        return days[begins(days)]

    def _dated(self, person: Ints, day: Ints) -> Ints:
        first, last = int(self._days.min(initial=0)), int(self._days.max(initial=0))
        return person * (last - first + AFTER + 1) + (day - first)

    def _find_ratings(self, order: Ints, group: Ints) -> None:
        """Every rating with every group that it may be about: named in it, or met in its case."""
        given = np.flatnonzero(self._rating != MISSING)
        rated = given[self._case[given] >= 0]
        entries = np.flatnonzero(self._in_case)
        entries = entries[np.argsort(self._case_of_entry[entries], kind="stable")]
        case, wanted = self._case_of_entry[entries], self._place(rated)
        low, high = (np.searchsorted(case, wanted, side=side) for side in ("left", "right"))
        joined = np.repeat(np.arange(len(rated)), high - low)
        nth = np.arange(len(joined)) - np.repeat(np.cumsum(high - low) - (high - low), high - low)
        entry = entries[low[joined] + nth]
        direct = given[group[given] >= 0]
        place = np.empty(len(self._log), dtype=np.int64)
        place[order] = self._pair
        row = np.concatenate([direct, rated[joined]])
        pair = np.concatenate([place[direct], self._pair_of_entry[entry]])
        entry = np.concatenate([np.full(len(direct), -1), entry])
        same = (self._rating[row], self._case[row], self._log.time[row], pair)
        sort = np.lexsort(same)
        row = row[sort]
        self._ratings = {
            "pair": pair[sort],
            "entry": entry[sort],
            "key": _numbered(*(column[sort] for column in same)),
            "day": self._days[row],
            "time": self._log.time[row],
            "rating": self._rating[row],
        }

    def _rows_of(self, state: str) -> tuple[Ints, Ints]:
        """The day of each row of a kind in a case that somebody met is in, and the place of that case."""
        rows = np.flatnonzero(self._of_kinds(state) & (self._case >= 0))
        place = self._place(rows)
        return self._days[rows[place >= 0]], place[place >= 0]

    def _place(self, rows: Ints) -> Ints:
        """The place of the case of each row among all cases of pairs, -1 where it is none of them."""
        keys = self._key(rows)
        place = np.searchsorted(self._shared, keys)
        place[place == len(self._shared)] = -1
        return np.where(self._shared[place] == keys, place, -1) if len(self._shared) else place

    def _key(self, rows: Ints) -> Ints:
        """The person and the case of rows as one number."""
        return self._person[rows] * self._cases_in_all + self._case[rows] + 1

    def _of_kinds(self, *names: str) -> Mask:
        codes = [self._kinds.index(name) for name in names if name in self._kinds]
        return np.isin(self._log.values["kind"], codes)

    def _column(self, name: str, missing: int) -> Ints:
        return self._log.values[name] if name in self._log.values else np.full(len(self._log), missing)

    def _count(self, pairs: Ints) -> Ints:
        return np.bincount(pairs, minlength=len(self.person))

    @staticmethod
    def _year(day: Ints, today: int) -> Mask:
        return (day >= today - YEAR) & (day < today)


def _numbered(*columns: Ints) -> Ints:
    """Rows sorted so that equal ones are neighbours, numbered from 0 on in their order."""
    fresh = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        fresh[1:] |= column[1:] != column[:-1]
    return np.cumsum(fresh)
