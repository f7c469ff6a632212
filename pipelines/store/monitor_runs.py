"""Runs of the monitor, kept with all they found."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.monitor_tables import monitor_runs


class MonitorRun(NamedTuple):
    """What a run found as of a midnight; `at` is in UTC, `findings` and `shape` are plain data."""

    run_id: int
    at: dt.datetime
    as_of: str
    snapshot_id: str
    level: str
    findings: list[dict[str, Any]]
    shape: dict[str, Any]


def keep_run(
    engine: Engine,
    *,
    at: dt.datetime,
    as_of: dt.date,
    snapshot_id: str,
    level: str,
    findings: list[dict[str, Any]],
    shape: dict[str, Any],
) -> int:
    """Keep a run and give its number. `at` has a zone."""
    row = {
        "at": at.astimezone(dt.UTC).replace(tzinfo=None),
        "as_of": as_of.isoformat(),
        "snapshot_id": snapshot_id,
        "level": level,
        "findings": findings,
        "shape": shape,
    }
    with alone(engine) as connection:
        return int(connection.execute(insert(monitor_runs).returning(monitor_runs.c.run_id), row).scalar_one())


def newest_runs(connection: Connection, *, limit: int, before: dt.date | None = None) -> list[MonitorRun]:
    """The runs as of the last dates, newest first; a look back is not among the newest. `before` leaves out later ones.

    Of several as of a date the last one comes first.
    """
    order = (monitor_runs.c.as_of.desc(), monitor_runs.c.run_id.desc())
    query = select(*(monitor_runs.c[name] for name in MonitorRun._fields)).order_by(*order)
    if before is not None:
        query = query.where(monitor_runs.c.as_of < before.isoformat())
    return [MonitorRun(*row) for row in connection.execute(query.limit(limit))]
