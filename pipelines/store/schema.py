"""All tables of the store: who makes, migrates or copies them takes them from here."""

from __future__ import annotations

from tenure.pipelines.store.desk_tables import people
from tenure.pipelines.store.tables import version

metadata = people.metadata
__all__ = ["metadata", "version"]
