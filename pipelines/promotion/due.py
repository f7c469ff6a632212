"""Whether it is time to train a candidate: by the labels that came to be known, or by what the monitor found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tenure.pipelines.examples.study import Study
from tenure.pipelines.registry import Registry, model_name
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.store.monitor_runs import MonitorRun
from tenure.pipelines.training import training_date

QUALITY = ("ranking", "gain over silence", "calibration", "calibration slope", "precision")
"""Checks of the monitor about the quality of what is served; an alarm by any other is no matter of the model's age."""

LEAST_DAYS = 7
"""Days of new labels before an alarm makes another candidate due: the one before has learned from all but those."""


class Due(NamedTuple):
    """Whether a candidate is due, and why."""

    due: bool
    sentence: str


def due(study: Study, runs: Sequence[MonitorRun] = ()) -> Due:
    """Whether `[retrain] every_days` have passed since the labels that the newest version learned from.

    Or a week, where the newest of the monitor's `runs` is alarmed about the quality of what is served. Days are
    counted in the data, not on the clock: where nothing new is known nothing new can be learned.
    """
    every = study.project.retrain.every_days
    newest = Registry(study.project.data).newest(model_name(study.project.name, study.name))
    if newest is None:
        return Due(True, f"{study.name}: no model was trained yet")
    if every is None:
        return Due(False, f"{study.name}: no candidate is trained by schedule; [retrain] every_days says how often")
    learned, known = open_model(newest.directory).learned_until, training_date(study)
    days = (known - learned).days
    said = f"{study.name}: {newest.label} learned from labels until {learned}, by now they are known until {known}"
    alarm = alarm_of(study.name, runs[0]) if runs else None
    if alarm is not None and days >= LEAST_DAYS:
        return Due(True, f"{said}, and the monitor is alarmed: {alarm}")
    return Due(days >= every, f"{said}; {days} of {every} days")


def alarm_of(outcome: str, run: MonitorRun) -> str | None:
    """What alarmed a run of the monitor about the quality of an outcome's scores, None where nothing did."""
    alarming = (one for one in run.findings if (one["subject"], one["level"]) == (outcome, "alarm"))
    return next((str(one["sentence"]) for one in alarming if one["check"] in QUALITY), None)
