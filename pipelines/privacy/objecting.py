"""Who may not be profiled: those who objected, and those whose profile says no."""

from __future__ import annotations

from sqlalchemy import Connection

from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.project import Project
from tenure.pipelines.sources.columns import FOREVER
from tenure.pipelines.sources.engine import open_bare
from tenure.pipelines.sources.quoting import literal, literals
from tenure.pipelines.store.objections import objecting


def not_profiled(connection: Connection, project: Project, snapshot: Snapshot) -> frozenset[str]:
    """The customers who are neither scored nor trained on, as it is known today."""
    return objecting(connection) | _refusing(project, snapshot)


def _refusing(project: Project, snapshot: Snapshot) -> frozenset[str]:
    """Whose last value of the profile that is the permission refuses it."""
    name = project.privacy.permission
    if name is None:
        return frozenset()
    files = literals([snapshot.profiles(bucket) for bucket in range(snapshot.buckets)])
    said = [value.strip().lower() for value in project.privacy.refused]
    with open_bare(1) as engine:
        rows = engine.execute(f"""
            select customer_id from (
                select customer_id, arg_max(value, (occurred_at, known_at)) as value from read_parquet({files})
                where name = {literal(name)} and superseded_at >= {FOREVER} group by 1)
            where lower(trim(value)) in (select unnest({literals(said)}))""").fetchall()
    return frozenset(row[0] for row in rows)
