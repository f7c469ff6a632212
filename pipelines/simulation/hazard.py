"""Why people leave: causes with their strengths, the hazard they make, and what a contact does to it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from tenure.pipelines.simulation.draws import Draws, Floats
from tenure.pipelines.simulation.parameters import Parameters
from tenure.pipelines.simulation.people import People
from tenure.pipelines.simulation.weeks import NOTICE_DAYS, WEEK, Feeling, active_on, live_a_week, renews_in

CAUSES = ("service", "use", "price", "contract", "life", "hidden")
"""What drives people away. Of `life` and `hidden` there is no trace in the records."""

UNSEEN = ("life", "hidden")
NEW_DAYS = 91
"""Days after which a new contract is new no more, to 37 %."""

SETTLED_WEEKS = 26
"""Weeks that pass before the records begin, so that people feel then what they feel at any time."""

REFERENCE = 2_000
"""Customers of the reference by which the base of the hazard is found, and its weeks."""
REFERENCE_WEEKS = 78


def causes(parameters: Parameters, people: People, feeling: Feeling, week: int) -> dict[str, Floats]:
    """What each cause adds to the logarithm of each customer's hazard in the week that begins now."""
    strength, felt = parameters.strength, _felt(parameters, feeling)
    age = np.maximum(WEEK * week - people.signed, 0)
    new: Floats = np.exp(-age / NEW_DAYS)
    contract = new + (renews_in(people, week) <= NOTICE_DAYS)
    return {
        "service": strength.service * felt["service"],
        "use": strength.use * felt["use"],
        "price": strength.price * felt["price"],
        "contract": strength.contract * contract,
        "life": strength.life * feeling.life,
        "hidden": strength.hidden * people.hidden,
    }


def log_hazard(parameters: Parameters, found: dict[str, Floats]) -> Floats:
    """The logarithm of the hazard a week."""
    return _base(parameters) + np.asarray(sum(found.values()), dtype=np.float64)


def response(parameters: Parameters, people: People, feeling: Feeling) -> Floats:
    """What a contact now would add to the logarithm of each customer's hazard; below 0 it keeps people."""
    given, felt = parameters.response, _felt(parameters, feeling)
    shared = sum(getattr(given, name) * np.minimum(felt[name], 2.0) for name in ("service", "price", "use"))
    return given.everybody + shared + given.hidden * people.responsive


def _felt(parameters: Parameters, feeling: Feeling) -> dict[str, Floats]:
    """Units of each cause that can be seen: as they are, or past their thresholds and together."""
    if parameters.form == "additive":
        return {"service": feeling.trouble, "use": feeling.lost_use, "price": feeling.dearer}
    fallen = feeling.lost_use >= 0.5
    return {
        "service": 1.5 * (feeling.trouble >= 1.0) + 1.0 * ((feeling.trouble >= 0.5) & fallen),
        "use": 1.5 * fallen,
        "price": feeling.dearer * (feeling.lost_use > 0.2),
    }


@lru_cache(maxsize=64)
def _base(parameters: Parameters) -> float:
    """The logarithm of the hazard of nobody in particular, such that `base_rate` leave within 28 days.

    Solved by fixed point on a reference of `REFERENCE` customers with a seed of its own: the mean hazard of those who
    have not left yet, over its second half, is what makes the base rate.
    """
    draws = Draws(0, REFERENCE)
    people = People.born(parameters, draws, days=WEEK * REFERENCE_WEEKS)
    feeling, rows, active = Feeling.first(people), [], []
    for week in range(-SETTLED_WEEKS, REFERENCE_WEEKS):
        if week >= 0:
            rows.append(sum(causes(parameters, people, feeling, week).values()))
            active.append(active_on(people, week))
        feeling = live_a_week(parameters, people, feeling, draws, week).after
    shape, there = np.exp(np.array(rows)), np.array(active)
    wanted, base = -np.log1p(-parameters.base_rate) * WEEK / 28, 0.0
    for _ in range(60):
        hazard = np.exp(base) * shape * there
        staying = np.exp(-(np.cumsum(hazard, axis=0) - hazard)) * there
        late = slice(REFERENCE_WEEKS // 2, None)
        base += np.log(wanted) - np.log((staying * hazard)[late].sum() / staying[late].sum())
    return float(base)
