"""Executors killed in the middle of an import: one is made up for, all of them end it with nothing half-written."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cluster import Cluster, Import, OnSpark, same_files
from shop import sales, write_project

from tenure.pipelines.lake.snapshot import NoSnapshot, current_snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.spark.failure import ExecutorsLost
from tenure.pipelines.store.engine import open_store

BEFORE_FILLING = 6
"""Pieces of work in which two sources of one file each are staged, resolved and spread."""


@contextmanager
def killing(cluster: Cluster, data: Path, *, once: bool, after: int) -> Iterator[list[int]]:
    """Kill executors at work: one, or every one that comes; begin when `after` pieces of work have begun."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.02):
            begun = len(list(data.glob("spark/work-*/made-*")))
            if begun < after + len(killed) or (once and killed):
                continue  # whoever came since the last kill has begun nothing yet
            for process in list(cluster.executors())[: 1 if once else None]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                    killed.append(process)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """A shop of one file, so that there are few pieces of work before the buckets are filled."""
    return load_project(write_project(tmp_path / "shop", sales()))


def test_when_all_die_again_and_again_the_import_says_so_and_leaves_nothing(
    small: Project, cluster: Cluster, on_spark: OnSpark, imported: Import
) -> None:
    elsewhere = on_spark(small)
    elsewhere = elsewhere.model_copy(update={"spark": elsewhere.spark.model_copy(update={"cores": 1})})
    with (
        killing(cluster, small.data, once=False, after=BEFORE_FILLING + 1) as killed,
        pytest.raises(ExecutorsLost, match="lost its executor 4 times.*Nothing was written"),
    ):
        imported(elsewhere)
    assert len(killed) == 4
    assert list((small.data / "lake").glob("0*")) == []
    assert list((small.data / "spark").glob("work-*")) == []
    with pytest.raises(NoSnapshot):
        current_snapshot(small, open_store(small.data))


def test_one_that_dies_is_made_up_for(small: Project, cluster: Cluster, on_spark: OnSpark, imported: Import) -> None:
    with killing(cluster, small.data, once=True, after=BEFORE_FILLING + 3) as killed:
        there = imported(on_spark(small))
    assert len(killed) == 1
    about = small.project.model_copy(update={"data": Path(".here")})
    same_files(there, imported(small.model_copy(update={"project": about})))
