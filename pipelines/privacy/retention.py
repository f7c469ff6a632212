"""Removing what is older than the project keeps it, from everything but the lake, of which imports take care."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import Engine, delete

from tenure.pipelines.access.audit import cut_entries
from tenure.pipelines.lake.buckets import NEVER
from tenure.pipelines.lake.keeping import Dropped
from tenure.pipelines.lake.rewriting import Stays, empty, rewrite
from tenure.pipelines.lake.snapshot import lake_folder
from tenure.pipelines.lake.sweep import only_importer
from tenure.pipelines.privacy.suppression import Erased, Suppression
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.alert_tables import alerts
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk_tables import past_scores


def forget_old_feeds(project: Project, *, now: dt.datetime) -> int:
    """Take rows and texts that are too old out of what was delivered live, before it is imported; from how many."""
    nobody = Erased(Suppression.of(project).pseudonyms, frozenset())
    limits = Dropped.at(project, nobody, now)
    if not limits.instants:
        return 0
    live, changed = [source.name for source in project.source if source.live], 0
    with only_importer(lake_folder(project)):
        folders = [project.data / "feeds" / f"{name}-live" for name in live]
        for file in (file for folder in folders for file in sorted(folder.glob("part-*.parquet"))):
            begins = _begins(file)
            if limits.rows is not None and begins < limits.rows:
                changed += rewrite(file, _since(limits.rows))
            if limits.texts is not None and begins < limits.texts:
                changed += empty(file, "text", _since(limits.texts))
    return changed


def _since(limit: dt.datetime) -> Stays:
    since = pa.scalar(limit, pa.timestamp("us", "UTC"))

    def stays(table: pa.Table) -> pa.Array:
        return pc.greater_equal(table["occurred_at"], since)

    return stays


def _begins(file: Path) -> dt.datetime:
    """When the first thing in a file happened, by what the file says of itself; the end of time where it is empty."""
    held = pq.read_metadata(file)
    place = held.schema.to_arrow_schema().get_field_index("occurred_at")
    groups = [held.row_group(number).column(place).statistics for number in range(held.num_row_groups)]
    return min((group.min for group in groups if group is not None and group.has_min_max), default=NEVER)


def forget_old(project: Project, store: Engine, *, now: dt.datetime) -> dict[str, int]:
    """Remove the history of scores, alerts and audit entries that are too old; how many, by what they are."""
    found: dict[str, int] = {}
    scores_days, logs_days = project.retention.scores_days, project.retention.logs_days
    if scores_days is not None:
        first = (now.date() - dt.timedelta(days=scores_days)).isoformat()
        with alone(store) as connection:
            found["past scores"] = connection.execute(delete(past_scores).where(past_scores.c.as_of < first)).rowcount
            found["alerts"] = connection.execute(delete(alerts).where(alerts.c.day < first)).rowcount
    if logs_days is not None:
        moment = now.astimezone(dt.UTC).replace(tzinfo=None)
        found["audit entries"] = cut_entries(store, before=moment - dt.timedelta(days=logs_days), now=moment)
    return {name: count for name, count in found.items() if count}
