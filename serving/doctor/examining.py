"""The examination: every check in order, each line for itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from tenure.pipelines.settings.load import ProjectFileError, load_project
from tenure.pipelines.store.postgres import StoreUnreachable
from tenure.serving.doctor.callers import audit_whole, keys_last
from tenure.serving.doctor.data import bytes_of, snapshot_whole, watermarks
from tenure.serving.doctor.finding import Finding, Patient
from tenure.serving.doctor.models import models_whole
from tenure.serving.doctor.scores import fresh, refresher, served_sets
from tenure.serving.doctor.stored import clock, opened, version_known
from tenure.serving.doctor.surroundings import keys_private, names_fit, room, secrets_named


def examine(config: Path, *, now: dt.datetime) -> Iterator[Finding]:
    """Look at a project as it is at a moment; findings come one by one, since some take seconds."""
    try:
        project = load_project(config)
    except ProjectFileError as error:
        yield Finding("project file", "fail", str(error), "correct it; the README's table of keys says what there is")
        return
    sources, outcomes = ", ".join(s.name for s in project.source), ", ".join(project.outcome)
    yield Finding("project file", "ok", f"{project.name}, with sources {sources} and outcomes {outcomes}")
    yield from secrets_named(project)
    yield from names_fit(project)
    yield from _looked("keys folder", lambda: keys_private(project.data))
    try:
        store = opened(project)
        found = version_known(store)
    except (SQLAlchemyError, StoreUnreachable) as error:
        found = Finding("store", "fail", _said(error), "see that the database runs and the address is right")
    yield found
    if found.state == "ok" and store is not None:
        yield from _stored(Patient(project, store, now))
        store.dispose()
    else:
        yield from _looked("disk", lambda: room(project.data, snapshot_bytes=0))


def _stored(patient: Patient) -> Iterator[Finding]:
    try:
        (snapshot, found), served = snapshot_whole(patient), served_sets(patient)
    except SQLAlchemyError as error:
        yield Finding("store", "fail", _said(error), "bring it back from a backup: `tenure restore`")
        return
    yield found
    yield from _looked("disk", lambda: room(patient.project.data, snapshot_bytes=bytes_of(snapshot) if snapshot else 0))
    if snapshot is not None:
        yield from _looked("watermark", lambda: watermarks(patient, snapshot))
    labels = {name: one.model_version for name, one in served.items()}
    yield from _looked("model", lambda: models_whole(patient.project, labels))
    yield from _looked("scores", lambda: fresh(patient, served))
    yield from _looked("refresher", lambda: refresher(patient, served))
    yield from _looked("audit log", lambda: [audit_whole(patient)])
    yield from _looked("keys", lambda: keys_last(patient))
    yield from _looked("clock", lambda: clock(patient))


def _looked(name: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """The findings of a check; one that cannot even look is a finding too, and the others go on."""
    try:
        return list(look())
    except (SQLAlchemyError, OSError) as error:
        return [Finding(name, "fail", f"cannot be looked at: {_said(error)}", "see the line of the store and the disk")]


def _said(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:300]
