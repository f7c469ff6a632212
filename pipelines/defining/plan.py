"""What is compared and at which dates: horizons, windows of eligibility, and how long the lost are followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from tenure.pipelines.defining.variants import Compared, with_horizon
from tenure.pipelines.examples.study import Study
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.settings.outcome import Decline, Inactivity

HORIZONS = (14, 28, 42, 56, 91, 126, 182, 364)
WINDOWS = (28, 56, 91, 182, 364)
"""Days that are compared where nobody names others: whole weeks, near the months people speak of."""

CLOSE = 0.1
"""A usual number of days this close to the declared one is left out: it would say the same."""

EVERY_DAYS = 7
"""Days between the dates at which a definition is asked."""

LONGEST_FOLLOWED = 364
"""Nobody is followed for longer than this, unless told so: who comes back after a year is a new customer."""

LEAST_HISTORY_DAYS = 28
"""Days of history before the first date, at the least."""

TESTS = 3
TEST_EVERY_DAYS = 28
LEARN_EVERY_DAYS = 14
MOST_LEARNT = 6
"""The dates at which predictions are tested, and those before each of them from which they learn."""


class DefinitionRefused(ValueError):
    """Definitions that cannot be compared on these data."""


class Definition(NamedTuple):
    """One of those compared; `active_days` is None where eligibility asks for no recent activity."""

    horizon_days: int
    active_days: int | None


@dataclass(frozen=True)
class Plan:
    """Every horizon with every window, at dates a week apart on one grid.

    At `judged` dates the lost are followed for `followed_days` from the start of the horizon: the same
    days whatever the horizon, so that all definitions are held against the same truth. `asked` are these
    dates and all later ones: on them a loss may be noticed. `tests` are dates whose longest horizon is
    over, at which predictions are tested. `notes` say what was left out or falls short.
    """

    outcome: Compared
    horizons: tuple[int, ...]
    windows: tuple[int | None, ...]
    followed_days: int
    judged: tuple[dt.date, ...]
    asked: tuple[dt.date, ...]
    tests: tuple[dt.date, ...]
    watermark: dt.date
    notes: tuple[str, ...] = ()

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """All that are compared, by horizon and then by window."""
        return tuple(Definition(horizon, window) for horizon in self.horizons for window in self.windows)

    @property
    def declared(self) -> Definition:
        """What the project file says."""
        return Definition(self.outcome.horizon_days, self.outcome.eligible.active_days)

    def known_at(self, horizon: int, as_of: dt.date) -> dt.date:
        """The day on which a definition says who is lost of those asked about at a date."""
        return as_of + self.spans[horizon]

    @cached_property
    def spans(self) -> dict[int, dt.timedelta]:
        """How long after a date each horizon's label exists."""
        now = self.watermark
        return {horizon: label_end(with_horizon(self.outcome, horizon), now) - now for horizon in self.horizons}

    @cached_property
    def learnt(self) -> dict[tuple[int, dt.date], tuple[dt.date, ...]]:
        """By horizon and test date the dates from which a prediction learns: their horizon was over by then."""
        return {(horizon, test): _learnt(self, horizon, test) for horizon in self.horizons for test in self.tests}


def comparable(study: Study) -> Compared:
    """The outcome of a study, if it has a horizon that is a choice; refused otherwise."""
    if isinstance(study.outcome, Inactivity | Decline):
        return study.outcome
    raise DefinitionRefused(
        f"outcome {study.name!r} is of type {study.outcome.type}: what happened is on record, and no window has to be "
        "chosen for it; `tenure define` compares outcomes of type inactivity or decline, name one with --outcome"
    )


def make_plan(
    study: Study, *, horizons: Sequence[int] = (), windows: Sequence[int] = (), followed_days: int | None = None
) -> Plan:
    """Lay out a comparison. Horizons and windows left out are the usual ones and the declared one.

    `followed_days` left out is half of the data in whole weeks, a year at most, or twice the longest horizon
    named. Raises `DefinitionRefused` for outcomes of other types and for what the data are too short for.
    """
    outcome = comparable(study)
    _refuse_no_days(horizons=horizons, windows=windows, followed_days=followed_days)
    followed, chosen = _followed(study, outcome, horizons, followed_days), tuple(sorted(set(horizons)))
    longest, declared = followed // 2, (outcome.horizon_days, outcome.eligible.active_days)
    notes = []
    if not chosen:
        own = outcome.horizon_days if outcome.horizon_days <= longest else None
        chosen = _usual(HORIZONS, own, longest)
        if own is None:
            notes.append(
                f"The declared horizon of {outcome.horizon_days} days is not compared: the data let us follow people "
                f"for {followed} days, and the lost are to be followed for as long again."
            )
    asked_for: tuple[int | None, ...] = tuple(sorted(set(windows)))
    compared = asked_for or (*([None] if declared[1] is None else []), *_usual(WINDOWS, declared[1], longest))
    judged = _judged(study, outcome, followed, max([w or 0 for w in compared] + _looked_back(outcome, chosen)))
    short = [w for w in compared if w is not None and study.data_from + dt.timedelta(w) > judged[0]]
    if short:
        notes.append(
            f"The data begin {study.data_from}: at the earliest dates a window of {max(short)} days reaches no further."
        )
    asked = _weekly(judged[0], study.watermark - dt.timedelta(1))
    plan = Plan(outcome, chosen, compared, followed, judged, asked, (), study.watermark, tuple(notes))
    return replace(plan, tests=_tests(plan))


def _followed(study: Study, outcome: Compared, horizons: Sequence[int], wanted: int | None) -> int:
    days = (study.watermark - study.data_from).days
    room = days - outcome.lead_days - outcome.maturity_days - LEAST_HISTORY_DAYS
    named = max(horizons, default=0)
    followed = wanted or max(min(LONGEST_FOLLOWED, days // 14 * 7), 2 * named)
    span = f"the data of {study.name!r} reach from {study.data_from} to {study.watermark}, {days} days"
    if named and 2 * named > min(followed, room):
        raise DefinitionRefused(
            f"horizon of {named} days: whoever is called lost is to be followed for as long again, and {span}, so the "
            f"longest horizon that can be judged is {max(min(followed, room) // 2, 0)} days; name shorter ones, or "
            "bring more history"
        )
    if followed > room or followed < 2:
        raise DefinitionRefused(
            f"to follow people for {followed} days after {LEAST_HISTORY_DAYS} days of history the data are too short: "
            f"{span}; bring more history, or follow them for fewer days"
        )
    return followed


def _refuse_no_days(**given: Sequence[int] | int | None) -> None:
    for name, days in given.items():
        for value in [days] if isinstance(days, int) else days or ():
            if value < 1:
                raise DefinitionRefused(f"{name.replace('_', ' ')}: expected days, at least 1; found {value}")


def _usual(days: Sequence[int], own: int | None, longest: int) -> tuple[int, ...]:
    """The usual days up to the longest, and the project's own.

    >>> _usual((28, 56, 91, 182), 90, 100)
    (28, 56, 90)
    """
    usual = [d for d in days if d <= longest and (own is None or abs(d - own) > CLOSE * own)]
    return tuple(sorted({*usual, *([own] if own else [])})) or (max(longest, 1),)


def _looked_back(outcome: Compared, horizons: Sequence[int]) -> list[int]:
    """What the label itself looks back on: a decline compares with as many days before."""
    return [max(horizons)] if isinstance(outcome, Decline) else []


def _judged(study: Study, outcome: Compared, followed: int, history: int) -> tuple[dt.date, ...]:
    """The dates with full follow-up, each after `history` days of data as far as that leaves half of the room."""
    last = study.watermark - dt.timedelta(outcome.lead_days + followed + outcome.maturity_days)
    room = (last - study.data_from).days
    first = study.data_from + dt.timedelta(max(LEAST_HISTORY_DAYS, min(history, room // 2)))
    return _weekly(last - dt.timedelta((last - first).days // EVERY_DAYS * EVERY_DAYS), last)


def _weekly(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    return tuple(first + dt.timedelta(days) for days in range(0, (last - first).days + 1, EVERY_DAYS))


def _learnt(plan: Plan, horizon: int, test: dt.date) -> tuple[dt.date, ...]:
    known = [day for day in plan.asked if plan.known_at(horizon, day) <= test]
    return tuple(known[:: -(LEARN_EVERY_DAYS // EVERY_DAYS)][:MOST_LEARNT][::-1])


def _tests(plan: Plan) -> tuple[dt.date, ...]:
    longest = plan.horizons[-1]
    over = [d for d in plan.asked if plan.known_at(longest, d) <= plan.watermark and _learnt(plan, longest, d)]
    return tuple(over[:: -(TEST_EVERY_DAYS // EVERY_DAYS)][:TESTS][::-1])
