"""What came in, held against its own past: a finding for each check of each source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tenure.pipelines.monitor.days import EVERYTHING, Days, days_of
from tenure.pipelines.monitor.finding import TREND, Finding, Level, plain
from tenure.pipelines.monitor.series import Series, all_series
from tenure.pipelines.monitor.words import cause, sentence
from tenure.pipelines.settings.project import Project

NEAR = 0.9
"""The part of a limit from which on a series is watched."""


@dataclass(frozen=True)
class Tested:
    """The series of one source, each tested on every day against the days before it."""

    days: Days
    series: tuple[Series, ...]

    def findings(self, at: int = -1) -> list[Finding]:
        """What is found as of a day, by its place (left out: the last): for each check the worst of its series."""
        at = at % self.days.length
        unusual = [one for one in self.series if one.found.flag[at]]
        checks = dict.fromkeys(one.check for one in self.series)
        return [self._finding([one for one in self.series if one.check == name], at, unusual) for name in checks]

    def _finding(self, series: list[Series], at: int, unusual: list[Series]) -> Finding:
        flagged = [one for one in series if one.found.flag[at]]
        chosen = max(flagged or series, key=lambda one: _nearness(one, at))
        level: Level = "alarm" if flagged else "watch" if _nearness(chosen, at) >= NEAR else "ok"
        more = len({(one.kind, one.column) for one in flagged} - {(chosen.kind, chosen.column)})
        said = sentence(self.days, chosen, at) + (f"; and {more} more like it" if more else "")
        past = range(max(0, at + 1 - TREND), at + 1)
        return Finding(
            chosen.check,
            self.days.source,
            level,
            plain(float(chosen.found.distance[at])),
            plain(float(chosen.found.limit[at])),
            said,
            cause(self.days, chosen, at, unusual) if level != "ok" else None,
            tuple(plain(float(chosen.found.value[day])) for day in past),
        )

    @property
    def rows(self) -> np.ndarray:
        """Rows a day, of all kinds."""
        return self.days.rows(EVERYTHING)


def tested_inputs(project: Project, counted: pd.DataFrame, *, first: int, length: int) -> list[Tested]:
    """Test everything that was counted (see `count_inputs`) over `length` days from `first`."""
    names = [s.name for s in project.source if s.into == "interactions"]
    found = days_of(counted, first=first, length=length)
    return [Tested(days, all_series(days, project)) for days in found if days.source in names]


def input_findings(tested: Iterable[Tested], at: int = -1) -> list[Finding]:
    """The findings of all sources as of a day."""
    return [finding for one in tested for finding in one.findings(at)]


def _nearness(one: Series, at: int) -> float:
    """How near the limit, 1 at it; -1 where nothing can be told."""
    distance, limit = float(one.found.distance[at]), float(one.found.limit[at])
    if not np.isfinite(distance) or not np.isfinite(limit) or limit <= 0:
        return -1.0
    return abs(distance) / limit
