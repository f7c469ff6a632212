"""Whether it is time to train a candidate: by the labels that came to be known since the last one."""

from __future__ import annotations

from typing import NamedTuple

from tenure.pipelines.examples.study import Study
from tenure.pipelines.registry import Registry, model_name
from tenure.pipelines.scoring.model import open_model
from tenure.pipelines.training import training_date


class Due(NamedTuple):
    """Whether a candidate is due, and why."""

    due: bool
    sentence: str


def due(study: Study) -> Due:
    """Whether `[retrain] every_days` have passed since the labels that the newest version learned from.

    Days are counted in the data, not on the clock: where nothing new is known nothing new can be learned.
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
    return Due(days >= every, f"{said}; {days} of {every} days")
