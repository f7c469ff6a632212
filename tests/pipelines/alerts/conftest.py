"""An empty store in each database, and days to fill it with."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alerting import Days
from small import FROM_A_FILE
from sqlalchemy import Engine

from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import project_store


@pytest.fixture
def project(tmp_path: Path, store_section: str) -> Project:
    """A project whose store lies in the file or on the server."""
    return parse_project(tomllib.loads(FROM_A_FILE + store_section), root=tmp_path)


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    """The project's store, empty."""
    engine = project_store(project)
    yield engine
    engine.dispose()


@pytest.fixture
def days(project: Project, engine: Engine) -> Callable[..., Days]:
    """Make days with some settings of alerts."""

    def days(**alerts: Any) -> Days:
        return Days(project, engine, **alerts)

    return days
