"""All tables of the store: who makes, migrates or copies them takes them from here."""

from __future__ import annotations

from tenure.pipelines.store import (
    alert_tables,
    decision_tables,
    desk_tables,
    hook_tables,
    monitor_tables,
    privacy_tables,
    promotion_tables,
    write_back_tables,
)
from tenure.pipelines.store.tables import metadata, version

for _file in (
    alert_tables,
    decision_tables,
    desk_tables,
    hook_tables,
    monitor_tables,
    privacy_tables,
    promotion_tables,
    write_back_tables,
):
    for _table in _file.metadata.sorted_tables:
        if _table.name not in metadata.tables:
            _table.to_metadata(metadata)

__all__ = ["metadata", "version"]
