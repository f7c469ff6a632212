"""What is served: a fresh score set for each outcome, and a refresher that keeps up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection

from tenure.pipelines.live.backlog import waiting_events
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.score_sets import ScoreSet, published_set
from tenure.serving.doctor.finding import Finding, Patient, State

BEHIND = dt.timedelta(minutes=1)
"""How long a delivered interaction may wait until its customer is scored again."""


def served_sets(patient: Patient) -> dict[str, ScoreSet]:
    """The published sets by outcome."""
    with reading(patient.store) as connection:
        found = {name: published_set(connection, name) for name in patient.project.outcome}
    return {name: one for name, one in found.items() if one is not None}


def fresh(patient: Patient, served: dict[str, ScoreSet]) -> Iterator[Finding]:
    """A set as of the last midnight is published for each outcome."""
    for outcome in patient.project.outcome:
        name = f"scores of {outcome}"
        found = served.get(outcome)
        if found is None:
            state: State = "fail" if outcome == patient.project.primary_outcome else "warn"
            yield Finding(name, state, "none are published", "run `tenure run`")
        else:
            yield _as_of(name, patient, found)


def _as_of(name: str, patient: Patient, found: ScoreSet) -> Finding:
    said = f"as of {found.as_of}, {found.counts.get('scored', 0):,} scored by {found.model_version}"
    overdue = patient.service.overdue(found.as_of, now=patient.now)
    if overdue > patient.project.service.ready_for_hours:
        late = f"{said}; later ones have been due for {overdue:,.0f} hours, so the service is not ready"
        return Finding(name, "fail", late, "run `tenure run`, and see why its schedule did not")
    if overdue:
        late = f"{said}; later ones have been due for {overdue:,.0f} hours"
        return Finding(name, "warn", late, "run `tenure run`, and see why its schedule did not")
    if found.stale:
        return Finding(name, "warn", f"{said}, past the watermark of the data", "bring newer data and `tenure run`")
    return Finding(name, "ok", said)


def refresher(patient: Patient, served: dict[str, ScoreSet]) -> Iterator[Finding]:
    """Nobody who was delivered anything waits long to be scored again."""
    live = [source.name for source in patient.project.source if source.live]
    if not live:
        return
    with reading(patient.store) as connection:
        late = [said for one in served.values() if (said := _late(connection, patient, one, live))]
    if late:
        remedy = "see that `tenure serve` or `tenure refresh` runs, and what refresher.log in the data folder says"
        yield Finding("refresher", "fail", "; ".join(late), remedy)
    else:
        yield Finding("refresher", "ok", "nothing waits for longer than a minute")


def _late(connection: Connection, patient: Patient, served: ScoreSet, live: list[str]) -> str | None:
    waiting = waiting_events(connection, served, live)
    if waiting.since is None or patient.moment - waiting.since < BEHIND:
        return None
    minutes = (patient.moment - waiting.since).total_seconds() / 60
    return f"{waiting.number:,} interactions wait for {served.outcome}, the first for {minutes:,.0f} minutes"
