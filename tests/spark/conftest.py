"""A real cluster, once for all tests, and projects that work on it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import Cluster, Import, OnSpark, on_cluster
from everything import write_everything

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
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


@pytest.fixture(scope="session")
def on_spark(cluster: Cluster) -> OnSpark:
    """The same project, with its work done by the cluster."""
    return lambda project: on_cluster(project, cluster.master)


@pytest.fixture(scope="session")
def imported() -> Import:
    """Import a project into eight buckets or so, its sources read in parts where they can be."""

    def run(project: Project, *, rows_a_bucket: int = 1_000) -> Snapshot:
        with pytest.MonkeyPatch.context() as small:
            small.setattr("tenure.pipelines.lake.buckets.ROWS_A_BUCKET", rows_a_bucket)
            small.setattr("tenure.pipelines.spark.staging.PART_BYTES", 1)
            return import_sources(project, now=NOW, store=open_store(project.data))

    return run


@pytest.fixture
def everything(tmp_path: Path) -> Project:
    """The project that has every sort of row."""
    return load_project(write_everything(tmp_path / "everything"))


@pytest.fixture
def shop(trained: Path, imported: Import) -> Study:
    """The study of a trained shop, its customers in several buckets."""
    project = load_project(trained)
    os.utime(trained / "sales.csv", (0, 0))
    snapshot = imported(project, rows_a_bucket=2_500)
    assert snapshot.buckets == 8
    return Study.of(project, snapshot)
