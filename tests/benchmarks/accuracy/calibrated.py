"""Scores that are no probabilities become some: a line in log-odds learnt on the later part of the past.

The same rehearsal as that of our own race: fit on the earlier cut-offs, judge on the newest whose labels came later
(where history is too short, folds of people), then fit again on everything.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from accuracy.rows import Task
from tenure.models.calibration import ease_level, fit_calibration
from tenure.models.odds import Floats, Mask, probability
from tenure.models.rehearsal import Rehearsal, plan_rehearsal

Score = Callable[[Task, Mask], Callable[[bool], Floats]]
"""Fit on some training rows; what comes back scores all training rows (False) or the test rows (True)."""


def rehearsal(task: Task) -> Rehearsal:
    """The pairs of fitting and judging rows inside the training rows."""
    chosen = task.settings
    return plan_rehearsal(
        task.training,
        share=chosen.later_share,
        positives=chosen.later_positives,
        folds=chosen.folds,
        seed=chosen.seed,
    )


def calibrated(task: Task, score: Score) -> Floats:
    """Probabilities of the test rows by a score in log-odds that is fitted on training rows."""
    plan = rehearsal(task)
    raw = np.full(len(task.training), np.nan)
    for before, later in plan:
        raw[later] = score(task, before)(False)[later]
    judged = plan.judged
    line = fit_calibration(raw[judged], task.labels[judged], task.weights[judged])
    kept = task.settings.level_kept if plan.method == "later" else 1.0
    eased = ease_level(line, raw[judged], task.weights[judged], kept=kept)
    everything = np.ones(len(task.training), dtype=np.bool_)
    return probability(eased.apply(score(task, everything)(True)))


def lined_up(task: Task, training: Floats, test: Floats) -> Floats:
    """Probabilities of the test rows by a score that never saw a label: the line is fitted on all training rows."""
    return probability(fit_calibration(training, task.labels, task.weights).apply(test))
