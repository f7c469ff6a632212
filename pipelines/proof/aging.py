"""What age costs: models that stopped learning some weeks before a date, against one that learned until it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from tenure.models.bootstrap import PROFIT, Bootstrap, Interval, mean_over
from tenure.models.verdict import Tested
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.proof.backtest import (
    SMALL_ROWS,
    NothingToTest,
    drawn_of,
    heat_of,
    learned_until,
    require_origins,
    rows_to_test,
    values_at,
)
from tenure.pipelines.proof.heats import Heat, run_heats

WEEKS = (1, 2, 4, 8, 16)
"""The ages that are tried where nothing else is asked for."""

AUC_MARGIN, PROFIT_MARGIN = 0.005, 0.01
"""What age may cost before a model should have been replaced: ROC AUC, and the share of the profit at capacity."""

FRESH, RECENCY = "0", "recency"


@dataclass(frozen=True)
class Aging:
    """Models of several ages on the same rows of the same origins.

    `drawn` has a "model" an age, named by its weeks, and days since last fitted afresh; means over `origins`.
    `left_out` are origins at which the oldest had too little to learn from.
    """

    study: Study
    origins: tuple[dt.date, ...]
    left_out: tuple[dt.date, ...]
    weeks: tuple[int, ...]
    drawn: Bootstrap

    def cost(self, weeks: int, metric: str) -> Interval:
        """The figure of a model of that age minus that of the fresh one, paired by person."""
        return self.drawn.difference(str(weeks), FRESH, metric)

    def too_old(self, weeks: int) -> bool:
        """Whether a model of that age costs more than the margins, beyond noise."""
        area, profit = self.cost(weeks, "roc_auc"), self.cost(weeks, PROFIT)
        allowed = -PROFIT_MARGIN * abs(self.drawn.values[FRESH][PROFIT])
        return (area.value < -AUC_MARGIN and area.high < 0.0) or (profit.value < allowed and profit.high < 0.0)

    @property
    def retrain_after(self) -> int | None:
        """The most weeks after which a model should be replaced: the age before the first that is too old.

        None where none of the ages tried is; 0 where the youngest is already.
        """
        young = 0
        for weeks in self.weeks:
            if self.too_old(weeks):
                return young
            young = weeks
        return None


def aging(
    study: Study,
    origins: Sequence[dt.date],
    *,
    weeks: Sequence[int] = WEEKS,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Aging:
    """Test models of every age at every origin.

    A model of an age learned only from labels that had come to pass, and were known, so many weeks before the origin;
    what its families had learnt is as old. Raises `NothingToTest` where no origin has enough history for the oldest.
    """
    require_origins(study, origins)
    ages = (0, *sorted(set(weeks)))
    for origin in origins:
        study.require_mature(origin)
    until = {(o, age): learned_until(study, o) - dt.timedelta(weeks=age) for o in origins for age in ages}
    anchor = max(origins)
    cutoffs = {day for known in set(until.values()) for day in training_cutoffs(study, known, anchor)}
    enough = [o for o in sorted(origins) if training_cutoffs(study, until[o, ages[-1]], anchor)]
    if not enough:
        raise NothingToTest(
            f"outcome {study.name!r}: before no origin are there labels that are {ages[-1]} weeks old; give younger "
            "ages with --weeks, or later origins"
        )
    knowledge = {until[o, age] for o in enough for age in ages}
    examples = build_examples(study, cutoffs | set(enough), knowledge=knowledge, processes=processes, progress=progress)
    found = _predictions(
        study, examples, {key: day for key, day in until.items() if key[0] in enough}, processes, progress
    )
    usable = {o: tested for o in enough if (tested := _tested(study, examples, o, found, ages)) is not None}
    if not usable:
        raise NothingToTest(f"outcome {study.name!r}: at no origin could models of all ages be fitted and measured")
    universe = np.unique(np.concatenate([np.asarray(tested.persons) for tested in usable.values()]))
    drawn = mean_over([drawn_of(study, tested, universe) for tested in usable.values()])
    return Aging(study, tuple(usable), tuple(o for o in sorted(origins) if o not in usable), ages[1:], drawn)


def _predictions(
    study: Study,
    examples: Examples,
    until: dict[tuple[dt.date, int], dt.date],
    processes: int | None,
    progress: Progress | None,
) -> dict[tuple[dt.date, dt.date], pd.DataFrame]:
    """What the model of every date of knowledge said at the origins it is asked about."""
    asked: dict[dt.date, list[dt.date]] = {}
    for (origin, _), day in until.items():
        if origin not in asked.setdefault(day, []):
            asked[day].append(origin)

    def heat(day: dt.date) -> Heat:
        return heat_of(study, examples, day, [rows_to_test(study, examples, origin, day) for origin in asked[day]])

    if len(examples.frame) < SMALL_ROWS:
        processes = 1
    outcomes = run_heats([partial(heat, day) for day in asked], processes, progress, study.cache)
    return {
        (origin, day): predicted
        for day, (predictions, _) in zip(asked, outcomes, strict=True)
        for origin, predicted in zip(asked[day], predictions, strict=False)
    }


def _tested(
    study: Study,
    examples: Examples,
    origin: dt.date,
    found: dict[tuple[dt.date, dt.date], pd.DataFrame],
    ages: Sequence[int],
) -> Tested | None:
    """The predictions of all ages at an origin; None where one is missing, or only one outcome occurs."""
    fresh = learned_until(study, origin)
    said = {age: found.get((origin, fresh - dt.timedelta(weeks=age))) for age in ages}
    if any(predicted is None for predicted in said.values()):
        return None
    rows = rows_to_test(study, examples, origin, fresh)
    columns = {str(age): predicted["risk"].to_numpy() for age, predicted in said.items() if predicted is not None}
    columns[RECENCY] = found[origin, fresh]["recency"].to_numpy()
    persons = rows["customer_id"].to_numpy(dtype=str)
    tested = Tested(origin.isoformat(), persons, rows["label"], pd.DataFrame(columns), values_at(study, origin, rows))
    return tested if tested.usable else None
