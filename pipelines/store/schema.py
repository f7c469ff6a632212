"""All tables of the store: who makes, migrates or copies them takes them from here."""

from __future__ import annotations

from tenure.pipelines.store.desk_tables import people
from tenure.pipelines.store.hook_tables import hooks
from tenure.pipelines.store.tables import version

metadata = people.metadata
assert metadata is hooks.metadata  # each of these files adds its tables to the same
__all__ = ["metadata", "version"]
