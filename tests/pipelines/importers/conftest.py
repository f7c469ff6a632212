"""Bringing in a small export that a test writes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tenure.pipelines.importers.chatwoot.export import TOOL as CHATWOOT
from tenure.pipelines.importers.rt.export import TOOL as RT
from tenure.pipelines.importers.run import ImportReport, import_export
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK

TOOLS = {"zendesk": ZENDESK, "chatwoot": CHATWOOT, "rt": RT}


@dataclass(frozen=True)
class Brought:
    """What an import gave."""

    report: ImportReport

    def rows(self, *columns: str, where: str = "true") -> list[Any]:
        """Columns of the feed in its order; of a single column the values."""
        return table(self.report.feed.interactions, *columns, where=where)

    def customers(self) -> dict[str, str]:
        """The customer of each person."""
        return dict(
            table(
                self.report.feed.identities,
                "external_id",
                "customer_id",
                where="source not like '%profiles' and known_at is null",
            )
        )

    def identities(self) -> list[Any]:
        """Person, customer and since when."""
        return table(
            self.report.feed.identities,
            "external_id",
            "customer_id",
            "known_at",
            where="source not like '%profiles' order by 1, 3 nulls first",
        )

    def profiles(self) -> dict[str, str]:
        """Names and values of the profiles."""
        return dict(table(self.report.feed.profiles, "name", "value"))

    def reasons(self) -> list[str]:
        """Why rows are in quarantine."""
        return table(self.report.feed.quarantine, "reason")


def table(file: Path, *columns: str, where: str = "true") -> list[Any]:
    """Columns of a Parquet file; times as text in UTC, to the second."""
    with duckdb.connect() as engine:
        engine.execute("set timezone = 'UTC'")
        kinds = dict(row[:2] for row in engine.execute(f"describe from '{file}'").fetchall())
        shown = [f"strftime({c}, '%Y-%m-%d %H:%M:%S')" if "TIME" in kinds[c] else c for c in columns]
        found = engine.execute(f"select {', '.join(shown)} from '{file}' where {where}").fetchall()
    return [row[0] for row in found] if len(columns) == 1 else found


@pytest.fixture
def columns() -> Callable[..., list[Any]]:
    """Read columns of a Parquet file."""
    return table


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., Brought]:
    """Write files (text, bytes, or anything JSON can hold) and import them."""

    def bring(
        tool: str, files: dict[str, Any], *, export: str = "export", feed: str = "feed", **options: Any
    ) -> Brought:
        folder = tmp_path / export
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                file.write_bytes(content)
            else:
                file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        report = import_export(folder, TOOLS[tool], out=tmp_path / feed, name=tool, **options)
        return Brought(report)

    return bring
