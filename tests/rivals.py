"""Invented pairs of models of which one knows the truth: how well each ranks, and what its list would bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenure.models.calibration import Calibration, fit_calibration
from tenure.models.comparison import Pair
from tenure.models.odds import Floats, probability
from tenure.models.profit import Stakes, Terms, expected_profit, places
from tenure.models.slices import auc_parts

LEVEL, STEEP = -2.9, 1.6
"""Log-odds of the middle customer, and how far customers are apart: it happens to 11 of 100, the best AUC is .84."""

SHARED = 0.9
"""The share of two models' errors that is the same: they learn from much the same rows. Their scores correlate by .96."""

TERMS = Terms(save_rate=0.1, contact_cost=5.92)


@dataclass(frozen=True)
class Rivals:
    """Two models that see the true log-odds with some noise: `one` and `other` are their correlations with them."""

    one: float
    other: float
    lines: tuple[Calibration, Calibration]

    @classmethod
    def of(cls, one: float, other: float, *, seed: int = 0, rows: int = 400_000) -> Rivals:
        """Calibrate both on many customers of their own."""
        truth, seen = _drawn(one, other, rows, np.random.default_rng(seed))
        labels = (np.random.default_rng(seed + 1).random(rows) < probability(truth)).astype(float)
        first, second = (fit_calibration(LEVEL + STEEP * raw, labels) for raw in seen)
        return cls(one, other, (first, second))

    def pair(
        self, customers: int, generator: np.random.Generator, *, capacity: int, day: int = 0
    ) -> tuple[Pair, float]:
        """What both say of new customers, and by which share the list of one truly brings more than the other's."""
        truth, seen = _drawn(self.one, self.other, customers, generator)
        chance = probability(truth)
        labels = (generator.random(customers) < chance).astype(float)
        said = [probability(line.apply(LEVEL + STEEP * raw)) for line, raw in zip(self.lines, seen, strict=True)]
        values = generator.gamma(2.0, 250.0, customers)
        stakes = Stakes(values, TERMS, capacity)
        brought = [float(expected_profit(chance, values, terms=TERMS)[_listed(p, stakes)].sum()) for p in said]
        pair = Pair(str(day), np.arange(customers), labels, said[0], said[1], stakes)
        return pair, brought[0] / brought[1] - 1.0


def calm_auc(grip: float, *, rows: int = 400_000) -> float:
    """The ROC AUC of a model by how well it sees the truth, on many customers that are always the same."""
    generator = np.random.default_rng(42)
    signal, noise, lots = generator.standard_normal(rows), generator.standard_normal(rows), generator.random(rows)
    labels = (lots < probability(LEVEL + STEEP * signal)).astype(float)
    return auc_parts(labels, grip * signal + np.sqrt(1.0 - grip**2) * noise)[0]


def _drawn(one: float, other: float, rows: int, generator: np.random.Generator) -> tuple[Floats, tuple[Floats, Floats]]:
    """The true log-odds, and what each model sees of them as standard normal values."""
    signal, shared = generator.standard_normal((2, rows))
    seen = []
    for grip in (one, other):
        noise = np.sqrt(SHARED) * shared + np.sqrt(1.0 - SHARED) * generator.standard_normal(rows)
        seen.append(grip * signal + np.sqrt(1.0 - grip**2) * noise)
    return LEVEL + STEEP * signal, (seen[0], seen[1])


def _listed(said: Floats, stakes: Stakes) -> np.ndarray:
    order = places(expected_profit(said, stakes.values, terms=stakes.terms), np.ones(len(said), dtype=bool))
    return np.asarray((order > 0) & (order <= stakes.capacity))
