"""The store: whether it answers, whether we know its tables, and what its times say of this machine's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Engine

from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import store_as_found
from tenure.pipelines.store.migrating import NEWEST, newer_than_ours, version_of
from tenure.pipelines.store.newest import database_clock, newest_moment
from tenure.serving.doctor.finding import Finding, Patient, State

TOLERATED, GRAVE = dt.timedelta(minutes=2), dt.timedelta(hours=1)
"""How far clocks may differ without a word, and from where on nothing can be relied on."""


def opened(project: Project) -> Engine | None:
    """The store as it is; None where there is none yet. Nothing is made and no table changed."""
    return store_as_found(project)


def version_known(store: Engine | None) -> Finding:
    """The tables are those of this release."""
    if store is None:
        return Finding("store", "fail", "there is none yet", "run `tenure train` and `tenure run`")
    with reading(store) as connection:
        found = version_of(connection)
    kind = "SQLite" if store.dialect.name == "sqlite" else "PostgreSQL"
    if found == NEWEST:
        return Finding("store", "ok", f"{kind}, version {found}")
    if found is None:
        return Finding("store", "fail", f"{kind}, without any tables", "run `tenure train` and `tenure run`")
    if newer_than_ours(found):
        said = f"{kind}, version {found}; this release knows up to {NEWEST}"
        return Finding("store", "fail", said, "install the release that wrote it, or a later one")
    return Finding("store", "fail", f"{kind}, version {found}, older than {NEWEST}", "run `tenure upgrade`")


def clock(patient: Patient) -> Iterator[Finding]:
    """The machine's clock agrees with the newest entry of the store, and with the database's own clock."""
    with reading(patient.store) as connection:
        newest, other = newest_moment(connection), database_clock(connection)
    if newest is not None and newest - patient.moment > TOLERATED:
        said = (
            f"it is {patient.moment:%Y-%m-%d %H:%M} UTC here, and the store has an entry of {newest:%Y-%m-%d %H:%M}: "
            f"the clock is {_span(newest - patient.moment)} behind, or was ahead when that was written"
        )
        yield Finding("clock", _gravity(newest - patient.moment), said, SET_IT)
    elif other is not None and abs(other - patient.moment) > TOLERATED:
        where = "behind" if other > patient.moment else "ahead of"
        said = f"this machine's clock is {_span(abs(other - patient.moment))} {where} that of the database"
        yield Finding("clock", _gravity(abs(other - patient.moment)), said, SET_IT)
    else:
        seen = (
            "no entry to compare with yet" if newest is None else f"the newest entry is of {newest:%Y-%m-%d %H:%M} UTC"
        )
        yield Finding("clock", "ok", f"it is {patient.moment:%Y-%m-%d %H:%M} UTC here; {seen}")


SET_IT = "set the clock (`timedatectl set-ntp true`), then run `tenure run --again`"


def _gravity(apart: dt.timedelta) -> State:
    return "fail" if apart > GRAVE else "warn"


def _span(apart: dt.timedelta) -> str:
    """A stretch of time in words.

    >>> _span(dt.timedelta(hours=24, minutes=3)), _span(dt.timedelta(minutes=7))
    ('24.1 hours', '7 minutes')
    """
    hours = apart.total_seconds() / 3600
    return f"{hours:,.1f} hours" if hours >= 1 else f"{60 * hours:.0f} minutes"
