"""What the definitions say of the customers of one bucket, counted at every date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tenure.pipelines.calendar import day_number
from tenure.pipelines.defining.plan import EVERY_DAYS, Definition, Plan
from tenure.pipelines.defining.variants import already_lost, came_back, lost, with_horizon, with_window
from tenure.pipelines.defining.yardstick import Rows, describe
from tenure.pipelines.examples.sample import in_sample
from tenure.pipelines.examples.task import Task
from tenure.pipelines.history.history import History
from tenure.pipelines.history.log import Ints
from tenure.pipelines.outcomes.horizon import Horizon
from tenure.pipelines.outcomes.status import SCORED, status_of

Mask = NDArray[np.bool_]


@dataclass
class Counts:
    """One definition over all judged dates; a unit counts at every date at which it is asked about.

    `followed` are those of the `lost` for whom it is known whether they came back, and `returned` who did.
    `people` were lost at one date at least. `lost_squared`, `lost_returned` and `returned_squared` are sums by
    person of `followed` and `returned`, from which the interval is made. `delays` are the days from the last
    activity to being called lost, of the real losses that were ever called so.
    """

    asked: int = 0
    lost: int = 0
    gone: int = 0
    followed: int = 0
    returned: int = 0
    people: int = 0
    lost_squared: int = 0
    lost_returned: int = 0
    returned_squared: int = 0
    delays: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, other: Counts) -> None:
        """Count other people too."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            setattr(self, name, np.concatenate([mine, value]) if name == "delays" else mine + value)


@dataclass
class Survey:
    """The counts of every definition, how many real losses there were, and rows to predict from."""

    counts: dict[Definition, Counts]
    real_losses: int
    rows: list[Rows]


def survey_bucket(task: Task, bucket: int, *, plan: Plan, share: float) -> Survey:
    """Ask every definition about the customers of a bucket; a `share` of them is described for predictions."""
    return survey_history(task.recipe.read(bucket), plan, sample=task.sample, share=share)


def survey_history(history: History, plan: Plan, *, sample: float = 1.0, share: float = 1.0) -> Survey:
    """Ask every definition about the units of a history, at every date of the plan."""
    history = history.expecting(plan.asked)
    units = np.flatnonzero(in_sample(history.customer_ids, sample))
    counts = {definition: Counts() for definition in plan.definitions}
    last = _last_days(history, plan, units)
    watch = _Watch(plan, last)
    judged = _Judged(plan, history, units)
    rows = []
    for as_of in plan.asked:
        view = history.as_of(as_of, units)
        eligible = [status_of(view, with_window(plan.outcome, window)) == SCORED for window in plan.windows]
        labels = _labels(history, plan, as_of, units)
        watch.look(as_of, eligible, labels)
        if as_of in plan.judged:
            judged.look(as_of, eligible, labels, counts)
        rows += describe(history, plan, as_of, units, eligible, labels, share=share)
    judged.close(counts)
    for definition, found in watch.delays().items():
        counts[definition].delays = found
    return Survey(counts, int(watch.real.sum()), rows)


def _labels(history: History, plan: Plan, as_of: dt.date, units: Ints) -> dict[int, NDArray[np.float64]]:
    known = [h for h in plan.horizons if plan.known_at(h, as_of) <= plan.watermark]
    return {h: lost(history, with_horizon(plan.outcome, h), as_of, units) for h in known}


def _last_days(history: History, plan: Plan, units: Ints) -> Ints:
    """The day of each unit's last activity on record, as days since 1970; -1 where there is none.

    Rows past the watermark count too: whoever has come back by then is no loss, complete or not.
    """
    log = Horizon(history, plan.outcome, plan.watermark, units).log(*plan.outcome.kinds)
    days = np.append(log.day.astype(np.int64), -1)
    return np.where(log.starts[units + 1] > log.starts[units], days[log.starts[units + 1] - 1], -1)


class _Watch:
    """The real losses, and when each definition first called them lost.

    Real are those whose last activity fell on or after the first date, and who were silent ever since: to the
    end of the data, and for at least as long as the lost are followed.
    """

    def __init__(self, plan: Plan, last: Ints) -> None:
        self._plan, self._last = plan, last
        until = day_number(plan.watermark)
        spans = (plan.known_at(h, plan.watermark) - plan.watermark for h in plan.horizons)
        silent = max(plan.followed_days, *(span.days + EVERY_DAYS for span in spans))
        self.real: Mask = (last >= day_number(plan.judged[0])) & (until - last > silent)
        self._noticed = {d: np.full(len(last), -1, dtype=np.int64) for d in plan.definitions}

    def look(self, as_of: dt.date, eligible: Sequence[Mask], labels: dict[int, NDArray[np.float64]]) -> None:
        """Note who is called lost for the first time by a horizon that reaches past the last activity."""
        for horizon, label in labels.items():
            told = day_number(self._plan.known_at(horizon, as_of))
            end = told - self._plan.outcome.maturity_days
            said = self.real & (label == 1) & (end > self._last)
            for window, asked in zip(self._plan.windows, eligible, strict=True):
                noticed = self._noticed[Definition(horizon, window)]
                noticed[said & asked & (noticed < 0)] = told

    def delays(self) -> dict[Definition, Ints]:
        """Days from last activity to being called lost, of those who ever were."""
        return {d: (noticed - self._last)[noticed >= 0] for d, noticed in self._noticed.items()}


class _Judged:
    """Who was called lost, and who of them came back."""

    def __init__(self, plan: Plan, history: History, units: Ints) -> None:
        self._plan, self._history, self._units = plan, history, units
        self._followed = {d: np.zeros(len(units), dtype=np.int64) for d in plan.definitions}
        self._returned = {d: np.zeros(len(units), dtype=np.int64) for d in plan.definitions}

    def look(
        self,
        as_of: dt.date,
        eligible: Sequence[Mask],
        labels: dict[int, NDArray[np.float64]],
        counts: dict[Definition, Counts],
    ) -> None:
        """Count one date."""
        plan, where = self._plan, (self._history, self._plan.outcome, as_of, self._units)
        for horizon in plan.horizons:
            label = labels[horizon]
            back = came_back(*where, horizon=horizon, followed=plan.followed_days)
            gone = already_lost(*where, horizon=horizon) == 1
            for window, asked in zip(plan.windows, eligible, strict=True):
                definition = Definition(horizon, window)
                found, count = asked & (label == 1), counts[definition]
                followed = found & ~np.isnan(back)
                count.asked += int((asked & ~np.isnan(label)).sum())
                count.lost += int(found.sum())
                count.gone += int((found & gone).sum())
                self._followed[definition] += followed
                self._returned[definition] += followed & (back == 1)

    def close(self, counts: dict[Definition, Counts]) -> None:
        """Add up by person: a person counts as one over all dates and contracts."""
        _, person = np.unique(self._history.customer_ids[self._units].astype(str), return_inverse=True)
        for definition, count in counts.items():
            followed = np.bincount(person, self._followed[definition]).astype(np.int64)
            returned = np.bincount(person, self._returned[definition]).astype(np.int64)
            count.followed, count.returned = int(followed.sum()), int(returned.sum())
            count.people = int((followed > 0).sum())
            count.lost_squared = int((followed * followed).sum())
            count.lost_returned = int((followed * returned).sum())
            count.returned_squared = int((returned * returned).sum())
