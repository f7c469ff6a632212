"""What became of the members of lists: the label of each, in the horizon that began at the list's own date."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from tenure.pipelines.examples.frames import labels_of
from tenure.pipelines.examples.reading import Reading
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.outcomes.label import label_end


def outcomes_of(study: Study, members: pd.DataFrame) -> pd.DataFrame:
    """The members with `left` (1 it happened, 0 it did not, NaN nobody can say) and `ripe` (the horizon has passed).

    Members need `unit`, `person` and `as_of`. Only the histories of those whose horizon has passed are read.
    """
    passed = {day: label_end(study.outcome, day) <= study.watermark for day in members["as_of"].unique()}
    ripe = members["as_of"].map(passed).astype(bool).to_numpy()
    left = np.full(len(members), np.nan)
    if ripe.any():
        days = tuple(sorted(day for day, done in passed.items() if done))
        recipe = study.recipe(Fitted(frozenset()))
        bare = recipe.settings.model_copy(update={"families": (), "modules": ()})
        task = Task(replace(recipe, settings=bare), study.outcome, days, mature_by=study.watermark)
        bucket = members["person"].map(lambda person: bucket_of(person, study.snapshot.buckets)).to_numpy()
        for number in np.unique(bucket[ripe]):
            chosen = np.flatnonzero(ripe & (bucket == number))
            left[chosen] = _labels(task, int(number), members.iloc[chosen])
    return members.assign(left=left, ripe=ripe)


def _labels(task: Task, bucket: int, members: pd.DataFrame) -> np.ndarray:
    """The labels of some members of a bucket, NaN for those it does not know (any more)."""
    people = read_people(task.recipe.folder, bucket)
    known = np.isin(people.ids.astype(str), members["person"].to_numpy(dtype=str))
    history, roster = Reading(task, bucket, people).history(people.prints[known])
    place = {unit: number for number, unit in enumerate(roster.unit_ids)}
    units = np.array([place.get(unit, -1) for unit in members["unit"]], dtype=np.int64)
    found = np.full(len(members), np.nan)
    for day in task.cutoffs:
        mine = np.flatnonzero((members["as_of"] == day).to_numpy() & (units >= 0))
        if len(mine):
            found[mine] = labels_of(task, history, day, units[mine], None)
    return found


def next_ripe(study: Study, members: pd.DataFrame) -> dt.date | None:
    """The first day on which more outcomes will be known; None where all are."""
    days = [label_end(study.outcome, day) for day in members.loc[~members["ripe"], "as_of"].unique()]
    return min(days, default=None)
