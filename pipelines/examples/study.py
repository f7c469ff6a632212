"""A study: one outcome of a project on one snapshot of its data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from tenure.pipelines.cache.store import Store
from tenure.pipelines.calendar import Calendar, calendar_of
from tenure.pipelines.decisions.contacted import Contacts, Corrected, untreated
from tenure.pipelines.examples.kept import remembered_fit
from tenure.pipelines.examples.workers import LocalWorkers, Workers
from tenure.pipelines.features.bucket import Recipe, observed_from
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.fitting import fit_families
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.settings.outcome import AnyOutcome, Decline, Inactivity
from tenure.pipelines.settings.project import Project

if TYPE_CHECKING:
    from tenure.pipelines.lake.snapshot import Snapshot

LEAST_ROWS = 100_000
"""Below so many interactions everything is computed sooner than looked up."""


class HorizonPastWatermark(ValueError):
    """A label was asked for whose horizon is not over in the data."""


class SampleRefused(ValueError):
    """A sample that is no share of the customers."""


@dataclass(frozen=True)
class Study:
    """An outcome, the data it is asked of, and the project's choices."""

    project: Project
    snapshot: Snapshot
    name: str
    outcome: AnyOutcome
    sample: float = 1.0
    """The share of customers asked about, by a hash of their id; what is known of others is of all."""
    cache: Store | None = None
    """Where what was computed is kept; None: everything is computed."""
    contacts: Contacts | None = None
    """What was done with whom; None: nothing."""
    objectors: frozenset[str] = frozenset()
    """The customers who are neither scored nor trained on."""

    @classmethod
    def of(
        cls,
        project: Project,
        snapshot: Snapshot,
        outcome: str | None = None,
        *,
        sample: float = 1.0,
        contacts: Contacts | None = None,
        objectors: frozenset[str] = frozenset(),
    ) -> Study:
        """The study of the named outcome, or of the primary one, for everybody or a share of the customers."""
        if not 0 < sample <= 1:
            raise SampleRefused(f"sample = {sample:g}: expected a share of the customers, above 0 and at most 1")
        name, found = project.outcome_named(outcome)
        return cls(project, snapshot, name, found, sample, _cache(project, snapshot), contacts, objectors)

    @property
    def calendar(self) -> Calendar:
        """The calendar of the project's time zone."""
        return calendar_of(self.project.timezone)

    @cached_property
    def watermark(self) -> dt.date:
        """The day before which everything that decides the outcome is known."""
        return self.snapshot.watermark(self.subject_sources)

    @property
    def subject_sources(self) -> tuple[str, ...]:
        """The kinds whose sources must be complete; all kinds where the outcome names none."""
        present = {kind for source in self.snapshot.sources for kind in source.kinds}
        return tuple(kind for kind in self.outcome.kinds if kind in present)

    @cached_property
    def data_from(self) -> dt.date:
        """The local day of the first row in the sources that decide the outcome.

        The earliest row of the whole snapshot counts, whenever it became known: an old row that
        arrives late changes how features of young data are scaled at dates before its arrival too.
        """
        firsts = [s.first for s in self.snapshot.sources_of(self.subject_sources) if s.first is not None]
        return self.calendar.date_of(observed_from(min(firsts, default=None)))

    def require_mature(self, as_of: dt.date) -> None:
        """Raise unless the label of `as_of` exists."""
        end = label_end(self.outcome, as_of)
        if end > self.watermark:
            raise HorizonPastWatermark(
                f"origin {as_of}: the label of {self.name!r} exists from {end}, but the data are complete only until "
                f"{self.watermark}; choose an origin no later than {as_of - (end - self.watermark)}"
            )

    def untreated(self, examples: pd.DataFrame) -> tuple[pd.DataFrame, Corrected]:
        """Examples to learn or to be judged from, without what contacts have changed; see `untreated`."""
        if self.contacts is None:
            return examples, Corrected()
        spans = {"lead_days": self.outcome.lead_days, "horizon_days": self.outcome.horizon_days}
        return untreated(examples, self.contacts, **spans)

    def fit(self, dates: set[dt.date]) -> dict[dt.date, Fitted]:
        """Which kinds, channels, amounts and levels get columns in the knowledge of each date."""
        categories = [n for n, sort in self.context.profiles.items() if sort == "category"]

        def fit() -> dict[dt.date, Fitted]:
            return fit_families(
                self.snapshot.folder, dates, self.project.features, calendar=self.calendar, categories=categories
            )

        return remembered_fit(self.cache, self.snapshot.snapshot_id, self.project, dates, categories, fit)

    @property
    def context(self) -> Context:
        """The question, as features may know it."""
        allowed = self.project.fairness.allow
        profiles = {
            name: profile.type
            for name, profile in self.project.profile.items()
            if profile.role == "feature" or (profile.role == "protected" and name in allowed)
        }
        subject = self.outcome.kinds if isinstance(self.outcome, Inactivity | Decline) else ()
        peers = tuple(sorted(name for name, p in self.project.profile.items() if p.role == "peer_group"))
        return Context(
            self.project.features, self.outcome.horizon_days, subject, profiles, peers, text=self.project.text
        )

    def workers(self, processes: int | None = None) -> Workers:
        """Who does the work on the buckets: the processes of this machine, or as many as wanted; or a cluster."""
        if self.project.project.engine == "spark":
            from tenure.pipelines.spark.workers import SparkWorkers  # PySpark is an extra

            return SparkWorkers.of(self.project)
        return LocalWorkers(processes)

    def recipe(self, fitted: Fitted) -> Recipe:
        """How to describe a bucket of this study's data."""
        first = self.calendar.midnight(self.data_from)
        return Recipe(
            folder=self.snapshot.folder,
            root=self.project.root,
            zone=self.project.timezone,
            unit=self.outcome.unit,
            settings=self.project.features,
            context=self.context,
            fitted=fitted,
            observed_from=first,
            gaps=self._gaps(),
        )

    def _gaps(self) -> dict[str, tuple[tuple[int, int], ...]]:
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        for gap in self.project.gap:
            source = next(s for s in self.snapshot.sources if s.name == gap.source)
            span = (self.calendar.midnight(gap.start), self.calendar.midnight(gap.end))
            for kind in source.kinds:
                found[kind] = (*found.get(kind, ()), span)
        return found


def _cache(project: Project, snapshot: Snapshot) -> Store | None:
    """The cache of a project; none where it costs more than it saves, or is switched off."""
    limit = int(project.project.cache_gigabytes * 1e9)
    return Store(project.data / "cache", limit) if limit and snapshot.rows >= LEAST_ROWS else None
