"""A survival model in discrete time: one logistic line for the chance of the event in each part of the horizon.

The event is the next row of the outcome's kinds for a silence, the first one for a cancellation, at the day on
which it happened as it was known at the origin. A row stays until its event, or to the end of the horizon; the risk
is the product over parts (Cox 1972, section 6; Singer and Willett 1993). It sees the
same features as ours, prepared as those of our own line.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Task
from tenure.models.logistic import LogisticSettings, prepare
from tenure.models.odds import Floats
from tenure.models.thinning import thin
from tenure.pipelines.settings.outcome import Cancellation, Inactivity

PARTS = 4
MOST_ROWS = 30_000
STRENGTH = 0.01


def discrete_time(task: Task, seed: int) -> Said:
    """Fit the line on unit-periods and multiply."""
    outcome = task.study.outcome
    if not isinstance(outcome, Inactivity | Cancellation):
        raise NotApplicable(f"no single row is the event of an outcome of type {outcome.type}")
    silence = isinstance(outcome, Inactivity)
    names = [feature.name for feature in task.features()]
    training = thin(task.training, most_rows=MOST_ROWS, seed=task.settings.seed)
    parts = min(PARTS, outcome.horizon_days)
    happened = training["label"].to_numpy() == (0.0 if silence else 1.0)
    days = days_to_event(training, task.events(outcome.kinds), outcome.lead_days)
    when = np.clip(np.nan_to_num(days) * parts // outcome.horizon_days, 0, parts - 1).astype(np.int64)
    row, part = person_periods(happened, when, parts)
    matrix = training[names].to_numpy(dtype=np.float64)
    prepared = prepare(matrix, settings=LogisticSettings())
    matrix = prepared.terms(matrix)
    weights = training["weight"].to_numpy() if "weight" in training else np.ones(len(training))
    line = LogisticRegression(C=STRENGTH, solver="newton-cholesky", max_iter=50)
    design = np.hstack([matrix[row], np.eye(parts)[part]]).astype(np.float32)
    line.fit(design, (happened[row] & (part == when[row])).astype(np.float64), sample_weight=weights[row])
    asked = prepared.terms(task.test[names].to_numpy(dtype=np.float64))
    survived = np.ones(len(asked))
    for place in range(parts):
        at = np.hstack([asked, np.tile(np.eye(parts)[place], (len(asked), 1))]).astype(np.float32)
        survived *= 1.0 - line.predict_proba(at)[:, 1].astype(np.float64)
    return Said(survived if silence else 1.0 - survived)


def days_to_event(frame: pd.DataFrame, events: pd.DataFrame, lead_days: int) -> Floats:
    """Days from the start of the horizon to the next event of the unit; missing where there is none."""
    left = frame[["unit_id", "as_of"]].copy()
    left["moment"] = pd.to_datetime(left["as_of"]).astype("datetime64[us]") + pd.Timedelta(days=lead_days)
    left["place"] = np.arange(len(left))
    right = events[["unit_id", "moment"]].assign(moment=events["moment"].astype("datetime64[us]"))
    right = right.assign(event=right["moment"]).sort_values("moment", kind="stable")
    left = left.assign(unit_id=left["unit_id"].astype(object)).sort_values("moment", kind="stable")
    right = right.assign(unit_id=right["unit_id"].astype(object))
    found = pd.merge_asof(left, right, on="moment", by="unit_id", direction="forward").sort_values("place")
    start = pd.to_datetime(frame["as_of"]).astype("datetime64[us]").to_numpy() + np.timedelta64(lead_days, "D")
    return (found["event"].to_numpy() - start) / np.timedelta64(1, "D")


def person_periods(happened: np.ndarray, when: np.ndarray, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """For every row its periods, up to that of the event where it happened: the row and the period of each.

    >>> [found.tolist() for found in person_periods(np.array([True, False]), np.array([1, 0]), 3)]
    [[0, 0, 1, 1, 1], [0, 1, 0, 1, 2]]
    """
    lasts = np.where(happened, when + 1, parts)
    row = np.repeat(np.arange(len(lasts)), lasts)
    part = np.arange(len(row)) - np.repeat(np.cumsum(lasts) - lasts, lasts)
    return row, part


RIVALS = [Rival("discrete_survival", discrete_time)]
