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
from tenure.models.periods import person_periods
from tenure.models.thinning import thin
from tenure.pipelines.examples.moments import Moments
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
    days = np.minimum(days_to_event(task, training), outcome.horizon_days - 1)
    when = (days * parts // outcome.horizon_days).astype(np.int64)
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


def days_to_event(task: Task, rows: pd.DataFrame) -> Floats:
    """Days from the start of the horizon to the next event of the unit, infinite where none was known."""
    start = rows["as_of"] + pd.Timedelta(days=task.study.outcome.lead_days)
    return Moments.of(task.study).next(rows.assign(as_of=start), known_by=task.until)


RIVALS = [Rival("discrete_survival", discrete_time)]
