"""An empty store in each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small import FROM_A_FILE
from sqlalchemy import Engine

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.engine import project_store


@pytest.fixture
def engine(tmp_path: Path, store_section: str) -> Iterator[Engine]:
    """The store of a small project."""
    (tmp_path / "tenure.toml").write_text(FROM_A_FILE + store_section)
    engine = project_store(load_project(tmp_path))
    yield engine
    engine.dispose()
