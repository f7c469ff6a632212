"""One run of the monitor: everything looked at, and kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from tenure.models.reference import Reference
from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.monitor.age import age_finding
from tenure.pipelines.monitor.causes import with_events
from tenure.pipelines.monitor.counting import count_inputs, first_day
from tenure.pipelines.monitor.drift import drift_findings, told_in
from tenure.pipelines.monitor.finding import Finding, Level, worst
from tenure.pipelines.monitor.inputs import Tested, input_findings, tested_inputs
from tenure.pipelines.monitor.quality import judge_matured, quality_findings
from tenure.pipelines.monitor.shape import shape_findings, shape_of
from tenure.pipelines.registry import Registry
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.kept_scores import KeptSet, kept_sets_of
from tenure.pipelines.store.monitor_runs import keep_run, newest_runs
from tenure.pipelines.store.noted_events import NotedEvent, all_events

SCHEMA = 1


@dataclass(frozen=True)
class Monitored:
    """What a run found as of a midnight, the series and sets (by outcome) it looked at, and what was noted."""

    project: str
    as_of: dt.date
    snapshot_id: str
    findings: tuple[Finding, ...]
    tested: tuple[Tested, ...]
    events: tuple[NotedEvent, ...]
    shape: dict[str, Any]
    sets: dict[str, tuple[KeptSet, ...]]

    @property
    def level(self) -> Level:
        """The level of the worst finding."""
        return worst(self.findings)

    def to_json(self) -> dict[str, Any]:
        """The run as plain data."""
        return {
            "schema": SCHEMA,
            "project": self.project,
            "as_of": self.as_of.isoformat(),
            "snapshot": self.snapshot_id,
            "level": self.level,
            "findings": [one.to_json() for one in self.findings],
            "events": [{"name": e.name, "on": str(e.day), "until": str(e.until)} for e in self.events],
        }


def last_midnight(project: Project, snapshot: Snapshot, *, today: dt.date) -> dt.date:
    """The midnight as of which inputs are looked at: `today`, or of the data where time stands still with them.

    That is of the source that reaches furthest, so that one that stopped is seen.
    """
    if project.project.clock != "data":
        return today
    return max((s.complete_until for s in snapshot.sources if s.into == "interactions"), default=today)


def monitor(project: Project, snapshot: Snapshot, store: Engine, studies: list[Study], *, as_of: dt.date) -> Monitored:
    """Look at everything as of a midnight; what is kept of the run is not written (see `keep`)."""
    length = project.monitor.history_days
    counted = count_inputs(project, snapshot, as_of=as_of, days=length)
    tested = tested_inputs(project, counted, first=first_day(as_of, length), length=length)
    with reading(store) as connection:
        before = newest_runs(connection, limit=1, before=as_of + dt.timedelta(days=1))
        events = all_events(connection)
    shape = shape_of(project, snapshot)
    found = [
        *input_findings(tested),
        *_absent(project, tested),
        *shape_findings(project, shape, before[0].shape if before else None),
    ]
    sets: dict[str, tuple[KeptSet, ...]] = {}
    for study in studies:
        judge_matured(study, store, _sets(store, study, as_of))
        sets[study.name] = _sets(store, study, as_of)
        found += _of_outcome(project, sets[study.name], as_of)
    named = with_events(found, events, as_of=as_of)
    return Monitored(project.name, as_of, snapshot.snapshot_id, tuple(named), tuple(tested), tuple(events), shape, sets)


def _absent(project: Project, tested: Sequence[Tested]) -> list[Finding]:
    """Sources of interactions that gave nothing for as long as one looks back."""
    there = {one.days.source for one in tested}
    said = f"no rows in the {project.monitor.history_days} days that are looked at"
    return [
        Finding(
            "silence", source.name, "watch", None, None, said, "is it an archive, or has the feed stopped long ago?"
        )
        for source in project.source
        if source.into == "interactions" and source.name not in there
    ]


def _sets(store: Engine, study: Study, as_of: dt.date) -> tuple[KeptSet, ...]:
    with reading(store) as connection:
        return tuple(kept_sets_of(connection, study.name, until=as_of))


def _of_outcome(project: Project, sets: tuple[KeptSet, ...], as_of: dt.date) -> list[Finding]:
    """The age of the model, drift of features and scores, and the quality of scores, of one outcome."""
    if not sets:
        return []
    name, _, number = sets[-1].model_version.rpartition("/")
    registry = Registry(project.data)
    served = registry.version(name, number)
    told, promised = told_in(served.directory), registry.metrics(served).get("risk.roc_auc")
    reference, learned = Reference.from_json(told.get("reference")), dt.date.fromisoformat(told["learned_until"])
    return [
        age_finding(sets[-1].outcome, served.label, learned, as_of=as_of, limits=project.monitor),
        *drift_findings(sets, reference, project.monitor),
        *quality_findings(sets, promised, project.monitor),
    ]


def keep(found: Monitored, store: Engine, *, now: dt.datetime) -> int:
    """Keep a run, for the next to be held against, for trends and for the gauges; its number."""
    return keep_run(
        store,
        at=now,
        as_of=found.as_of,
        snapshot_id=found.snapshot_id,
        level=found.level,
        findings=[one.to_json() for one in found.findings],
        shape=found.shape,
    )
