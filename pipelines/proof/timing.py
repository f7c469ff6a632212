"""The time to an outcome on past dates: hazards learnt from the past alone, against Kaplan-Meier and recency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.models.bootstrap import Bootstrap, Interval, mean_over
from tenure.models.hazard import HazardModel
from tenure.models.hazard_fit import fit_hazard
from tenure.models.odds import Floats
from tenure.models.periods import DAYS, Times
from tenure.models.survival import CONCORDANCE, INTEGRATED, measurable_days, measure_curves
from tenure.models.training_rows import TooFewExamples
from tenure.pipelines.examples.cutoffs import timing_cutoffs
from tenure.pipelines.examples.moments import Moments
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.moment import require_moment
from tenure.pipelines.proof.backtest import NothingToTest, learned_until, race_settings, require_origins
from tenure.pipelines.settings.outcome import Inactivity

HAZARD, KAPLAN_MEIER, RECENCY = "hazard", "kaplan_meier", "recency"


@dataclass(frozen=True)
class Timing:
    """Curves of the time to an outcome, measured at past dates; `drawn` is the mean over `origins`.

    `days` are those up to which every origin can tell. `left_out` are origins with too little to learn or to test.
    """

    study: Study
    origins: tuple[dt.date, ...]
    left_out: tuple[dt.date, ...]
    days: tuple[int, ...]
    customers: int
    events: int
    drawn: Bootstrap

    def gain(self, other: str, metric: str = INTEGRATED) -> Interval:
        """The hazard's figure minus that of another curve, paired by person."""
        return self.drawn.difference(HAZARD, other, metric)

    def tells_more_than(self, other: str) -> bool:
        """Whether the hazard errs less than another curve over the time, beyond noise."""
        return self.gain(other).high < 0.0

    def orders_better_than(self, other: str) -> bool:
        """Whether the hazard tells better than another curve who is earlier, beyond noise, whatever its chances."""
        return self.gain(other, CONCORDANCE).low > 0.0


def edges_of(study: Study) -> tuple[int, ...]:
    """Where the parts of time begin and end, in days: a silence may begin at once, so its first day is one by itself.

    That day's chance is that of the outcome itself, where it has no lead.
    """
    require_moment(study.outcome)
    return (0, 1, *DAYS) if isinstance(study.outcome, Inactivity) else (0, *DAYS)


def timing(
    study: Study, origins: Sequence[dt.date], *, processes: int | None = None, progress: Progress | None = None
) -> Timing:
    """Test the time to the outcome at every origin, on the eligible customers.

    An origin learns from cut-offs before it whose first part of time was over by then; of each only the parts that
    were, in the knowledge of then. Raises `NoMoment` for outcomes without a day, `NothingToTest` where no origin has
    enough to learn from.
    """
    edges = edges_of(study)
    require_origins(study, origins)
    for origin in origins:
        study.require_mature(origin)
    anchor = max(origins)
    cutoffs = {o: timing_cutoffs(study, learned_until(study, o), anchor, edges=edges) for o in sorted(origins)}
    usable = [origin for origin, days in cutoffs.items() if days]
    if not usable:
        raise NothingToTest(
            f"outcome {study.name!r}: no origin has a date before it whose first {edges[1]} days were over and known; "
            "give later origins, or more history"
        )
    knowledge = {learned_until(study, origin) for origin in usable}
    dates = {day for origin in usable for day in cutoffs[origin]} | set(usable)
    examples = build_examples(study, dates, knowledge=knowledge, processes=processes, progress=progress)
    found, moments = [], Moments.of(study)
    for done, origin in enumerate(usable, start=1):
        found += [tested] if (tested := _tested(study, moments, examples, origin, cutoffs[origin])) else []
        if progress is not None:
            progress("fit", done / len(usable))
    if not found:
        raise NothingToTest(f"outcome {study.name!r}: at no origin could a time be learnt and measured")
    return _measured(study, found, tuple(cutoffs))


def fit_timing(
    study: Study, moments: Moments, examples: Examples, until: dt.date, cutoffs: Sequence[dt.date]
) -> HazardModel:
    """Fit the hazards on some cut-offs, in the knowledge of a date."""
    features = examples.features(until)
    rows = pd.concat([examples.at(day, until) for day in cutoffs], ignore_index=True)
    rows, _ = study.untreated(rows)
    times = moments.times(rows, known_by=until)
    return fit_hazard(rows, times, features=features, edges=edges_of(study), settings=race_settings(study, features))


def times_to_leave(
    study: Study, as_of: dt.date, *, processes: int | None = None, progress: Progress | None = None
) -> pd.DataFrame:
    """The chance within each of the days for everybody eligible as of a date, from all that is known by then.

    Columns are `unit_id`, `customer_id`, `as_of` and `within_Nd`; the highest chances within the longest time first.
    """
    until = learned_until(study, min(as_of, study.watermark))
    cutoffs = timing_cutoffs(study, until, edges=edges_of(study))
    if not cutoffs:
        raise NothingToTest(f"outcome {study.name!r}: there is no date before {until} from which a time can be learnt")
    dates = {*cutoffs, as_of}
    examples = build_examples(study, dates, knowledge={until}, processes=processes, progress=progress)
    model = fit_timing(study, Moments.of(study), examples, until, cutoffs)
    rows = examples.at(as_of, until)
    chances = model.within(rows)
    keys = rows[["unit_id", "customer_id"]].assign(as_of=as_of.isoformat())
    table = pd.concat(
        [keys, chances.set_axis([f"within_{day}d" for day in model.days], axis="columns")], axis="columns"
    )
    order = [f"within_{model.days[-1]}d", "unit_id"]
    return table.sort_values(order, ascending=[False, True], ignore_index=True)


@dataclass(frozen=True)
class _Tested:
    """What was said at one origin, and when it then happened."""

    origin: dt.date
    persons: np.ndarray
    times: Times
    days: tuple[int, ...]
    curves: dict[str, Floats]


def _tested(
    study: Study, moments: Moments, examples: Examples, origin: dt.date, cutoffs: Sequence[dt.date]
) -> _Tested | None:
    """One origin; None where too little can be learnt, or it happened to nobody."""
    until = learned_until(study, origin)
    try:
        model = fit_timing(study, moments, examples, until, cutoffs)
    except TooFewExamples:
        return None
    rows, _ = study.untreated(examples.at(origin, until))
    times = moments.times(rows)
    watched = times.decided >= model.days[0]
    rows, times = rows.loc[watched].reset_index(drop=True), times.take(watched)
    days = measurable_days(times, model.days)
    if not days or not (times.happened & (times.days < days[-1])).any():
        return None
    curves = model.curves(rows[[name for name in rows.columns if name != "weight"]])
    return _Tested(origin, rows["customer_id"].to_numpy(dtype=str), times, days, curves)


def _measured(study: Study, found: Sequence[_Tested], origins: tuple[dt.date, ...]) -> Timing:
    days = min((tested.days for tested in found), key=len)
    settings = study.project.backtest
    universe = np.unique(np.concatenate([tested.persons for tested in found]))
    parts = [
        measure_curves(
            {name: within[:, : len(days)] for name, within in tested.curves.items()},
            tested.times,
            tested.persons,
            days=days,
            replicates=settings.bootstraps,
            seed=settings.seed,
            universe=universe,
        )
        for tested in found
    ]
    kept = tuple(tested.origin for tested in found)
    return Timing(
        study,
        kept,
        tuple(day for day in origins if day not in kept),
        days,
        sum(len(tested.times) for tested in found),
        sum(int((tested.times.happened & (tested.times.days < days[-1])).sum()) for tested in found),
        mean_over(parts),
    )
