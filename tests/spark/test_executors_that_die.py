"""Executors killed in the middle of an import: one is made up for, all of them end it with nothing half-written."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cluster import Cluster, Import, OnSpark, same_files

from tenure.pipelines.lake.snapshot import NoSnapshot, current_snapshot
from tenure.pipelines.settings.project import Project
from tenure.pipelines.spark.failure import ExecutorsLost
from tenure.pipelines.store.engine import open_store


@contextmanager
def killing(cluster: Cluster, data: Path, *, once: bool, after: int) -> Iterator[list[int]]:
    """Kill executors while work is under way: one, or every one that comes; begin at the `after`th piece of work."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.02):
            begun = len(list(data.glob("spark/work-*/made-*")))
            if begun < after or (once and killed):
                continue
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


@pytest.mark.parametrize("after", [3, 40])
def test_one_that_dies_is_made_up_for(
    everything: Project, cluster: Cluster, on_spark: OnSpark, imported: Import, after: int
) -> None:
    with killing(cluster, everything.data, once=True, after=after) as killed:
        there = imported(on_spark(everything))
    assert len(killed) == 1
    about = everything.project.model_copy(update={"data": Path(".here")})
    same_files(there, imported(everything.model_copy(update={"project": about})))


def test_when_all_die_again_and_again_the_import_says_so_and_leaves_nothing(
    everything: Project, cluster: Cluster, on_spark: OnSpark, imported: Import
) -> None:
    with killing(cluster, everything.data, once=False, after=3) as killed, pytest.raises(ExecutorsLost) as found:
        imported(on_spark(everything))
    assert len(killed) > 3
    assert "Nothing was written" in str(found.value)
    assert list((everything.data / "lake").glob("0*")) == []
    assert list((everything.data / "spark").glob("work-*")) == []
    with pytest.raises(NoSnapshot):
        current_snapshot(everything, open_store(everything.data))
    time.sleep(1)
    assert imported(on_spark(everything)).rows > 0
