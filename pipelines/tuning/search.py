"""The search: trials on folds in time, within a budget, kept so that a later run goes on where this one stopped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState
from sklearn.metrics import log_loss

from tenure.models.bootstrap import Interval
from tenure.models.fit import fit_race
from tenure.pipelines.examples.cutoffs import development_origins, report_origins
from tenure.pipelines.examples.keys import digest
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress, cores
from tenure.pipelines.proof.backtest import (
    BacktestResult,
    NothingToTest,
    backtest,
    example_dates,
    learned_until,
    race_settings,
    rows_to_test,
)
from tenure.pipelines.settings.model import Model
from tenure.pipelines.tuning.space import drawn_of, model_of, suggested

FILE = "tuning.sqlite"
METRIC = "log_loss"
"""What trials are compared by: a mean over the folds; less is better."""

Told = Callable[[FrozenTrial], None]


@dataclass(frozen=True)
class Search:
    """What a search found: the settings before, the best of `trials` ones on the folds, and their log losses there.

    `tried` are the trials of this run, `trials` of all runs so far.
    """

    study: Study
    folds: tuple[dt.date, ...]
    before: Model
    best: Model
    loss_before: float
    loss_best: float
    trials: int
    tried: int


@dataclass(frozen=True)
class Brought:
    """What the best settings bring at dates that took no part in the search: best minus before, paired by person."""

    origins: tuple[dt.date, ...]
    before: BacktestResult
    best: BacktestResult

    def difference(self, metric: str) -> Interval:
        """The mean over the origins with its interval."""
        ours, theirs = self.best.summary, self.before.summary
        draws = ours.draws["risk"][metric] - theirs.draws["risk"][metric]
        low, high = np.nanquantile(draws, [0.025, 0.975])
        return Interval(ours.values["risk"][metric] - theirs.values["risk"][metric], float(low), float(high))

    @property
    def worth_it(self) -> bool:
        """Whether the log loss is lower beyond noise."""
        return self.difference(METRIC).high < 0.0


def folds_of(study: Study) -> list[dt.date]:
    """The dates of the search: the development origins, which are never quoted."""
    found = development_origins(study)
    if not found:
        raise NothingToTest(
            f"outcome {study.name!r}: there are no development origins to search on; name some in "
            "backtest.development, or bring in a longer history"
        )
    return found


def prepare(study: Study, folds: Sequence[dt.date], *, progress: Progress | None = None) -> Examples:
    """The examples of the folds and of the report origins, described once for all trials."""
    dates = [example_dates(study, some) for some in (folds, report_origins(study)) if some]
    cutoffs, knowledge = (set().union(*(pair[place] for pair in dates)) for place in (0, 1))
    return build_examples(study, cutoffs, knowledge=knowledge, progress=progress)


def search(
    study: Study,
    examples: Examples,
    *,
    trials: int,
    minutes: float | None = None,
    told: Told | None = None,
    progress: Progress | None = None,
) -> Search:
    """Try settings until there were `trials` in all, or for so many minutes; the ones in force are the first.

    Tree-structured Parzen estimators propose them (Optuna's TPE, Bergstra et al. 2011), and a trial whose log loss
    over its first folds is above the median of the others is given up. Trials lie in `tuning.sqlite` in the data
    folder under a name that hangs on data, outcome, folds and columns: where any of them changed, the search begins
    anew.
    """
    folds = folds_of(study)
    kept = _opened(study, examples, folds)
    before = study.project.model
    if not kept.trials:
        kept.enqueue_trial(drawn_of(before))
    done = sum(trial.state.is_finished() for trial in kept.trials)

    def objective(trial: optuna.Trial) -> float:
        model, losses = suggested(trial), []
        for place, fold in enumerate(folds):
            losses.append(_loss(with_model(study, model), fold, examples))
            trial.report(float(np.mean(losses)), place)
            if trial.number and trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(losses))

    def after(_: optuna.Study, trial: FrozenTrial) -> None:
        if told is not None:
            told(trial)
        if progress is not None:
            progress("tune", min(1.0, (trial.number + 1) / trials))

    tried = max(0, trials - done)
    if tried:
        kept.optimize(objective, n_trials=tried, timeout=None if minutes is None else 60 * minutes, callbacks=[after])
    complete = [trial for trial in kept.trials if trial.state == TrialState.COMPLETE]
    if not complete:
        raise NothingToTest(f"outcome {study.name!r}: no trial was completed within {minutes} minutes; give it longer")
    best = min(complete, key=lambda trial: (_value(trial), trial.number))
    return Search(
        study=study,
        folds=tuple(folds),
        before=before,
        best=before if best.number == 0 else model_of(best.params),
        loss_before=_value(complete[0]),
        loss_best=_value(best),
        trials=len(kept.trials),
        tried=sum(trial.state.is_finished() for trial in kept.trials) - done,
    )


def brought(found: Search, examples: Examples, *, processes: int | None = None) -> Brought:
    """Back-test the settings before and the best ones at the report origins."""
    origins = report_origins(found.study)
    results = [
        backtest(with_model(found.study, model), origins, examples=examples, processes=processes)
        for model in (found.before, found.best)
    ]
    return Brought(tuple(origins), *results)


def with_model(study: Study, model: Model) -> Study:
    """The study with other settings of the race."""
    return replace(study, project=study.project.model_copy(update={"model": model}))


def lines(model: Model, than: Model) -> list[str]:
    """The lines of `[model]` in which settings differ from others, to be put into the project file."""
    ours, theirs = model.model_dump(), than.model_dump()
    return [f"{name} = {_written(value)}" for name, value in ours.items() if value != theirs[name]]


def _written(value: Any) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _opened(study: Study, examples: Examples, folds: Sequence[dt.date]) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    names = sorted({column.stored for column in examples.columns})
    about = [study.snapshot.fingerprint, study.outcome.model_dump(mode="json"), names, [str(day) for day in folds],
             study.project.backtest.model_dump(mode="json"), drawn_of(study.project.model), study.sample]  # fmt: skip
    file = Path(study.project.data) / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    name = f"{study.name}-{digest(*about)}"
    seed = study.project.backtest.seed
    kept = optuna.create_study(storage=storage, study_name=name, direction="minimize", load_if_exists=True)
    # A sampler forgets what it drew: with the number of trials in its seed, a run that goes on draws others.
    kept.sampler = optuna.samplers.TPESampler(seed=(seed + len(kept.trials)) % 2**32, multivariate=True)
    kept.pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=0)
    return kept


def _loss(study: Study, fold: dt.date, examples: Examples) -> float:
    """The log loss at a fold of a race that learned from its past alone."""
    until = learned_until(study, fold)
    features = examples.features(until)
    training, _ = study.untreated(examples.training(until))
    race = fit_race(training, features=features, settings=race_settings(study, features), threads=cores())
    rows = rows_to_test(study, examples, fold, until)
    return float(log_loss(rows["label"], race.predict(rows)["risk"], labels=[0.0, 1.0]))


def _value(trial: FrozenTrial) -> float:
    return float("inf") if trial.value is None else trial.value
