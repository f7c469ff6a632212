"""Back-test: at each origin learn from its past alone, predict, and compare with what then happened."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from tenure.models.bootstrap import Bootstrap, bootstrap, mean_over
from tenure.models.feature import Feature
from tenure.models.odds import Floats
from tenure.models.profit import Stakes
from tenure.models.settings import RaceSettings
from tenure.models.verdict import Tested, Verdict, judge
from tenure.pipelines.decisions.customers import Units
from tenure.pipelines.decisions.worth import terms_of, values_of
from tenure.pipelines.examples.cutoffs import training_cutoffs
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import Examples, build_examples
from tenure.pipelines.examples.workers import Progress
from tenure.pipelines.proof.heats import Heat, run_heats
from tenure.pipelines.proof.slices import divide
from tenure.pipelines.scoring.facts import FIRST, known_figures
from tenure.pipelines.settings.outcome import Decline, Inactivity
from tenure.pipelines.settings.source import Profile

ENDINGS = ("", "_days_since")
"""Of the features of a number and of a date, after the profile's name."""

SMALL_ROWS = 20_000
"""Examples below which starting further processes takes longer than the fits."""


class NothingToTest(ValueError):
    """No origin can be tested: the data are too short, or nobody is eligible."""


@dataclass(frozen=True)
class OriginResult:
    """What was predicted at one origin and what then happened."""

    as_of: dt.date
    learned_until: dt.date
    tested: Tested
    bootstrap: Bootstrap | None
    race: dict[str, Any]
    divided: pd.DataFrame | None = None
    """In which group of every division each unit is; None where that was not asked for."""

    @property
    def units(self) -> int:
        """How many units were tested."""
        return len(np.asarray(self.tested.labels))

    @property
    def positives(self) -> int:
        """To how many of them it happened."""
        return int(np.asarray(self.tested.labels).sum())


@dataclass(frozen=True)
class BacktestResult:
    """All origins of a back-test; `summary` is the mean over origins, `pooled` all rows together."""

    study: Study
    origins: tuple[OriginResult, ...]
    summary: Bootstrap
    pooled: Bootstrap
    verdict: Verdict
    features: tuple[Feature, ...]
    seconds: dict[str, float] = field(default_factory=dict)


def race_settings(study: Study, features: Sequence[Feature]) -> RaceSettings:
    """How the race is run for a study: its settings and seed, and which features are days since last and first."""
    names = [feature.name for feature in features]
    firsts = [name for name in names if name.endswith(FIRST)]
    return study.project.model.race(
        recency=recency_feature(study, features),
        seed=study.project.backtest.seed,
        age=next((name for name in ("any" + FIRST, *firsts) if name in names), None),
        categories=levels_by_category(study.project.profile, names),
    )


def levels_by_category(profiles: Mapping[str, Profile], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The features that say which level of a category a customer has, for each category that is a feature.

    >>> profiles = {name: Profile(role="feature") for name in ("plan", "plan_kind")}
    >>> profiles |= {"plan_price": Profile(type="number"), "plan_since": Profile(type="date")}
    >>> names = ["profile_plan_price", "profile_plan_since_days_since", "profile_plan_basic", "profile_plan_kind_old"]
    >>> levels_by_category(profiles, names)
    (('profile_plan_basic',), ('profile_plan_kind_old',))
    """
    others = {f"profile_{name}{end}" for name, one in profiles.items() if one.type != "category" for end in ENDINGS}
    heads = sorted((f"profile_{name}_" for name, one in profiles.items() if one.type == "category"), key=len)
    found: dict[str, list[str]] = {}
    for name in [name for name in names if name not in others]:
        own = [head for head in heads if name.startswith(head)]
        if own:
            found.setdefault(own[-1], []).append(name)
    return tuple(tuple(found[head]) for head in sorted(found))


def recency_feature(study: Study, features: Sequence[Feature]) -> str | None:
    """The feature that says for how long the subject of the outcome has been silent."""
    subject = study.outcome.kinds if isinstance(study.outcome, Inactivity | Decline) else ()
    wanted = [f"{kind}_days_since_last" for kind in subject[:1]] if len(subject) == 1 else []
    names = [f.name for f in features]
    silences = [name for name in names if name.endswith("_days_since_last")]
    return next((n for n in [*wanted, "any_days_since_last", *silences] if n in names), None)


def capacity_of(study: Study) -> float:
    """How many customers can be contacted: of a sample, its share of them."""
    return study.project.backtest.capacity * study.sample if study.sample < 1 else study.project.backtest.capacity


def learned_until(study: Study, origin: dt.date) -> dt.date:
    """Until when the model of an origin may learn: the origin, or `train_before` where that is earlier."""
    limit = study.project.backtest.train_before
    return origin if limit is None else min(origin, limit)


def require_origins(study: Study, origins: Sequence[dt.date]) -> None:
    """Raise `NothingToTest` where there is no origin."""
    if not origins:
        raise NothingToTest(
            f"outcome {study.name!r}: the data from {study.data_from} to {study.watermark} are too short to place an "
            "origin with past and horizon; give a shorter horizon, or more history"
        )


def example_dates(study: Study, origins: Sequence[dt.date]) -> tuple[set[dt.date], set[dt.date]]:
    """The cut-offs that a back-test of these origins needs, and its dates of knowledge; refused where there is none."""
    require_origins(study, origins)
    knowledge = {learned_until(study, origin) for origin in origins}
    anchor = max(origins)
    cutoffs = {day for until in knowledge for day in training_cutoffs(study, until, anchor)}
    return cutoffs | set(origins), knowledge


def backtest(
    study: Study,
    origins: Sequence[dt.date],
    *,
    examples: Examples | None = None,
    slices: bool = False,
    processes: int | None = None,
    progress: Progress | None = None,
) -> BacktestResult:
    """Test the race at every origin. `examples` may be handed in where they are there already.

    With `slices` the groups are kept that units are in; see `tenure.pipelines.proof.slices.divide`.

    An origin before which there is too little to learn from is left out of the result; too few
    of them that remain make the verdict "not enough data".
    """
    require_origins(study, origins)
    for origin in origins:
        study.require_mature(origin)
    started = time.perf_counter()
    if examples is None:
        cutoffs, knowledge = example_dates(study, origins)
        examples = build_examples(study, cutoffs, knowledge=knowledge, processes=processes, progress=progress)
    described = time.perf_counter()
    results = _test_origins(study, sorted(origins), examples, processes, progress)
    if slices:
        results = [_divided(study, result, examples) for result in results]
    fitted = time.perf_counter()
    result = _judge(study, results, examples)
    seconds = {
        "features": described - started,
        "fit": fitted - described,
        "judge": time.perf_counter() - fitted,
    }
    return BacktestResult(study, tuple(results), *result, seconds=seconds)


def _test_origins(
    study: Study, origins: Sequence[dt.date], examples: Examples, processes: int | None, progress: Progress | None
) -> list[OriginResult]:
    by_knowledge: dict[dt.date, list[dt.date]] = {}
    for origin in origins:
        by_knowledge.setdefault(learned_until(study, origin), []).append(origin)
    tests = {origin: rows_to_test(study, examples, origin, learned_until(study, origin)) for origin in origins}

    heats = [
        partial(heat_of, study, examples, until, [tests[origin] for origin in asked])
        for until, asked in by_knowledge.items()
    ]
    if len(examples.frame) < SMALL_ROWS:
        processes = 1
    results: list[OriginResult] = []
    universe = np.unique(np.concatenate([t["customer_id"].to_numpy(dtype=str) for t in tests.values()]))
    too_few = ""
    for until, (predictions, report) in zip(
        by_knowledge, run_heats(heats, processes, progress, study.cache), strict=True
    ):
        too_few = too_few or report.get("too_few", "")
        for origin, predicted in zip(by_knowledge[until], predictions, strict=False):
            rows = tests[origin]
            persons = rows["customer_id"].to_numpy(dtype=str)
            tested = Tested(origin.isoformat(), persons, rows["label"], predicted, values_at(study, origin, rows))
            drawn = drawn_of(study, tested, universe) if tested.usable else None
            results.append(OriginResult(origin, until, tested, drawn, report))
    if not results:
        raise NothingToTest(f"outcome {study.name!r}, origin {origins[0]}: {too_few}")
    return sorted(results, key=lambda result: result.as_of)


def heat_of(study: Study, examples: Examples, until: dt.date, tests: list[pd.DataFrame]) -> Heat:
    """A fit on everything that had come to pass, and was known, by a date, and the rows to be predicted with it."""
    features = examples.features(until)
    training, _ = study.untreated(examples.training(until))
    return Heat(training, features, race_settings(study, features), tests)


def rows_to_test(study: Study, examples: Examples, origin: dt.date, until: dt.date) -> pd.DataFrame:
    """Who is asked about at an origin, with the columns known by `until`, but for whoever was contacted.

    What would have become of them is not known.
    """
    rows = examples.at(origin, until)
    kept, _ = study.untreated(rows.loc[rows["label"].notna()].reset_index(drop=True))
    return kept[rows.columns]


def values_at(study: Study, origin: dt.date, rows: pd.DataFrame) -> Floats:
    """What was lost with each unit, as it was known at the origin."""
    return values_of(_units(study, origin, rows))


def _units(study: Study, origin: dt.date, rows: pd.DataFrame) -> Units:
    return Units(study, origin, rows[["unit_id", "customer_id"]], known_figures(rows))


def _divided(study: Study, result: OriginResult, examples: Examples) -> OriginResult:
    rows = rows_to_test(study, examples, result.as_of, result.learned_until)
    return replace(result, divided=divide(_units(study, result.as_of, rows)))


def drawn_of(study: Study, tested: Tested, universe: np.ndarray) -> Bootstrap:
    """The metrics of every model on the rows of an origin, persons drawn again from `universe`."""
    settings, economics = study.project.backtest, study.project.economics
    room = economics.capacity * min(study.sample, 1.0)
    stakes = None if tested.values is None else Stakes(tested.values, terms_of(economics), room)
    return bootstrap(
        {name: tested.predictions[name].to_numpy() for name in tested.predictions.columns},
        tested.labels,
        tested.persons,
        capacity=capacity_of(study),
        replicates=settings.bootstraps,
        seed=settings.seed,
        universe=universe,
        stakes=stakes,
    )


def _judge(
    study: Study, results: list[OriginResult], examples: Examples
) -> tuple[Bootstrap, Bootstrap, Verdict, tuple[Feature, ...]]:
    measured = [r.bootstrap for r in results if r.bootstrap is not None]
    if not measured:
        raise NothingToTest(
            f"outcome {study.name!r}: at none of {len(results)} origins did it happen to some and not to others; "
            "`tenure check` shows the positives at every origin"
        )
    settings = study.project.backtest
    usable = [r.tested for r in results if r.tested.usable]
    everything = Tested(
        "pooled",
        np.concatenate([np.asarray(t.persons) for t in usable]),
        np.concatenate([np.asarray(t.labels) for t in usable]),
        pd.concat([t.predictions for t in usable], ignore_index=True),
        np.concatenate([np.asarray(t.values) for t in usable]),
    )
    pooled = drawn_of(study, everything, np.unique(np.asarray(everything.persons)))
    verdict = judge([r.tested for r in results], replicates=settings.bootstraps, seed=settings.seed)
    return mean_over(measured), pooled, verdict, examples.features(max(r.learned_until for r in results))
