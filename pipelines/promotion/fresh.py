"""Fresh rows: dates after all that a model has learned from, whose labels are known by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from tenure.pipelines.examples.beforehand import prepared
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import describe_buckets
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.scoring.facts import known_figures
from tenure.pipelines.scoring.model import ScoringModel

MOST_DATES = 12
"""The newest fresh dates that are looked at: older ones say how the models were, not how they are."""

KEYS = ["unit_id", "customer_id", "as_of"]


class NothingFresh(ValueError):
    """No date lies after what the models learned from and has labels by now."""


def fresh_dates(study: Study, learned_until: dt.date) -> list[dt.date]:
    """Dates from `learned_until` on whose labels are known, a horizon (at most 28 days) apart, the earliest first.

    They lie on the same grid as the report origins that are placed automatically.
    """
    step = dt.timedelta(days=max(7, min(study.outcome.horizon_days, 28)))
    day = study.watermark - (label_end(study.outcome, study.watermark) - study.watermark)
    found: list[dt.date] = []
    while day >= learned_until and len(found) < MOST_DATES:
        found.append(day)
        day -= step
    return found[::-1]


def first_label_on(study: Study, learned_until: dt.date) -> dt.date:
    """Until when data must be complete for the first fresh label of a model."""
    return label_end(study.outcome, learned_until)


def require_fresh(study: Study, learned_until: dt.date, labels: Sequence[str]) -> list[dt.date]:
    """The fresh dates of some models; `NothingFresh` says from when on there are any."""
    found = fresh_dates(study, learned_until)
    if not found:
        raise NothingFresh(
            f"{' and '.join(labels)} learned from labels until {learned_until}; the first label of a later date is "
            f"known when the data are complete until {first_label_on(study, learned_until)}, now {study.watermark}"
        )
    return found


def said_by(
    study: Study, model: ScoringModel, dates: Sequence[dt.date], progress: Progress | None = None
) -> pd.DataFrame:
    """What a registered model says of everybody its question is about on some dates, and what then happened.

    A row a unit and date: `KEYS`, `label` (by the model's own definition, of all that is known by now, missing where
    nobody can say) and `probability`, then the single figures that are known of units. Who objects to profiling is not
    among them.
    """
    task = model.task(dates[0], lake=study.snapshot.folder)
    task = replace(
        task,
        cutoffs=tuple(sorted(dates)),
        everybody=False,
        mature_by=study.watermark,
        cache=study.cache,
        buckets=study.snapshot.buckets,
    )
    workers, buckets = study.workers(), study.snapshot.buckets
    task = prepared(task, buckets, learn=False, workers=workers, progress=progress)
    frame = describe_buckets(task, buckets, workers=workers, progress=progress).frame
    frame = frame.loc[~frame["customer_id"].isin(study.objectors)].reset_index(drop=True)
    matrix = frame.reindex(columns=model.features)
    risk = model.artefact.race.predict(matrix)["risk"].to_numpy() if len(frame) else np.empty(0)
    figures = known_figures(frame)
    return pd.concat([frame[[*KEYS, "label"]].assign(probability=risk), figures], axis="columns")
