"""Running the race: rehearse on the past, choose and calibrate, then fit everything on all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tenure.models.blend import Blend, choose_blend, losses, paired_error
from tenure.models.boosted import BoostedModel, bin_features, fit_boosted
from tenure.models.calibration import Calibration, ease_level, fit_calibration
from tenure.models.feature import Feature, feature_names
from tenure.models.intervals import Intervals, fit_intervals
from tenure.models.likeness import learn_likeness
from tenure.models.logistic import LogisticModel, fit_logistics
from tenure.models.odds import Floats, probability
from tenure.models.race import Race
from tenure.models.recency import RecencyModel, fit_recency
from tenure.models.rehearsal import Rehearsal, plan_rehearsal
from tenure.models.settings import RaceSettings
from tenure.models.thinning import thin
from tenure.models.training_rows import TrainingRows, check_examples, training_rows

if TYPE_CHECKING:
    from tenure.models.boosted import Bins


def fit_race(
    examples: pd.DataFrame, *, features: tuple[Feature, ...], settings: RaceSettings, threads: int = 1
) -> Race:
    """Fit every member, calibrate each, and choose risk, from these examples alone.

    `examples` holds `customer_id` (the person), `as_of`, `label`, `label_end`, perhaps `weight`, then
    exactly the features. `threads` are LightGBM's; their number does not change the result. Raises
    `TooFewExamples` where nothing can be learnt.
    """
    # A matrix product split over threads adds up in another order.
    with threadpool_limits(limits=1, user_api="blas"):
        check_examples(examples, settings)
        examples = thin(examples, most_rows=settings.most_rows, seed=settings.seed)
        members = _members(examples, features, settings, threads)
        plan = plan_rehearsal(
            examples,
            share=settings.later_share,
            positives=settings.later_positives,
            folds=settings.folds,
            seed=settings.seed,
        )
        return _run(members, plan)


@dataclass(frozen=True)
class _Members:
    """Fits each member on any of the rows; the features are put into bins once for all fits."""

    rows: TrainingRows
    features: tuple[Feature, ...]
    settings: RaceSettings
    binned: Bins
    threads: int

    def recency(self, chosen: NDArray[np.int64]) -> RecencyModel:
        names = feature_names(self.features)
        column = names.index(self.settings.recency) if self.settings.recency in names else None
        return fit_recency(*self._part(chosen), column=column)

    def logistics(self, chosen: NDArray[np.int64], strengths: tuple[float, ...]) -> list[LogisticModel]:
        return fit_logistics(*self._part(chosen), settings=self.settings.logistic, strengths=strengths)

    def boosted(self, chosen: NDArray[np.int64], trees: int) -> BoostedModel:
        everything = len(chosen) == len(self.rows.labels)
        return fit_boosted(
            self.binned,
            None if everything else chosen,
            features=self.features,
            settings=self.settings.boosted,
            trees=trees,
            seed=self.settings.seed,
            threads=self.threads,
        )

    def _part(self, chosen: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
        return self.rows.matrix[chosen], self.rows.labels[chosen], self.rows.weights[chosen]


@dataclass(frozen=True)
class _Rehearsed:
    """Raw log-odds of each member on the judged rows, and the settings that did best there."""

    raw: dict[str, Floats]
    strength: float
    trees: int


def _members(examples: pd.DataFrame, features: tuple[Feature, ...], settings: RaceSettings, threads: int) -> _Members:
    rows = training_rows(examples, features=features, settings=settings)
    binned = bin_features(
        rows.matrix,
        rows.labels,
        rows.weights,
        features=features,
        settings=settings.boosted,
        seed=settings.seed,
    )
    return _Members(rows, features, settings, binned, threads)


def _run(members: _Members, plan: Rehearsal) -> Race:
    rows, judged = members.rows, plan.judged
    labels, sampling = rows.labels[judged], rows.sampling[judged]
    found = _rehearse(members, plan)
    calibrations = {name: fit_calibration(odds, labels, sampling) for name, odds in found.raw.items()}
    calibrated = {name: calibrations[name].apply(odds) for name, odds in found.raw.items()}
    later, settings = plan.method == "later", members.settings
    choice = choose_blend(calibrated, labels, sampling, rows.persons[judged], settings=settings.risk, later=later)
    kept = settings.level_kept if later else 1.0
    eased = {name: ease_level(line, found.raw[name], sampling, kept=kept) for name, line in calibrations.items()}
    report = {
        "method": plan.method,
        "rows": len(rows.labels),
        "judged_rows": len(labels),
        "judged_positives": int(labels.sum()),
        "strength": found.strength,
        "trees": found.trees,
        "risk": choice.blend.name,
        "log_losses": choice.losses,
    }
    everything = np.arange(len(rows.labels))
    return Race(
        members.features,
        members.recency(everything),
        members.logistics(everything, (found.strength,))[0],
        members.boosted(everything, found.trees),
        eased,
        choice.blend,
        report,
        _intervals(members, plan, calibrated, choice.blend, _not_carried_over(choice.blend, calibrations, eased)),
    )


def _not_carried_over(blend: Blend, lines: dict[str, Calibration], eased: dict[str, Calibration]) -> dict[str, float]:
    """By how much in log-odds the level moved in the rehearsal besides what the risk, or days since last, takes on."""
    left = {name: np.array([lines[name].intercept - eased[name].intercept]) for name in lines}
    return {
        "recency": abs(float(left["recency"][0])),
        blend.name: abs(float(blend.calibration.slope * blend.raw(left)[0])),
    }


def _intervals(
    members: _Members, plan: Rehearsal, calibrated: dict[str, Floats], blend: Blend, moved: dict[str, float]
) -> dict[str, Intervals]:
    """Those of the risk, and of days since last, which may be made the risk later.

    They are wider by what the level `moved` in the rehearsal, or where it could not be seen by a usual move.
    """
    rows, settings, judged = members.rows, members.settings, plan.judged
    names = feature_names(members.features)
    likeness = learn_likeness(rows.matrix, names=names, age=settings.age, categories=settings.categories)
    group = likeness.group(rows.matrix)[judged]
    alone = Blend("recency", {"recency": 1.0})
    return {
        one.name: fit_intervals(
            likeness,
            group,
            probability(one.log_odds(calibrated)),
            rows.labels[judged],
            rows.sampling[judged],
            rows.persons[judged],
            seed=settings.seed,
            drift=moved[one.name] if plan.method == "later" else settings.level_drift,
        )
        for one in (alone, blend)
    }


def _rehearse(members: _Members, plan: Rehearsal) -> _Rehearsed:
    rows, settings = members.rows, members.settings
    strengths, trees = sorted(settings.logistic.strengths), sorted(settings.boosted.trees)
    recency = np.empty((1, len(rows.labels)))
    logistic = np.empty((len(strengths), len(rows.labels)))
    boosted = np.empty((len(trees), len(rows.labels)))
    for before, later in plan:
        fitting, judging = np.flatnonzero(before), rows.matrix[later]
        recency[0, later] = members.recency(fitting).log_odds(judging)
        for place, model in enumerate(members.logistics(fitting, tuple(strengths))):
            logistic[place, later] = model.log_odds(judging)
        grown = members.boosted(fitting, trees[-1])
        for place, count in enumerate(trees):
            boosted[place, later] = grown.log_odds(judging, trees=count)
    judged = plan.judged
    labels, sampling = rows.labels[judged], rows.sampling[judged]
    persons = rows.persons[judged]
    strength = simplest(logistic[:, judged], labels, sampling, persons)
    count = simplest(boosted[:, judged], labels, sampling, persons)
    raw = {
        "recency": recency[0, judged],
        "logistic": logistic[strength, judged],
        "boosted": boosted[count, judged],
    }
    return _Rehearsed(raw, strengths[strength], trees[count])


def simplest(candidates: Floats, labels: Floats, weights: Floats, persons: NDArray[np.int64]) -> int:
    """The first (most restrained) candidate whose log loss is within one standard error of the least.

    The one-standard-error rule of Breiman et al., Classification and Regression Trees, 1984.
    """
    lines = [fit_calibration(odds, labels, weights) for odds in candidates]
    rows = [losses(line.apply(odds), labels) for line, odds in zip(lines, candidates, strict=True)]
    means = [float(np.average(row, weights=weights)) for row in rows]
    best = int(np.argmin(means))
    near = (means[i] - means[best] <= paired_error(rows[i] - rows[best], weights, persons) for i in range(best))
    return next((place for place, is_near in enumerate(near) if is_near), best)
