"""One week in the life of everybody: what happens to customers, and what of it they still feel afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np

from tenure.pipelines.simulation.draws import Draws, Floats, Ints, Mask
from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.people import PLANS, YEAR, People

FIRST_DAY = dt.date(2024, 1, 1)
"""The Monday on which the records of every world begin."""

WEEK = 7
NOTICE_DAYS = 28
"""Days before a renewal on which it is announced, with a new price where there is one."""

FELT = {"broken": 1.0, "reopened": 0.7, "left_alone": 0.6, "slow": 0.5, "escalated": 0.4}
"""How much of a whole trouble each failure of ours is."""

PLAN_PRICES = np.array([plan.price for plan in PLANS])
MOST = 3.0
"""More units of a cause than this nobody feels."""


@dataclass(frozen=True)
class Feeling:
    """What is felt on a Monday: units of trouble, of lost use, of a higher price, of an event in life.

    `fading` is true while usage goes down; `mood` is how much more or less than usual the product is used for no
    reason (logarithm); `plan` and `rises` (a factor) make the price.
    """

    trouble: Floats
    lost_use: Floats
    fading: Mask
    mood: Floats
    dearer: Floats
    life: Floats
    plan: Ints
    rises: Floats

    @classmethod
    def first(cls, people: People) -> Feeling:
        """Nothing is felt yet."""
        zero = np.zeros(len(people))
        return cls(zero, zero, zero > 0, zero, zero, zero, people.plan, zero + 1.0)

    def of(self, rows: Ints) -> Feeling:
        """The same for some of the customers."""
        return Feeling(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Cases:
    """The cases opened in a week: whose, and which of them went wrong in which way."""

    customer: Ints
    promised: Mask
    broken: Mask
    passed_on: Mask
    left_alone: Mask
    slow: Mask
    escalated: Mask
    reopened: Mask

    @property
    def felt(self) -> Floats:
        """How much trouble each case was."""
        return np.asarray(sum(weight * getattr(self, name) for name, weight in FELT.items()), dtype=np.float64)


@dataclass(frozen=True)
class Week:
    """What happened between one Monday and the next, whoever had left by then."""

    number: int
    active: Mask
    feeling: Feeling
    cases: Cases
    announced: Mask
    raised: Floats
    moved: Ints
    after: Feeling


def active_on(people: People, week: int) -> Mask:
    """Who signed before the Monday that begins a week."""
    return people.signed < WEEK * week


def renews_in(people: People, week: int) -> Ints:
    """Days from the Monday that begins a week until the contract renews, 1 to `YEAR`."""
    return YEAR - (WEEK * week - people.signed) % YEAR


def live_a_week(parameters: Parameters, people: People, feeling: Feeling, draws: Draws, week: int) -> Week:
    """Let a week happen to everybody who has signed."""
    rates, active = parameters.rates, active_on(people, week)
    chance = draws.of("week", week + YEAR)
    cases = _cases(parameters, people, active, chance)
    trouble = rates.service_kept * feeling.trouble
    trouble[cases.customer] += cases.felt
    days = renews_in(people, week)
    announced = active & (days > NOTICE_DAYS) & (days <= NOTICE_DAYS + WEEK)
    dice = chance.random((5, len(people)), dtype=np.float32)
    raised = np.where(announced & (dice[0] < rates.price_rises), 0.03 + 0.14 * dice[1].astype(np.float64), 0.0)
    moved = np.where(active & (dice[2] < 0.003), (feeling.plan + 1 + (dice[1] < 0.5)) % len(PLANS), feeling.plan)
    fading = active & np.where(feeling.fading, dice[3] >= rates.recovering, dice[3] < rates.waning)
    after = Feeling(
        trouble=np.minimum(trouble, MOST),
        lost_use=np.where(fading, np.minimum(feeling.lost_use + 0.25, 2.0), (1 - rates.recovering) * feeling.lost_use),
        fading=fading,
        mood=0.8 * feeling.mood + 0.15 * chance.standard_normal(len(people)),
        dearer=np.minimum(rates.price_kept * feeling.dearer + raised / 0.1, MOST),
        life=np.minimum(rates.life_kept * feeling.life + (active & (dice[4] < rates.life)), MOST),
        plan=moved,
        rises=feeling.rises * (1 + raised),
    )
    return Week(week, active, feeling, cases, announced, raised, moved, after)


def uses_of(people: People, week: Week, draws: Draws) -> Ints:
    """How often each customer uses the product in a week."""
    level = np.exp(week.feeling.mood - week.feeling.lost_use)
    expected = np.where(week.active, people.usual_use * level, 0.0)
    return draws.of("uses", week.number + YEAR).poisson(expected)


def price_of(people: People, feeling: Feeling) -> Floats:
    """What is paid a month."""
    return np.round(PLAN_PRICES[feeling.plan] * people.seats * feeling.rises, 2)


def _cases(parameters: Parameters, people: People, active: Mask, chance: np.random.Generator) -> Cases:
    rates = parameters.rates
    opened = active & (chance.random(len(people)) < -np.expm1(-rates.cases * people.troubled))
    customer = np.flatnonzero(opened)

    def share(rate: float) -> Mask:
        return chance.random(len(customer)) < rate

    promised, passed_on = share(rates.promised), share(rates.passed_on)
    return Cases(
        customer=customer,
        promised=promised,
        broken=promised & share(rates.broken),
        passed_on=passed_on,
        left_alone=passed_on & share(rates.left_alone),
        slow=share(rates.slow),
        escalated=share(rates.escalated),
        reopened=share(rates.reopened),
    )
