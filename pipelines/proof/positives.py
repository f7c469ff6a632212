"""How many positives every origin has: known before anything is trained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import describe_buckets
from tenure.pipelines.examples.task import Task
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.outcomes.label import label_end


@dataclass(frozen=True)
class Positives:
    """An origin: who is eligible, and to how many of them it happened; None where nobody can say yet."""

    as_of: dt.date
    eligible: int
    positives: int | None


def positives(study: Study, origins: Sequence[dt.date]) -> list[Positives]:
    """Count eligible units and positives at every origin, without computing a feature."""
    if not origins:
        return []
    recipe = study.recipe(Fitted(frozenset()))
    none = recipe.settings.model_copy(update={"families": (), "modules": ()})
    task = Task(replace(recipe, settings=none), study.outcome, tuple(origins), mature_by=study.watermark)
    task = replace(task, cache=study.cache, buckets=study.snapshot.buckets)
    frame = describe_buckets(task, study.snapshot.buckets, workers=study.workers(1)).frame
    return [_count(study, frame.loc[frame["as_of"] == pd.Timestamp(day)], day) for day in sorted(origins)]


def _count(study: Study, rows: pd.DataFrame, day: dt.date) -> Positives:
    if label_end(study.outcome, day) > study.watermark:
        return Positives(day, len(rows), None)
    return Positives(day, int(rows["label"].notna().sum()), int(rows["label"].sum()))
