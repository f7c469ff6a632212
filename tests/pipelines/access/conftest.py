"""An empty store in each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store

TOML = """
[project]
name = "shop"
[[source]]
name = "till"
files = "till.csv"
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 28
eligible = { active_days = 28 }
"""


@pytest.fixture
def engine(tmp_path: Path, store_section: str) -> Iterator[Engine]:
    """The store of a small project."""
    (tmp_path / "tenure.toml").write_text(TOML + store_section)
    engine = project_store(load_project(tmp_path))
    yield engine
    engine.dispose()
