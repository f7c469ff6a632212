"""Invented trials in which it is known what a contact does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tenure.models.boosted import BoostedSettings
from tenure.models.feature import Feature
from tenure.models.odds import probability
from tenure.models.uplift.effect import FittedEffect, fit_effect
from tenure.models.uplift.settings import EffectSettings, EffectTrees
from tenure.models.uplift.trial import Trial

SETTINGS = EffectSettings(
    folds=3, deals=1, inner_folds=2, boosted=BoostedSettings(trees=(20,), depth=3), trees=EffectTrees(trees=20)
)
NAMES = ("trouble", "use", "noise")

Invented = Callable[..., tuple[Trial, np.ndarray]]


def invented(
    *, alike: float = 0.0, by_trouble: float = 0.0, people: int = 3_000, chance: float = 0.5, seed: int = 1
) -> tuple[Trial, np.ndarray]:
    """A trial and its true effects: contacts add to the log-odds `-alike`, and `-by_trouble` where trouble is above 0."""
    generator = np.random.default_rng(seed)
    columns = generator.normal(size=(people, 3))
    columns[generator.random(people) < 0.1, 1] = np.nan
    odds = -1.0 + 0.5 * columns[:, 0] - 0.5 * np.nan_to_num(columns[:, 1])
    moved = odds - alike - by_trouble * np.sign(columns[:, 0])
    treated = (generator.random(people) < chance).astype(float)
    left = (generator.random(people) < probability(np.where(treated > 0, moved, odds))).astype(float)
    frame = pd.DataFrame(columns, columns=list(NAMES))
    trial = Trial.of(
        frame,
        features=tuple(Feature(name) for name in NAMES),
        treated=treated,
        left=left,
        propensity=chance,
        persons=np.array([f"p{place:05d}" for place in range(people)]),
    )
    return trial, probability(odds) - probability(moved)


@pytest.fixture(scope="session")
def world() -> Invented:
    return invented


@pytest.fixture(scope="session")
def settings() -> EffectSettings:
    return SETTINGS


@pytest.fixture(scope="session")
def split() -> tuple[Trial, np.ndarray]:
    """A trial in which contacts keep those in trouble and drive the others away."""
    return invented(alike=0.2, by_trouble=0.9)


@pytest.fixture(scope="session")
def fitted(split: tuple[Trial, np.ndarray]) -> FittedEffect:
    return fit_effect(split[0], settings=SETTINGS)
