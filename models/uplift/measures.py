"""What the effect of contacts is and how well it is told apart, out of fold, with intervals by person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tenure.models.bootstrap import Interval
from tenure.models.odds import Floats
from tenure.models.uplift.effect import OutOfFold
from tenure.models.uplift.gains import Order, difference_in_means, slope
from tenure.models.uplift.trial import Trial, TrialRefused

CELLS = 4_000_000
"""Weights held at a time; replicates are worked off in blocks of this size."""


@dataclass(frozen=True)
class Bin:
    """People with like estimates: their mean estimate, and the effect measured among them."""

    people: int
    predicted: float
    measured: Interval


@dataclass(frozen=True)
class EffectMeasures:
    """Everything measured of an effect model; effects are differences of the probability to leave.

    `average` is regression-adjusted (the mean doubly robust score), `difference` the plain difference in means. `qini`
    is the area between the curve of this ranking and a random one, `relative_qini` the same over the area under the
    random one. `top` is the mean effect among the first `capacity` (a share) by estimated effect. `over_random` and
    `over_risk` are what contacting the first `capacity` by effect times value earns, a person in all, more than as
    many at random and than the first by risk times value. `average_strict` and the others that end so are the middle
    99 of 100 replicates.
    """

    rows: int
    capacity: float
    rate: Interval
    difference: Interval
    average: Interval
    qini: Interval
    relative_qini: float
    top: Interval
    slope: Interval
    over_random: Interval
    over_risk: Interval
    over_nothing_strict: Interval
    qini_strict: Interval
    bins: tuple[Bin, ...]
    score_spread: float

    def values(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def measure_effect(
    proof: OutOfFold,
    *,
    capacity: float,
    value: ArrayLike | None = None,
    risk: ArrayLike | None = None,
    bins: int = 5,
    replicates: int = 400,
    seed: int,
) -> EffectMeasures:
    """Measure out-of-fold estimates against doubly robust scores, redrawing persons with replacement.

    `capacity` is the share of people who can be contacted, `value` what is lost with each (left out: the same for
    all), `risk` the ranking that effects are to beat (left out: P(left) without a contact, out of fold).
    """
    trial = proof.trial
    worth = _column(value, trial, "value", otherwise=np.ones(len(trial)))
    danger = _column(risk, trial, "risk", otherwise=proof.risk)
    if not 0.0 < capacity < 1.0:
        raise TrialRefused(f"capacity is the share of people who can be contacted, between 0 and 1, found {capacity!r}")
    earned = proof.scores * worth
    by_effect, by_worth = Order.of(proof.effects, proof.scores), Order.of(proof.effects * worth, earned)
    by_risk = Order.of(danger * worth, earned)
    groups = _groups(proof.effects, bins)
    untouched = (1.0 - trial.treated) / (1.0 - trial.propensity)

    def measured(weights: Floats) -> dict[str, Floats]:
        size = weights.sum(axis=1)
        chosen, mean = by_worth.gain(weights, share=capacity), weights @ earned / size
        return {
            "rate": weights @ (untouched * trial.left) / (weights @ untouched),
            "difference": difference_in_means(trial.left, trial.treated, trial.propensity, weights),
            "average": weights @ proof.scores / size,
            "qini": by_effect.area(weights),
            "top": by_effect.gain(weights, share=capacity) / capacity,
            "slope": slope(proof.effects, proof.scores, weights),
            "over_random": chosen - capacity * mean,
            "over_risk": chosen - by_risk.gain(weights, share=capacity),
            "over_nothing": chosen,
            **{f"bin {k}": weights @ (group * proof.scores) / (weights @ group) for k, group in enumerate(groups)},
        }

    values = {name: float(found[0]) for name, found in measured(np.ones((1, len(trial)))).items()}
    blocks = [measured(weights) for weights in _redrawn(trial, replicates=replicates, seed=seed)]
    draws = {name: np.concatenate([block[name] for block in blocks]) for name in values}

    def interval(name: str, level: float = 0.95) -> Interval:
        return _interval(values[name], draws[name], level)

    ordinary = ("rate", "difference", "average", "qini", "top", "slope", "over_random", "over_risk")
    return EffectMeasures(
        rows=len(trial),
        capacity=capacity,
        **{name: interval(name) for name in ordinary},
        relative_qini=values["qini"] / (abs(values["average"]) / 2.0) if values["average"] else float("nan"),
        over_nothing_strict=interval("over_nothing", 0.99),
        qini_strict=interval("qini", 0.99),
        bins=tuple(
            Bin(int(group.sum()), float(proof.effects[group > 0].mean()), interval(f"bin {k}"))
            for k, group in enumerate(groups)
        ),
        score_spread=float(proof.scores.std()),
    )


def _column(given: ArrayLike | None, trial: Trial, name: str, *, otherwise: Floats) -> Floats:
    if given is None:
        return otherwise
    values = np.asarray(given, dtype=np.float64)
    if values.shape != (len(trial),) or not np.isfinite(values).all():
        raise TrialRefused(
            f"expected {name} to have a finite value for each of the {len(trial)} rows, found {values.shape} with "
            f"{int((~np.isfinite(values)).sum())} that are not finite"
        )
    return values


def _groups(effects: Floats, bins: int) -> list[Floats]:
    """Equal shares of people from the lowest to the highest estimate; people estimated alike stay together."""
    limits = np.unique(np.quantile(effects, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    place = np.searchsorted(limits, effects, side="left")
    return [(place == k).astype(np.float64) for k in np.unique(place)]


def _redrawn(trial: Trial, *, replicates: int, seed: int) -> Iterator[Floats]:
    """How often each row is drawn, replicates x rows, in blocks."""
    names, codes = np.unique(trial.persons, return_inverse=True)
    generator, many = np.random.default_rng(seed), len(names)
    size = max(1, CELLS // len(trial))
    for start in range(0, replicates, size):
        rows = min(size, replicates - start)
        counts = generator.multinomial(many, np.full(many, 1.0 / many), size=rows)
        yield counts.astype(np.float64)[:, codes]


def _interval(value: float, draws: Floats, level: float) -> Interval:
    usable = draws[np.isfinite(draws)]
    if not len(usable):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(usable, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(value, float(low), float(high))
