"""From a trial to a model that may be used, or to the reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from tenure.models.uplift.effect import EffectModel, fit_effect
from tenure.models.uplift.measures import EffectMeasures, measure_effect
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.trial import Trial
from tenure.models.uplift.verdict import EffectVerdict, judge_effect, too_small


@dataclass(frozen=True)
class EffectStudy:
    """The verdict, and the model with its measures: None where there was not enough data for one."""

    verdict: EffectVerdict
    model: EffectModel | None = None
    measures: EffectMeasures | None = None


def study_effect(
    trial: Trial,
    *,
    capacity: float,
    value: ArrayLike | None = None,
    risk: ArrayLike | None = None,
    settings: EffectSettings | None = None,
    replicates: int = 400,
) -> EffectStudy:
    """Fit, measure and judge; see `measure_effect` for the arguments.

    Where the trial has a feature `risk` and nothing else is given, that is the ranking which effects are to beat.
    """
    small = too_small(trial)
    if small is not None:
        return EffectStudy(small)
    given = settings or EffectSettings()
    if risk is None and trial.risk_column is not None:
        risk = trial.matrix[:, trial.risk_column]
    fitted = fit_effect(trial, settings=given)
    measures = measure_effect(
        fitted.proof, capacity=capacity, value=value, risk=risk, replicates=replicates, seed=given.seed
    )
    return EffectStudy(judge_effect(measures), fitted.model, measures)
