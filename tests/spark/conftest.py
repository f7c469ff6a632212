"""A real cluster, once for all tests, and projects that work on it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cluster import Cluster, OnSpark
from shop import sales, write_project

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.spark.session import close_session
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2025, 4, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A master and two workers of one core on loopback."""
    running = Cluster(tmp_path_factory.mktemp("cluster")).start()
    yield running
    close_session()
    running.stop()


@pytest.fixture
def on_spark(cluster: Cluster) -> OnSpark:
    """The same project, with its work done by the cluster."""

    def change(project: Project) -> Project:
        about = project.project.model_copy(update={"engine": "spark"})
        spark = project.spark.model_copy(
            update={"master": cluster.master, "executor_memory": "512m", "driver_memory": "512m", "wait_seconds": 40}
        )
        return project.model_copy(update={"project": about, "spark": spark})

    return change


@pytest.fixture
def in_buckets(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Study]:
    """Import a project again, into eight buckets or so, and give its study."""

    def study(folder: Path) -> Study:
        monkeypatch.setattr("tenure.pipelines.lake.buckets.ROWS_A_BUCKET", 2_500)
        project = load_project(folder)
        os.utime(folder / "sales.csv", (0, 0))
        snapshot = import_sources(project, now=NOW, store=open_store(project.data))
        assert snapshot.buckets == 8
        return Study.of(project, snapshot)

    return study


@pytest.fixture
def shop(tmp_path: Path, in_buckets: Callable[[Path], Study]) -> Study:
    """The study of an invented shop whose customers lie in eight buckets."""
    return in_buckets(write_project(tmp_path / "shop", sales()))
