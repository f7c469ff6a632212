"""A project with a live source, in each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small import LIVE
from sqlalchemy import Engine

from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store


@pytest.fixture
def project_file(tmp_path: Path, store_section: str) -> Path:
    """The file of a project to which interactions are delivered."""
    file = tmp_path / "tenure.toml"
    file.write_text(LIVE + store_section)
    return file


@pytest.fixture
def project(project_file: Path) -> Project:
    """The project."""
    return load_project(project_file)


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    """Its store, empty."""
    engine = project_store(project)
    yield engine
    engine.dispose()
