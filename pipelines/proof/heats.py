"""The heats of a race: fits that do not know of each other, a process per core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import pandas as pd

from tenure.models.feature import Feature
from tenure.models.fit import fit_race
from tenure.models.settings import RaceSettings
from tenure.models.training_rows import TooFewExamples
from tenure.pipelines.cache.store import Place, Store
from tenure.pipelines.examples.workers import Progress, cores
from tenure.pipelines.proof.remembered import heat_place, keep_outcome, kept_outcome

Outcome = tuple[list[pd.DataFrame], dict[str, Any]]
"""Predictions for each test table, and the report of how `risk` was chosen.

Where there was too little to learn from, no predictions, and `too_few` says what was missing.
"""


@dataclass(frozen=True)
class Heat:
    """One fit and the rows to be predicted with it."""

    training: pd.DataFrame
    features: tuple[Feature, ...]
    settings: RaceSettings
    tests: list[pd.DataFrame]


def run_heat(heat: Heat) -> Outcome:
    """Fit on the training rows and predict every test table."""
    try:
        race = fit_race(heat.training, features=heat.features, settings=heat.settings, threads=1)
    except TooFewExamples as missing:
        return [], {"too_few": str(missing)}
    return [race.predict(rows) for rows in heat.tests], dict(race.report)


def run_heats(
    heats: Sequence[Callable[[], Heat]],
    processes: int | None,
    progress: Progress | None,
    cache: Store | None = None,
) -> Iterator[Outcome]:
    """Run the heats side by side and give their outcomes in order. A heat's rows are made when it starts.

    Outcomes that lie in the `cache` are taken from there, others are kept in it.
    """
    tell = progress or (lambda _what, _share: None)
    many = min(processes or cores(), len(heats))
    if many == 1:
        for done, make in enumerate(heats, start=1):
            yield _asked(make(), cache, lambda heat: _done(run_heat(heat))).outcome(cache)
            tell("fit", done / len(heats))
        return
    with ProcessPoolExecutor(many, mp_context=get_context("spawn")) as pool:
        rest = iter(heats)

        def start(make: Callable[[], Heat]) -> _Asked:
            return _asked(make(), cache, lambda heat: pool.submit(run_heat, heat))

        waiting = [start(next(rest)) for _ in heats[: 2 * many]]
        for done in range(1, len(heats) + 1):
            yield waiting.pop(0).outcome(cache)
            waiting += [start(make) for make in (next(rest, None),) if make is not None]
            tell("fit", done / len(heats))


@dataclass(frozen=True)
class _Asked:
    """A heat under way, or known from before; `place` is where it is to be kept once it is done."""

    found: Future[Outcome]
    place: Place | None = None

    def outcome(self, cache: Store | None) -> Outcome:
        found = self.found.result()
        if cache is not None and self.place is not None:
            keep_outcome(cache, self.place, found)
        return found


def _asked(heat: Heat, cache: Store | None, run: Callable[[Heat], Future[Outcome]]) -> _Asked:
    if cache is None:
        return _Asked(run(heat))
    place = heat_place(heat)
    held = kept_outcome(cache, place)
    return _Asked(run(heat), place) if held is None else _Asked(_done(held))


def _done(outcome: Outcome) -> Future[Outcome]:
    found: Future[Outcome] = Future()
    found.set_result(outcome)
    return found
