"""What may be chosen: the settings of the race within bounds that keep it small and quick to explain."""

from __future__ import annotations

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from tenure.pipelines.settings.model import Model

NEVER = 0
"""Stands for no half-life: all cut-offs weigh the same."""

HALF_LIVES = (NEVER, 91, 182, 364)

SPACE: dict[str, BaseDistribution] = {
    "trees": IntDistribution(50, 300, step=50),
    "learning_rate": FloatDistribution(0.01, 0.2, log=True),
    "leaves": IntDistribution(3, 16),
    "leaf_rows": IntDistribution(20, 500, log=True),
    "column_share": FloatDistribution(0.1, 1.0),
    "row_share": FloatDistribution(0.4, 1.0),
    "ridge": FloatDistribution(0.1, 100.0, log=True),
    "boosted_share": FloatDistribution(0.2, 0.8),
    "half_life_days": CategoricalDistribution(HALF_LIVES),
}
"""Each setting and the values it may take; `trees` is the most that the past may choose."""

Drawn = dict[str, float | int]


def suggested(trial: Trial) -> Model:
    """The settings that a trial is to try."""
    return model_of({name: _suggested(trial, name, distribution) for name, distribution in SPACE.items()})


def _suggested(trial: Trial, name: str, among: BaseDistribution) -> float | int:
    if isinstance(among, IntDistribution):
        return trial.suggest_int(name, among.low, among.high, step=among.step, log=among.log)
    if isinstance(among, FloatDistribution):
        return trial.suggest_float(name, among.low, among.high, log=among.log)
    return trial.suggest_categorical(name, HALF_LIVES)


def model_of(drawn: Drawn) -> Model:
    """Settings from drawn values.

    >>> model_of(drawn_of(Model())) == Model()
    True
    """
    most = int(drawn["trees"])
    half_life = drawn["half_life_days"]
    rounded = {name: float(f"{value:.3g}") for name, value in drawn.items() if isinstance(value, float)}
    return Model.model_validate(
        {**drawn, **rounded}
        | {"trees": tuple(range(50, most + 1, 50)), "half_life_days": None if half_life == NEVER else half_life}
    )


def drawn_of(model: Model) -> Drawn:
    """Settings as values of the space, as near as it comes."""
    values = model.model_dump()
    found: Drawn = {}
    for name, distribution in SPACE.items():
        value = max(values[name]) if name == "trees" else values[name]
        if isinstance(distribution, CategoricalDistribution):
            value = NEVER if value is None else min(HALF_LIVES[1:], key=lambda days: abs(days - value))
        elif isinstance(distribution, IntDistribution | FloatDistribution):
            value = type(distribution.low)(min(max(value, distribution.low), distribution.high))
        found[name] = value
    return found
