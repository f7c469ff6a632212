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
from tenure.pipelines.examples.workers import Progress, cores

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
    heats: Sequence[Callable[[], Heat]], processes: int | None, progress: Progress | None
) -> Iterator[Outcome]:
    """Run the heats side by side and give their outcomes in order. A heat's rows are made when it starts."""
    tell = progress or (lambda _what, _share: None)
    many = min(processes or cores(), len(heats))
    if many == 1:
        for done, make in enumerate(heats, start=1):
            yield run_heat(make())
            tell("fit", done / len(heats))
        return
    with ProcessPoolExecutor(many, mp_context=get_context("spawn")) as pool:
        waiting: list[Future[Outcome]] = []
        rest = iter(heats)
        for _ in heats[: 2 * many]:
            waiting.append(pool.submit(run_heat, next(rest)()))
        for done in range(1, len(heats) + 1):
            yield waiting.pop(0).result()
            waiting += [pool.submit(run_heat, make()) for make in (next(rest, None),) if make is not None]
            tell("fit", done / len(heats))
