"""BG/NBD and Pareto/NBD by the library lifetimes: expected purchases in the horizon, for questions about silence.

Parameters are fitted on the own history of everyone seen by the origin, eligible or not, as the papers do; no
label is looked at. What is expected is turned into a probability by a line in log-odds on the training cut-offs.
A day with purchases is one purchase; time is in weeks.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from accuracy.calibrated import lined_up
from accuracy.rival import NotApplicable, Rival, Said
from accuracy.rows import Task
from tenure.models.odds import Floats
from tenure.pipelines.settings.outcome import Inactivity

WEEK = 7.0
LARGEST = 5_000
"""Customers on whom parameters are fitted; of more, evenly many along the sorted ids."""

FEWEST = 100
SEED = 20170101
"""lifetimes starts Pareto/NBD at a point that it draws from NumPy's own generator."""


def expectation(sort: str, task: Task, seed: int) -> Said:
    """The fewer purchases are expected, the higher the risk."""
    outcome = task.study.outcome
    if not isinstance(outcome, Inactivity):
        raise NotApplicable(f"it speaks of buying again; the outcome is of type {outcome.type}")
    fitted = fitted_on(sort, task.everybody)
    weeks = outcome.horizon_days / WEEK
    training, _ = scores(fitted, task.training, weeks)
    test, unsaid = scores(fitted, task.test, weeks)
    note = (
        f"own pace where lifetimes gives no finite expectation: {unsaid} of {len(test)} rows at {task.until}"
        if unsaid
        else ""
    )
    return Said(lined_up(task, training, test), note=note)


def fitted_on(sort: str, everybody: pd.DataFrame) -> Any:
    """The fitted model; `NotApplicable` where there are too few buyers or the fit does not converge."""
    rows = everybody.loc[everybody["own_x"].notna() & (everybody["own_T"] > 0)].sort_values("unit_id")
    if len(rows) < FEWEST or rows["own_x"].sum() < FEWEST:
        raise NotApplicable(f"too few to fit on: {len(rows)} customers")
    rows = rows.iloc[:: -(-len(rows) // LARGEST)]
    with warnings.catch_warnings():  # lifetimes sets an option that pandas dropped, and leaves the logarithm's domain
        warnings.simplefilter("ignore")
        import lifetimes
        from lifetimes.utils import ConvergenceError

        model = {"bg_nbd": lifetimes.BetaGeoFitter, "pareto_nbd": lifetimes.ParetoNBDFitter}[sort]()
        grouped = rows.groupby(["own_x", "own_t_x", "own_T"], as_index=False).size()
        x, t_x, T = (grouped[name].to_numpy(dtype=np.float64) for name in ("own_x", "own_t_x", "own_T"))
        state = np.random.get_state()
        np.random.seed(SEED)
        try:
            model.fit(x, t_x / WEEK, T / WEEK, weights=grouped["size"].to_numpy(dtype=np.float64))
        except (ConvergenceError, ValueError, FloatingPointError) as reason:
            raise NotApplicable(f"the fit does not converge: {' '.join(str(reason).split())[:160]}") from reason
        finally:
            np.random.set_state(state)
    return model


def scores(model: Any, frame: pd.DataFrame, weeks: float) -> tuple[Floats, int]:
    """Minus the logarithm of expected purchases, and for how many rows the own pace had to stand in."""
    x, t_x, T = (frame[name].to_numpy(dtype=np.float64) for name in ("own_x", "own_t_x", "own_T"))
    held = ~np.isnan(x)
    expected = np.full(len(x), np.nan)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        lives = (x[held], t_x[held] / WEEK, T[held] / WEEK)
        expected[held] = model.conditional_expected_number_of_purchases_up_to_time(weeks, *lives)
    bad = ~np.isfinite(expected) | (expected < 0)
    pace = (np.nan_to_num(x) + 0.5) / (np.nan_to_num(T) + 1.0) * WEEK * weeks
    return -np.log(np.maximum(np.where(bad, pace, expected), 1e-9)), int(bad.sum())


RIVALS = [Rival(name, partial(expectation, name)) for name in ("bg_nbd", "pareto_nbd")]
