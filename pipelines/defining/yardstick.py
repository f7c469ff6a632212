"""How predictable a definition is: a small honest prediction at past dates, the same for all definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenure.models.bootstrap import Bootstrap, bootstrap, mean_over
from tenure.models.logistic import LogisticSettings, fit_logistics
from tenure.models.odds import probability
from tenure.pipelines.defining.plan import Definition, Plan
from tenure.pipelines.defining.variants import Compared, Values, lost, with_horizon
from tenure.pipelines.examples.sample import in_sample
from tenure.pipelines.history.history import History, View
from tenure.pipelines.history.log import Ints

MOST_CUSTOMERS = 20_000
"""Customers described, at the most; of more a sample by a hash of their id."""

STRENGTH = 1.0
"""Inverse penalty of the logistic regression: with eleven columns it hardly matters."""

LEAST_POSITIVES = 20
"""Fewer lost people than this, in what is learnt from or tested on, rank nothing."""

REPLICATES = 100

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Units as of a date: a row each of what was known of them, and whether each window asks about them.

    `labels` are by horizon and by the date in whose knowledge they are; None is today's.
    """

    as_of: dt.date
    persons: NDArray[np.object_]
    matrix: Values
    eligible: NDArray[np.bool_]
    labels: dict[tuple[int, dt.date | None], Values]


def describe(
    history: History,
    plan: Plan,
    as_of: dt.date,
    units: Ints,
    eligible: Sequence[Mask],
    labels: dict[int, Values],
    *,
    share: float,
) -> list[Rows]:
    """The rows of a date, where predictions are tested at it or learn from it; none at other dates."""
    learners = {key for key, days in plan.learnt.items() if as_of in days}
    if as_of not in plan.tests and not learners:
        return []
    chosen = np.flatnonzero(np.any(eligible, axis=0) & in_sample(history.customer_ids[units], share))
    some = units[chosen]
    found: dict[tuple[int, dt.date | None], Values] = {
        (h, test): lost(history, with_horizon(plan.outcome, h), as_of, some, test) for h, test in sorted(learners)
    }
    if as_of in plan.tests:
        found |= {(h, None): label[chosen] for h, label in labels.items()}
    matrix = measures(history.as_of(as_of, some), plan.outcome)
    persons = history.customer_ids[some].astype(object)
    return [Rows(as_of, persons, matrix, np.array(eligible)[:, chosen].T, found)]


def measures(view: View, outcome: Compared) -> Values:
    """What every prediction is made from, a row a unit: the silence first, then rhythm and volume."""
    own = view.kind(*outcome.kinds)
    silence, gaps = own.days_since(), own.gap_count()
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.where(gaps > 0, own.gap_total() / gaps, np.nan)
        columns = [
            silence,
            own.days_since_first(),
            own.count(),
            own.count(28),
            own.count(91),
            gap,
            own.gap_largest(),
            np.where(gap > 0, silence / gap, np.nan),
            own.total("amount", 28),
            own.total("amount", 91),
            view.any.count(28),
        ]
    return np.column_stack(columns)


def predictability(plan: Plan, rows: Sequence[Rows], definition: Definition, *, seed: int) -> Bootstrap | None:
    """ROC AUC and average precision of `recency` and `logistic`, as means over the test dates; None if unknown.

    `recency` ranks by days since last, which needs no learning. A date counts where twenty were lost in what is
    learnt from and in what is tested.
    """
    window = plan.windows.index(definition.active_days)
    held = {day: [r for r in rows if r.as_of == day] for day in {r.as_of for r in rows}}
    tested = []
    for test in plan.tests:
        learnt = [r for day in plan.learnt[definition.horizon_days, test] for r in held.get(day, [])]
        past, _ = _gather(learnt, window, (definition.horizon_days, test))
        now, persons = _gather(held.get(test, []), window, (definition.horizon_days, None))
        if _enough(past[1]) and _enough(now[1]):
            tested.append((_predictions(past, now[0]), now[1], persons))
    if not tested:
        return None
    universe = np.unique(np.concatenate([persons for _, _, persons in tested]))
    return mean_over(
        [
            bootstrap(said, label, persons, capacity=1, replicates=REPLICATES, seed=seed, universe=universe)
            for said, label, persons in tested
        ]
    )


def _gather(
    rows: Sequence[Rows], window: int, key: tuple[int, dt.date | None]
) -> tuple[tuple[Values, Values], NDArray[np.str_]]:
    """The matrix, labels and persons of those asked about whose label is known."""
    kept = [(r, r.eligible[:, window] & ~np.isnan(r.labels[key])) for r in rows if key in r.labels]
    if not kept:
        return (np.empty((0, 0)), np.empty(0)), np.empty(0, dtype=str)
    matrix = np.concatenate([r.matrix[keep] for r, keep in kept])
    labels = np.concatenate([r.labels[key][keep] for r, keep in kept])
    return (matrix, labels), np.concatenate([r.persons[keep] for r, keep in kept]).astype(str)


def _enough(labels: Values) -> bool:
    return LEAST_POSITIVES <= labels.sum() <= len(labels) - LEAST_POSITIVES


def _predictions(past: tuple[Values, Values], matrix: Values) -> dict[str, Values]:
    settings = LogisticSettings()
    (model,) = fit_logistics(*past, np.ones(len(past[1])), settings=settings, strengths=(STRENGTH,))
    silence = np.where(np.isnan(matrix[:, 0]), np.inf, matrix[:, 0])
    return {"recency": 1.0 - 1.0 / (1.0 + silence), "logistic": probability(model.log_odds(matrix))}
