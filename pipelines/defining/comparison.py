"""Definitions held side by side: how often each is wrong, how late it is right, and how predictable it is."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tenure.models.bootstrap import Bootstrap, Interval
from tenure.pipelines.defining.choosing import Choice, choose
from tenure.pipelines.defining.judgement import Judgement, Limits
from tenure.pipelines.defining.plan import Definition, DefinitionRefused, Plan, make_plan
from tenure.pipelines.defining.survey import Counts, Survey, survey_bucket
from tenure.pipelines.defining.yardstick import MOST_CUSTOMERS, predictability
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.features.column import Fitted


@dataclass(frozen=True)
class Comparison:
    """All definitions, what was chosen among them and by which limits.

    `real_losses` are customers who were active on or after the first date and never again, to the end of the
    data and for at least as long as the lost are followed.
    """

    study: Study
    plan: Plan
    limits: Limits
    judgements: tuple[Judgement, ...]
    real_losses: int
    choice: Choice
    seconds: float


def compare(
    study: Study,
    *,
    horizons: Sequence[int] = (),
    windows: Sequence[int] = (),
    followed_days: int | None = None,
    limits: Limits | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare definitions of a study's outcome; see `make_plan` for what is left out.

    Raises `DefinitionRefused` for outcomes of other types, for data that are too short, and where nobody is
    eligible.
    """
    started = time.perf_counter()
    plan = make_plan(study, horizons=horizons, windows=windows, followed_days=followed_days)
    found = _surveyed(study, plan, processes, progress)
    if not any(count.asked for count in found.counts.values()):
        raise DefinitionRefused(
            f"outcome {study.name!r}: nobody is eligible at any of {len(plan.judged)} dates from {plan.judged[0]} to "
            f"{plan.judged[-1]}; look at kinds and eligible of the outcome, and at `tenure check`"
        )
    limits, seed = limits or Limits(), study.project.backtest.seed
    judged = []
    for place, definition in enumerate(plan.definitions):
        predicted = predictability(plan, found.rows, definition, seed=seed)
        judged.append(_judgement(definition, found, predicted, dates=len(plan.judged)))
        if progress is not None:
            progress("predicting who is lost", (place + 1) / len(plan.definitions))
    judged = [replace(one, against=limits.against(one)) for one in judged]
    choice = choose(judged, limits, plan)
    return Comparison(study, plan, limits, tuple(judged), found.real_losses, choice, time.perf_counter() - started)


def _surveyed(study: Study, plan: Plan, processes: int | None, progress: Progress | None) -> Survey:
    """All buckets together."""
    recipe = study.recipe(Fitted(frozenset()))
    none = recipe.settings.model_copy(update={"families": (), "modules": ()})
    task = Task(replace(recipe, settings=none), plan.outcome, plan.judged, sample=study.sample)
    share = min(1.0, MOST_CUSTOMERS / max(study.snapshot.customers, 1))
    work = partial(survey_bucket, plan=plan, share=share)
    if study.snapshot.rows < FEW_ROWS:
        processes = 1
    parts = dict(study.workers(processes).map(work, task, study.snapshot.buckets, progress))
    whole = Survey({definition: Counts() for definition in plan.definitions}, 0, [])
    for bucket in sorted(parts):
        whole.real_losses += parts[bucket].real_losses
        whole.rows += parts[bucket].rows
        for definition, count in parts[bucket].counts.items():
            whole.counts[definition].add(count)
    return whole


FEW_ROWS = 2_000_000
"""Interactions below which starting further processes takes longer than the counting."""


def _judgement(definition: Definition, found: Survey, predicted: Bootstrap | None, *, dates: int) -> Judgement:
    count, delays = found.counts[definition], found.counts[definition].delays
    return Judgement(
        definition=definition,
        eligible=count.asked / dates,
        lost=count.lost / dates,
        people=count.people,
        base_rate=_share(count.lost, count.asked),
        followed=count.followed,
        returned=count.returned,
        false_churn=_returning(count),
        already_lost=_share(count.gone, count.lost),
        noticed=len(delays),
        mean_delay=float(delays.mean()) if len(delays) else math.nan,
        median_delay=float(np.median(delays)) if len(delays) else math.nan,
        missed=_share(found.real_losses - len(delays), found.real_losses),
        roc_auc=_interval(predicted, "logistic", "roc_auc"),
        recency_roc_auc=_interval(predicted, "recency", "roc_auc"),
        average_precision=_interval(predicted, "logistic", "average_precision"),
    )


def _returning(count: Counts) -> Interval:
    """The share of the lost who came back; its error treats a person as one, over all dates.

    The share is a ratio of two sums over persons, with the error of W. G. Cochran, Sampling Techniques, 3rd
    edition (1977), section 6.3.
    """
    share = _share(count.returned, count.followed)
    if not 0.0 < share < 1.0:
        return Interval(share, math.nan, math.nan)
    square = count.returned_squared - 2 * share * count.lost_returned + share * share * count.lost_squared
    reach = Z * math.sqrt(max(square, 0.0)) / count.followed
    return Interval(share, max(share - reach, 0.0), min(share + reach, 1.0))


Z = 1.959964
"""Standard errors to either side that hold 95 of 100."""


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def _interval(drawn: Bootstrap | None, model: str, metric: str) -> Interval:
    return Interval(math.nan, math.nan, math.nan) if drawn is None else drawn.interval(model, metric)
