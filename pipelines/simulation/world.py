"""A world that lives week by week, and of which one may ask what a contact would change."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tenure.pipelines.simulation.contacts import Contacts, leaving_time
from tenure.pipelines.simulation.draws import Draws, Floats, Ints
from tenure.pipelines.simulation.hazard import SETTLED_WEEKS, causes, log_hazard, response
from tenure.pipelines.simulation.observing import Observed, observed
from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.people import People, customer_id
from tenure.pipelines.simulation.truth import Futures, state_frame
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK, Feeling, Week, live_a_week, uses_of
from tenure.pipelines.simulation.writing import Progress, write_world

DAYS = 728
"""Days that are recorded, where nothing else is said."""

Watcher = Callable[[Week, Ints, Floats], None]
"""Is told of each week: what happened, how often each customer used the product, and when each left (a day, inf)."""


class NotInTheWorld(ValueError):
    """A day or a customer was named that the world does not have."""


class World:
    """Customers of whom everything is known: why they leave, and what a retention contact does to each.

    `World(parameters, customers=N, seed=S, days=D)` stands at its first day, Monday 2024-01-01, with all `N`
    customers that will ever come: half are there, the others sign on days of the `D` that follow. It moves by whole
    weeks: days named to it are Mondays (days of contacts may be any).

    - `world.advance(until, contacts={customer_id: day})` lives on until a Monday. A contact changes that customer's
      hazard from its day on (for `parameters.response.days` days; a later one takes its place) and nothing else.
    - `world.at(day)` is the truth about those who are customers on a Monday: one row each, with `risk` and
      `risk_if_contacted`, the probabilities to leave in the `horizon` days from it without a contact and with one on
      that day, and their difference `saved` (below 0: the contact drives away). They are means over what may still
      happen, so they know the present and not the future. A later day than today is looked at in a copy that lives
      on without contacts.
    - `world.observed()` is what of this can be seen in records, as numbers: a short way to features for benchmarks.
    - `world.fates(day)` is what really happens: whether each of those customers leaves within the horizon without
      and with a contact on that day, in the very same course of events.
    - `world.left()` says when each customer has left; `world.write(folder)` writes the records so far as a project.

    The same parameters, customers, seed, days and contacts give the same world. All that is random is drawn for each
    customer and week, whatever was done before (common random numbers): a contact of one customer changes nothing
    for others, and a customer whom a contact does not move has the same fate with it and without.
    """

    def __init__(self, parameters: Parameters, *, customers: int, seed: int, days: int = DAYS) -> None:
        if customers < 1 or days < WEEK or seed < 0:
            raise NotInTheWorld(
                f"expected customers >= 1, days >= {WEEK} and seed >= 0, found {customers}, {days} and {seed}"
            )
        self.parameters, self.seed, self.days = parameters, seed, days
        self.draws = Draws(seed, customers)
        self.people = People.born(parameters, self.draws, days=days)
        self.feeling = Feeling.first(self.people)
        for week in range(-SETTLED_WEEKS, 0):
            self.feeling = live_a_week(parameters, self.people, self.feeling, self.draws, week).after
        self.week = 0
        self.borne = np.zeros(customers)
        self.left_on = np.full(customers, np.inf)
        self.contacts = Contacts.none(customers)
        self.history: list[tuple[dt.date, dict[str, dt.date]]] = []
        self._seen: deque[Observed] = deque(maxlen=13)

    @property
    def today(self) -> dt.date:
        """The Monday at which the world stands."""
        return FIRST_DAY + dt.timedelta(days=WEEK * self.week)

    @property
    def present(self) -> Ints:
        """The numbers of those who are customers today."""
        return np.flatnonzero((self.people.signed < WEEK * self.week) & np.isinf(self.left_on))

    def advance(
        self,
        until: dt.date,
        *,
        contacts: Mapping[str, dt.date] | None = None,
        watcher: Watcher | None = None,
    ) -> World:
        """Live on until the Monday `until`, with these contacts on days from today on and before it; gives itself.

        `NotInTheWorld` where a day is none of the world's, or a customer is not known. Contacts of people who have
        left by then are made in vain.
        """
        last = self._week_of(until)
        numbers, days = self._planned(contacts or {}, until)
        self.history.append((until, dict(contacts or {})))
        while self.week < last:
            start = float(WEEK * self.week)
            now = (days >= start) & (days < start + WEEK)
            moved = response(self.parameters, self.people, self.feeling)
            self.contacts = self.contacts.joined(
                numbers[now], days[now], moved[numbers[now]], lasting=self.parameters.response.days
            )
            self._live(watcher)
        return self

    def _live(self, watcher: Watcher | None) -> None:
        present = self.present
        hazard = np.exp(log_hazard(self.parameters, causes(self.parameters, self.people, self.feeling, self.week)))
        start = float(WEEK * self.week)
        rest = self.people.patience[present] - self.borne[present]
        day, borne = leaving_time(hazard[present], self.contacts.of(present), start=start, rest=rest)
        self.left_on[present] = day
        self.borne[present] += borne
        week = live_a_week(self.parameters, self.people, self.feeling, self.draws, self.week)
        uses = uses_of(self.people, week, self.draws)
        self._seen.append(Observed.of(week, uses))
        if watcher is not None:
            watcher(week, uses, self.left_on)
        self.feeling, self.week = week.after, self.week + 1

    def copy(self) -> World:
        """A world that stands where this one stands and goes its own way from here."""
        other = object.__new__(World)
        other.__dict__.update(self.__dict__)
        other.borne, other.left_on = self.borne.copy(), self.left_on.copy()
        other.history, other._seen = list(self.history), self._seen.copy()
        return other

    def at(self, day: dt.date, *, horizon: int = 28, futures: int = 16) -> pd.DataFrame:
        """The truth about all who are customers on the Monday `day`: means over so many futures of `horizon` days.

        Columns: `customer_id`, `risk`, `risk_if_contacted`, `saved`, `log_hazard` (a week), what each cause adds to
        it (`cause_service`, `cause_use`, `cause_price`, `cause_contract`, `cause_life`, `cause_hidden`), `response`
        (what a contact adds), `value` (what is paid a year), `price`, `plan`, `segment`, `language`, `age_days`.
        """
        if day > self.today:
            return self.copy().advance(day).at(day, horizon=horizon, futures=futures)
        self._week_of(day)
        weeks = _whole_weeks(horizon)
        course = Futures(self.parameters, self.people, self.feeling, self.contacts, self.seed, self.week)
        return state_frame(course, self.present, weeks=weeks, futures=futures)

    def observed(self) -> pd.DataFrame:
        """What the records tell today of everybody who is a customer: `customer_id` and numbers, no truth in it."""
        return observed(self.people, self.feeling, tuple(self._seen), self.present, self.week)

    def fates(self, day: dt.date, *, horizon: int = 28) -> pd.DataFrame:
        """`customer_id`, and whether each leaves within the horizon `without` a contact and `with_contact`.

        `fate` names the pair: `sure thing`, `lost cause`, `persuadable`, `driven away`.
        """
        if day > self.today:
            return self.copy().advance(day).fates(day, horizon=horizon)
        self._week_of(day)
        until = day + dt.timedelta(days=WEEK * _whole_weeks(horizon))
        numbers = self.present
        names = [customer_id(number) for number in numbers.tolist()]
        without = np.isfinite(self.copy().advance(until).left_on[numbers])
        contacts = dict.fromkeys(names, day)
        contacted = np.isfinite(self.copy().advance(until, contacts=contacts).left_on[numbers])
        words = np.array(["sure thing", "driven away", "persuadable", "lost cause"])
        fate = words[2 * without + contacted]
        return pd.DataFrame({"customer_id": names, "without": without, "with_contact": contacted, "fate": fate})

    def left(self) -> pd.Series:
        """The day on which each customer left, by customer id; missing for whoever has not left by today."""
        gone = np.flatnonzero(np.isfinite(self.left_on))
        names = [customer_id(number) for number in range(len(self.people))]
        days = pd.Series(pd.NaT, index=pd.Index(names, name="customer_id"), dtype="datetime64[s]")
        days.iloc[gone] = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(np.floor(self.left_on[gone]), unit="D")
        return days

    def relive(self, watcher: Watcher) -> World:
        """A world that has lived through the same, with the same contacts, while `watcher` was told of each week."""
        again = World(self.parameters, customers=len(self.people), seed=self.seed, days=self.days)
        for until, contacts in self.history:
            again.advance(until, contacts=contacts, watcher=watcher)
        return again

    def write(self, folder: Path, *, progress: Progress | None = None) -> Path:
        """Write what is on record today as a project, and the truth beside it; gives the project file."""
        return write_world(self, folder, progress=progress)

    def _week_of(self, day: dt.date) -> int:
        week, odd = divmod((day - FIRST_DAY).days, WEEK)
        if odd or week < self.week:
            raise NotInTheWorld(f"expected a Monday from {self.today} on, where the world stands, found {day}")
        return week

    def _planned(self, contacts: Mapping[str, dt.date], until: dt.date) -> tuple[Ints, Floats]:
        numbers = np.array([self._number(name) for name in contacts], dtype=np.int64)
        days = np.array([(day - FIRST_DAY).days for day in contacts.values()], dtype=np.float64)
        wrong = [day for day in contacts.values() if not self.today <= day < until]
        if wrong:
            raise NotInTheWorld(
                f"expected contacts on days from {self.today} on and before {until}, found {len(wrong)} on others, "
                f"the first on {wrong[0]}"
            )
        return numbers, days

    def _number(self, name: str) -> int:
        number = int(name[1:]) if name[:1] == "c" and name[1:].isdecimal() else -1
        if not 0 <= number < len(self.people):
            last = customer_id(len(self.people) - 1)
            raise NotInTheWorld(f"expected a customer from {customer_id(0)} to {last}, found {name!r}")
        return number


def _whole_weeks(days: int) -> int:
    if days < WEEK or days % WEEK:
        raise NotInTheWorld(f"expected a horizon of whole weeks, found {days} days")
    return days // WEEK
