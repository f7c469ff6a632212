"""The effect model: who is kept by a contact, by how much, and who is driven away.

Ours rather than a library's: causalml and econml keep fitted models by pickle only, choose and shrink nothing against
the constant effect, and bring numba, statsmodels and more; scikit-uplift has had no release since 2022. The formulas
are few, and their sources stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from tenure.models.feature import Feature, feature_matrix
from tenure.models.odds import Floats
from tenure.models.uplift.leaving import deal
from tenure.models.uplift.members import MEMBERS, Members, fit_members
from tenure.models.uplift.mixing import Mixture, choose_mixture
from tenure.models.uplift.score import doubly_robust
from tenure.models.uplift.settings import EffectSettings
from tenure.models.uplift.trial import Trial

DEALS_APART = 1_000
"""From the seed of one deal of the folds to that of the next."""


@dataclass(frozen=True)
class EffectModel:
    """Fitted members and how they are mixed; `centres` are the members' means over the trial."""

    features: tuple[Feature, ...]
    members: Members
    mixture: Mixture
    centres: Floats
    average: float
    report: dict[str, Any] = field(default_factory=dict)

    def predict(self, frame: pd.DataFrame) -> pd.Series:
        """The effect of a contact on each row: P(left) without it minus P(left) with it.

        Above 0 the contact keeps the customer, below 0 it drives away; NaN where a feature `risk` is missing. One row
        alone equals the row in a batch.
        """
        found = self.effects(feature_matrix(frame, self.features))
        return pd.Series(found, index=frame.index, name="effect")

    def effects(self, matrix: Floats) -> Floats:
        """The same for a matrix of the features in their order."""
        return self.average + self.mixture.differences(self.members.effects(matrix) - self.centres)


@dataclass(frozen=True)
class OutOfFold:
    """What models that have not seen the person say of each row of the trial.

    `effects` are estimates, `scores` doubly robust scores whose means are unbiased, `risk` is P(left) without a
    contact.
    """

    trial: Trial
    effects: Floats
    scores: Floats
    risk: Floats


@dataclass(frozen=True)
class FittedEffect:
    """The model, fitted on everybody, and the proof, made out of fold."""

    model: EffectModel
    proof: OutOfFold


def fit_effect(trial: Trial, *, settings: EffectSettings | None = None) -> FittedEffect:
    """Fit the effect model. Raises `TrialTooSmall` where there is too little to learn from.

    Cross-fitted by person: in each fold, members, their nuisances, mixture and shrinkage come from the other folds.
    What several deals of the folds say of a person is averaged (Chernozhukov and others, Double/debiased machine
    learning for treatment and structural parameters, 2018, section 3.4). The same trial and settings give the same
    bytes.
    """
    given = settings or EffectSettings()
    trial.check_size()
    # A matrix product split over threads adds up in another order.
    with threadpool_limits(limits=1, user_api="blas"):
        return _fit(trial, given)


def _fit(trial: Trial, settings: EffectSettings) -> FittedEffect:
    deals = [_crossed(trial, settings, seed=settings.seed + DEALS_APART * place) for place in range(settings.deals)]
    differences, effects, scores, untouched = (np.stack(arrays) for arrays in zip(*deals, strict=True))
    # Chosen by what single models err by, since one is fitted in the end: averaged first, the noisiest gain most.
    mixture = choose_mixture(
        np.concatenate(differences),
        np.concatenate(scores),
        np.tile(trial.persons, len(deals)),
        alone_beyond=settings.alone_beyond,
    )
    effects, scores, untouched = (each.mean(axis=0) for each in (effects, scores, untouched))
    members = fit_members(trial, settings=settings)
    report = {
        "rows": len(trial),
        "persons": len(np.unique(trial.persons)),
        "counts": trial.counts(),
        "mixture": mixture.name,
        "kept": mixture.kept,
        "losses": mixture.losses,
    }
    centres = members.effects(trial.matrix).mean(axis=0)
    model = EffectModel(trial.features, members, mixture, centres, float(scores.mean()), report)
    return FittedEffect(model, OutOfFold(trial, effects, scores, untouched))


def _crossed(trial: Trial, settings: EffectSettings, *, seed: int) -> tuple[Floats, Floats, Floats, Floats]:
    """By one deal of the folds: the members' differences, the effects, the scores, and the risk without a contact."""
    masks = deal(trial, folds=settings.folds, seed=seed)
    differences = np.empty((len(trial), len(MEMBERS)))
    untouched, contacted = np.empty(len(trial)), np.empty(len(trial))
    for mask in masks:
        rest = trial.rows(~mask)
        members = fit_members(rest, settings=settings)
        differences[mask] = members.effects(trial.matrix[mask]) - members.effects(rest.matrix).mean(axis=0)
        untouched[mask], contacted[mask] = members.arms(trial.rows(mask))
    scores = doubly_robust(trial.left, trial.treated, trial.propensity, untouched=untouched, contacted=contacted)
    effects = np.full(len(trial), scores.mean())
    for mask in masks:
        mixture = choose_mixture(
            differences[~mask], scores[~mask], trial.persons[~mask], alone_beyond=settings.alone_beyond
        )
        effects[mask] += mixture.differences(differences[mask])
    return differences, effects, scores, untouched
