"""Plain LightGBM: the defaults of the library, early stopping on the newest cut-offs."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd

from accuracy.calibrated import rehearsal
from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Task
from tenure.models.odds import Floats

FAMILIES = ("activity", "rhythm", "money")
ROUNDS, PATIENCE = 1_000, 50
FIXED = {"objective": "binary", "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1}


def plain(task: Task, seed: int) -> Said:
    """Trees on the families activity, rhythm and money."""
    names = [feature.name for feature in task.features(*FAMILIES)]
    if not names:
        raise NotApplicable(f"the set has no feature of the families {', '.join(FAMILIES)}")
    return Said(stopped_early(task, task.training[names], task.test[names], seed))


def stopped_early(task: Task, training: pd.DataFrame, test: pd.DataFrame, seed: int) -> Floats:
    """Probabilities of the test rows: how many trees is chosen on the later rows, then all rows are learnt from.

    Where the past is too short for a later part, the first fold of people takes its place.
    """
    before, later = next(iter(rehearsal(task)))
    columns, asked = training.to_numpy(dtype=np.float64), test.to_numpy(dtype=np.float64)
    given = {**FIXED, "seed": seed}

    def data(rows: np.ndarray) -> lightgbm.Dataset:
        return lightgbm.Dataset(columns[rows], task.labels[rows], weight=task.weights[rows], params=given)

    stopping = lightgbm.early_stopping(PATIENCE, verbose=False)
    found = lightgbm.train(given, data(before), ROUNDS, valid_sets=[data(later)], callbacks=[stopping])
    everything = np.ones(len(columns), dtype=np.bool_)
    booster = lightgbm.train(given, data(everything), max(1, found.best_iteration))
    return np.asarray(booster.predict(asked, num_threads=1), dtype=np.float64)


RIVALS = [Rival("plain_lightgbm", plain)]
