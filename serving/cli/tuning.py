"""`tenure tune`: choose the settings of the race by the past, within a budget, and say what that brings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenure.models.bootstrap import PROFIT, Interval
from tenure.pipelines.examples.cutoffs import report_origins
from tenure.pipelines.examples.study import Study
from tenure.pipelines.registry import Registry, model_name
from tenure.serving.cli.console import notes, results, step
from tenure.serving.cli.opening import DEFAULT, AsJson, Config, OutcomeName, open_project
from tenure.serving.cli.proof import Sample, note_look

if TYPE_CHECKING:  # Optuna, which only this command waits for
    from optuna.trial import FrozenTrial

    from tenure.pipelines.tuning.search import Brought, Search

METRICS = ("roc_auc", "average_precision", "brier", "log_loss", PROFIT)

Trials = Annotated[int, typer.Option("--trials", min=2, help="Settings to try in all, those of earlier runs included.")]
Minutes = Annotated[float | None, typer.Option("--minutes", min=0, help="Stop after so many minutes.")]


def tune_command(
    config: Config = DEFAULT,
    outcome: OutcomeName = None,
    trials: Trials = 40,
    minutes: Minutes = None,
    sample: Sample = 1.0,
    as_json: AsJson = False,
) -> None:
    """Try settings of the race on the development origins; then test the best against yours on the report origins.

    Stopped, it goes on where it was when run again. Trials are logged in MLflow below one run. Nothing is changed: the
    lines to be put into the project file are printed, and whether they are worth it.
    """
    from tenure.pipelines.tuning.search import brought, folds_of, prepare, search

    opened = open_project(config, quiet=as_json)
    study = opened.study(outcome, sample=sample)
    folds = folds_of(study)
    with step("describing customers", quiet=as_json) as work:
        examples = prepare(study, folds, progress=work.progress)
        work.summary = f"{len(examples.columns)} features of {len(examples.frame):,} examples"
    log = _Log(study)
    with step(f"trying {trials} settings at {len(folds)} past dates", quiet=as_json) as work:
        found = search(study, examples, trials=trials, minutes=minutes, told=log.trial, progress=work.progress)
        work.summary = f"{found.tried} settings tried, {found.trials} in all"
    gained = None
    if found.best != found.before and report_origins(study):
        with step("testing the best on dates that took no part", quiet=as_json):
            gained = brought(found, examples)
        note_look(opened, study, list(gained.origins), {"tuning": _plain(gained.difference("log_loss"))})
    content = document(found, gained)
    log.end(content)
    if as_json:
        results.print_json(json.dumps(content))
        return
    for line in _said(found, gained):
        results.print(line)
    if log.run_id:
        notes.print(f"[dim]the trials are runs below {log.run_id} in MLflow[/]")


class _Log:
    """The trials of this run as MLflow runs below one; nothing is logged where nothing is tried."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._registry: Registry | None = None
        self.run_id = ""

    def trial(self, trial: FrozenTrial) -> None:
        from tenure.pipelines.tuning.space import model_of

        if self._registry is None:
            self._registry = Registry(self._study.project.data)
            self.run_id = self._registry.begin(f"{self._name} tuning", tags={"kind": "tuning"})
        ended = trial.state.name == "COMPLETE"
        metrics = {"log_loss": trial.value} if ended and trial.value is not None else {}
        metrics |= {f"fold_{place}": value for place, value in trial.intermediate_values.items()}
        settings = model_of(trial.params).model_dump(mode="json")
        name = f"trial {trial.number}{'' if ended else ', given up'}"
        self._registry.note_below(self.run_id, name, parameters=settings, metrics=metrics)

    def end(self, content: dict[str, Any]) -> None:
        if self._registry is not None:
            metrics = {"trials": float(content["trials"]), "log_loss_before": content["folds"]["log_loss_before"],
                       "log_loss_best": content["folds"]["log_loss_best"]}  # fmt: skip
            self._registry.end(self.run_id, metrics=metrics)

    @property
    def _name(self) -> str:
        return model_name(self._study.project.name, self._study.name)


def document(found: Search, gained: Brought | None) -> dict[str, Any]:
    """What was tried, what is best, and what it brings, as plain data."""
    from tenure.pipelines.tuning.search import lines

    return {
        "schema": 1,
        "outcome": found.study.name,
        "trials": found.trials,
        "tried_now": found.tried,
        "folds": {
            "as_of": [day.isoformat() for day in found.folds],
            "log_loss_before": round(found.loss_before, 6),
            "log_loss_best": round(found.loss_best, 6),
        },
        "best": found.best.model_dump(mode="json"),
        "changes": lines(found.best, found.before),
        "brought": None
        if gained is None
        else {
            "origins": [day.isoformat() for day in gained.origins],
            "before": {metric: round(gained.before.summary.values["risk"][metric], 6) for metric in METRICS},
            "difference": {metric: _plain(gained.difference(metric)) for metric in METRICS},
            "worth_it": gained.worth_it,
        },
    }


def _said(found: Search, gained: Brought | None) -> list[str]:
    said = [
        f"Of {found.trials} settings the best has a log loss of {found.loss_best:.4f} on the dates of the search, "
        f"yours {found.loss_before:.4f}."
    ]
    if gained is None:
        return [*said, "Nothing tried is better than what you have."]
    area, loss, profit = (gained.difference(name) for name in ("roc_auc", "log_loss", PROFIT))
    said.append(
        f"At {len(gained.origins)} dates that took no part it brings: ROC AUC {_range(area, 3)}, log loss "
        f"{_range(loss, 4)}, profit {_range(profit, 0)}."
    )
    if gained.worth_it:
        changes = document(found, gained)["changes"]
        return [*said, "Worth it. Put this into the project file:", "", "\\[model]", *changes]
    return [*said, "Not worth it: the difference is within noise. What was best on the search was luck; keep yours."]


def _range(found: Interval, digits: int) -> str:
    return f"{found.value:+,.{digits}f} ({found.low:+,.{digits}f} to {found.high:+,.{digits}f})"


def _plain(found: Interval) -> dict[str, float]:
    return {"value": round(found.value, 6), "low": round(found.low, 6), "high": round(found.high, 6)}
