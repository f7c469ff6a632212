"""Fitting the hazard: rows become parts, members are rehearsed on other persons, then fitted on everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tenure.models.blend import losses, paired_error
from tenure.models.boosted import bin_features, fit_boosted
from tenure.models.calibration import Calibration, fit_calibration
from tenure.models.feature import Feature, feature_names
from tenure.models.fit import simplest
from tenure.models.hazard import HazardLine, HazardModel, HazardTrees, RecencyHazards, SameForAll, blended
from tenure.models.logistic import LogisticSettings, Preparation, finite, prepare
from tenure.models.odds import Floats, Mask
from tenure.models.periods import Periods, Times, periods_of, supported_edges
from tenure.models.recency import fit_recency
from tenure.models.rehearsal import person_codes, person_folds
from tenure.models.settings import RaceSettings
from tenure.models.thinning import thin
from tenure.models.training_rows import TooFewExamples, TrainingRows, check_examples, training_rows

if TYPE_CHECKING:
    from tenure.models.boosted import Bins

START = Feature("first_day_of_the_part", "the day on which the part of time begins")

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Parts of the trees in the blend that are tried."""

LOOSE = 10.0
"""Scale of the columns that hold the level of a part: so large that the penalty does not pull at it."""


def fit_hazard(
    examples: pd.DataFrame,
    times: Times,
    *,
    features: tuple[Feature, ...],
    edges: Sequence[int],
    settings: RaceSettings,
    threads: int = 1,
) -> HazardModel:
    """Fit the hazards of the parts between `edges` that these rows can tell of.

    `examples` holds `customer_id` (the person), `as_of`, perhaps `weight`, then exactly the features; `times` is as
    long, and rows that are censored before their event tell of the parts before that. Settings are those of the race.
    Raises `TooFewExamples` where nothing can be learnt.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        watched = times.decided >= edges[1]
        examples, times = examples.loc[watched].reset_index(drop=True), times.take(watched)
        supported = supported_edges(times, edges, least_rows=settings.least_rows)
        if len(supported) < 2:
            raise TooFewExamples(
                f"the time to an event needs at least {settings.least_rows} rows whose first {edges[1]} days are over, "
                f"found {len(times)}; give more history"
            )
        ends = supported[-1]
        labelled = examples.drop(columns=["label", "label_end"], errors="ignore").assign(
            label=(times.happened & (times.days < ends)).astype(np.float64), label_end=examples["as_of"]
        )
        check_examples(labelled, settings)
        labelled, times = _thinned(labelled, times, supported, settings)
        rows = training_rows(labelled, features=features, settings=settings)
        newer = _newer(labelled["as_of"].to_numpy())
        return _run(_Fits(rows, newer, periods_of(times, supported), supported, features, settings, threads))


@dataclass(frozen=True)
class _Fits:
    """Fits each member on the periods of some of the rows."""

    rows: TrainingRows
    newer: Mask
    periods: Periods
    edges: tuple[int, ...]
    features: tuple[Feature, ...]
    settings: RaceSettings
    threads: int

    @property
    def parts(self) -> int:
        return len(self.edges) - 1

    def of(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The periods of the chosen rows."""
        return np.flatnonzero(chosen[self.periods.row])

    def weights(self, lines: NDArray[np.int64]) -> Floats:
        return self.rows.weights[self.periods.row[lines]]

    def lines(self, chosen: NDArray[np.int64], strengths: tuple[float, ...]) -> list[HazardLine]:
        row, part = self.periods.row[chosen], self.periods.part[chosen]
        given = (self.periods.event[chosen], self.weights(chosen), _clock(self.edges))
        return fit_lines(self.rows.matrix, row, part, *given, settings=self.settings.logistic, strengths=strengths)

    def binned(self) -> Bins:
        row, part = self.periods.row, self.periods.part
        starts = np.asarray(self.edges, dtype=np.float64)[part]
        return bin_features(
            np.column_stack([self.rows.matrix[row], starts]),
            self.periods.event,
            self.rows.weights[row],
            features=(*self.features, START),
            settings=self.settings.boosted,
            seed=self.settings.seed,
        )

    def trees(self, binned: Bins, chosen: NDArray[np.int64], count: int) -> HazardTrees:
        everything = len(chosen) == len(self.periods.row)
        model = fit_boosted(
            binned,
            None if everything else chosen,
            features=(*self.features, START),
            settings=self.settings.boosted,
            trees=count,
            seed=self.settings.seed,
            threads=self.threads,
        )
        return HazardTrees(model, self.edges[:-1])

    def recency(self) -> RecencyHazards:
        names, wanted = feature_names(self.features), self.settings.recency
        column = names.index(wanted) if wanted in names else None
        curves = []
        for part in range(self.parts):
            here = np.flatnonzero(self.periods.part == part)
            row = self.periods.row[here]
            curves.append(
                fit_recency(self.rows.matrix[row], self.periods.event[here], self.rows.weights[row], column=column)
            )
        return RecencyHazards(tuple(curves))

    def kaplan_meier(self) -> SameForAll:
        weights = self.rows.weights[self.periods.row]
        there = np.bincount(self.periods.part, weights=weights, minlength=self.parts)
        gone = np.bincount(self.periods.part, weights=weights * self.periods.event, minlength=self.parts)
        return SameForAll(tuple((gone / there).tolist()))


def _run(fits: _Fits) -> HazardModel:
    settings, periods = fits.settings, fits.periods
    strengths, counts = sorted(settings.logistic.strengths), sorted(settings.boosted.trees)
    binned = fits.binned()
    line = np.empty((len(strengths), len(periods.row)))
    trees = np.empty((len(counts), len(periods.row)))
    for fitting, judging in person_folds(fits.rows.persons, folds=settings.folds, seed=settings.seed):
        known, asked = fits.of(fitting), fits.of(judging)
        rows = np.flatnonzero(judging)
        matrix, place = fits.rows.matrix[rows], np.searchsorted(rows, periods.row[asked])
        at = (place, periods.part[asked])
        for number, fitted in enumerate(fits.lines(known, tuple(strengths))):
            line[number, asked] = fitted.log_odds(matrix)[at]
        grown = fits.trees(binned, known, counts[-1])
        for number, count in enumerate(counts):
            trees[number, asked] = grown.log_odds(matrix, trees=count)[at]
    sampling, persons = fits.rows.sampling[periods.row], fits.rows.persons[periods.row]
    strength = simplest(line, periods.event, sampling, persons)
    count = simplest(trees, periods.event, sampling, persons)
    raw = {"line": line[strength], "trees": trees[count]}
    share = _share(fits, binned, strengths[strength], counts[count])
    raw["hazard"] = blended(raw["line"], raw["trees"], share)
    everything = np.arange(len(periods.row))
    return HazardModel(
        fits.features,
        fits.edges,
        fits.kaplan_meier(),
        fits.recency(),
        fits.lines(everything, (strengths[strength],))[0],
        fits.trees(binned, everything, counts[count]),
        {name: _calibrations(odds, periods, sampling, fits.parts) for name, odds in raw.items()},
        share,
        {
            "rows": len(fits.rows.labels),
            "periods": len(periods.row),
            "events": int(periods.event.sum()),
            "strength": strengths[strength],
            "trees": counts[count],
            "share": share,
        },
    )


def _share(fits: _Fits, binned: Bins, strength: float, count: int) -> float:
    """The part of the trees in the blend that erred least on newer cut-offs of persons who were not learnt from.

    Where customers change as a log grows older, trees carry over less than a line: only newer dates can show it. The
    usual part where no other erred less by `alone_beyond` standard errors, or there is nothing to compare them by.
    """
    usual = fits.settings.risk
    (first, second), *_ = person_folds(fits.rows.persons, folds=2, seed=fits.settings.seed)
    known, asked = fits.of(first & ~fits.newer), fits.of(second & fits.newer)
    events = fits.periods.event
    happened = [float(events[lines].sum()) for lines in (known, asked)]
    if min(*happened, len(known) - happened[0]) < fits.settings.least_positives:
        return usual.share
    row, part = fits.periods.row[asked], fits.periods.part[asked]
    rows, place = np.unique(row, return_inverse=True)
    matrix, at = fits.rows.matrix[rows], (place, part)
    line = fits.lines(known, (strength,))[0].log_odds(matrix)[at]
    trees = fits.trees(binned, known, count).log_odds(matrix)[at]
    weights, persons = fits.rows.sampling[row], fits.rows.persons[row]
    erred = {share: losses(blended(line, trees, share), events[asked]) for share in (usual.share, *SHARES)}
    best = min(erred, key=lambda share: np.average(erred[share], weights=weights))
    less = erred[usual.share] - erred[best]
    beyond = usual.alone_beyond * paired_error(less, weights, persons)
    return best if np.average(less, weights=weights) > beyond else usual.share


def _newer(as_of: NDArray[np.datetime64]) -> Mask:
    """The rows of the newest cut-offs, a third of them or more; nobody where there is one cut-off."""
    days, counts = np.unique(as_of, return_counts=True)
    place = int(np.searchsorted(np.cumsum(counts[::-1]), len(as_of) / 3.0))
    start = days[::-1][min(place, max(len(days) - 2, 0))]
    return np.asarray((as_of >= start) & (len(days) > 1), dtype=np.bool_)


def fit_lines(
    matrix: Floats,
    row: NDArray[np.int64],
    part: NDArray[np.int64],
    events: Floats,
    weights: Floats,
    clock: Floats,
    *,
    settings: LogisticSettings,
    strengths: tuple[float, ...],
) -> list[HazardLine]:
    """Fit a line per strength, weakest first: terms, terms by the clock, and a level for each part.

    `row` and `part` say to which row of the matrix and which part each event belongs.
    """
    from sklearn.linear_model import LogisticRegression  # only who fits waits for this import

    held = np.unique(row)
    preparation = prepare(matrix[held], settings=settings)
    terms = preparation.terms(matrix[held]).astype(np.float32)[np.searchsorted(held, row)]
    levels = (LOOSE * np.eye(len(clock), dtype=np.float32))[part]
    design = np.hstack([terms, terms * clock.astype(np.float32)[part, None], levels])
    regression = LogisticRegression(
        solver="newton-cholesky",
        tol=settings.tolerance,
        max_iter=settings.steps,
        warm_start=True,
        fit_intercept=False,
    )
    lines = []
    for strength in sorted(strengths):
        with np.errstate(invalid="ignore"):  # BLAS may raise this flag for lanes beyond the last row; see finite
            regression.set_params(C=strength).fit(design, events, sample_weight=weights)
        lines.append(_line(preparation, finite(regression.coef_[0].astype(np.float64), strength), clock))
    return lines


def _line(preparation: Preparation, weights: Floats, clock: Floats) -> HazardLine:
    terms = (len(weights) - len(clock)) // 2
    return HazardLine(preparation, weights[:terms], weights[terms : 2 * terms], LOOSE * weights[2 * terms :], clock)


def _clock(edges: Sequence[int]) -> Floats:
    """The first day of each part on a scale of logarithms, 0 for the first and 1 for the last."""
    starts = np.log1p(np.asarray(edges[:-1], dtype=np.float64))
    return starts / max(float(starts[-1]), 1.0)


def _calibrations(odds: Floats, periods: Periods, weights: Floats, parts: int) -> tuple[Calibration, ...]:
    here = [periods.part == part for part in range(parts)]
    return tuple(fit_calibration(odds[at], periods.event[at], weights[at]) for at in here)


def _thinned(
    examples: pd.DataFrame, times: Times, edges: Sequence[int], settings: RaceSettings
) -> tuple[pd.DataFrame, Times]:
    """Rows with about `most_rows` periods: the rarer of events and their absence stay, others stand for more."""
    periods = len(periods_of(times, edges).row)
    if settings.most_rows is None or periods <= settings.most_rows:
        return examples, times
    most = int(len(examples) * settings.most_rows / periods)
    happened = examples["label"].to_numpy() > 0
    rarer = happened if happened.mean() <= 0.5 else ~happened
    numbered = examples.assign(label=rarer.astype(np.float64), place=np.arange(len(examples)))
    if rarer.sum() > most / 2:
        persons = person_codes(examples["customer_id"])
        lots = np.random.default_rng(settings.seed).random(int(persons.max()) + 1)
        numbered = numbered.loc[lots[persons] < most / len(examples)]
    kept = thin(numbered, most_rows=most, seed=settings.seed).reset_index(drop=True)
    places = kept["place"].to_numpy()
    return kept.drop(columns="place").assign(label=happened[places].astype(np.float64)), times.take(places)
