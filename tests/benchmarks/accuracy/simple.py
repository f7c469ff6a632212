"""The simple rivals: the silence in own gaps, and recency, frequency and money."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from accuracy.calibrated import calibrated
from accuracy.rival import Rival, Said
from accuracy.rows import Task
from tenure.models.odds import Floats, Mask
from tenure.models.recency import fit_recency

RFM = ["own_days_since_last", "own_frequency", "own_money"]


def silence_in_gaps(frame: pd.DataFrame) -> Floats:
    """Days since last over the customer's own mean gap; missing where there is no gap yet."""
    gap = frame["own_gap_mean"].to_numpy(dtype=np.float64)
    silence = frame["own_days_since_last"].to_numpy(dtype=np.float64)
    return np.divide(silence, gap, out=np.full(len(gap), np.nan), where=gap > 0)


def own_gaps(task: Task, seed: int) -> Said:
    """A monotone curve over the silence in own gaps, calibrated; whoever has no gap gets the rate of such people."""
    training, test = silence_in_gaps(task.training)[:, None], silence_in_gaps(task.test)[:, None]

    def score(task: Task, chosen: Mask) -> Callable[[bool], Floats]:
        model = fit_recency(training[chosen], task.labels[chosen], task.weights[chosen], column=0)
        return lambda of_test: model.log_odds(test if of_test else training)

    return Said(calibrated(task, score))


def rfm(task: Task, seed: int) -> Said:
    """Logistic regression on the logarithms of recency, frequency and money."""
    model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), LogisticRegression())
    model.fit(_logs(task.training), task.labels, logisticregression__sample_weight=task.weights)
    return Said(model.predict_proba(_logs(task.test))[:, 1])


def _logs(frame: pd.DataFrame) -> Floats:
    return np.log1p(frame[RFM].to_numpy(dtype=np.float64).clip(min=0.0))


RIVALS = [Rival("own_gaps", own_gaps), Rival("rfm", rfm)]
