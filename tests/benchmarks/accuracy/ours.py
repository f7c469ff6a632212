"""Ours: the race, its members and what would be registered."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

import pandas as pd

from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Task
from tenure.models.fit import fit_race
from tenure.models.training_rows import TooFewExamples

OURS = "risk"
MEMBERS = ("risk", "boosted", "logistic", "recency")


def race_of(task: Task, seed: int) -> tuple[pd.DataFrame, float]:
    """What every member says of the test rows, and the seconds that took; the same race for all of them."""
    if seed not in task.races:
        started = time.perf_counter()
        settings = replace(task.settings, seed=seed)
        try:
            race = fit_race(task.ours(task.training), features=task.features(), settings=settings, threads=1)
        except TooFewExamples as missing:
            raise NotApplicable(str(missing)) from missing
        task.races[seed] = race.predict(task.ours(task.test)), time.perf_counter() - started
    return task.races[seed]


def member(name: str, task: Task, seed: int) -> Said:
    """One column of the race; its seconds are those of the whole race."""
    predicted, seconds = race_of(task, seed)
    return Said(predicted[name].to_numpy(), seconds)


RIVALS = [Rival(name, partial(member, name), drawn=name in ("risk", "boosted")) for name in MEMBERS]
