"""Executors killed in the middle of their work: one is made up for, all of them end it with nothing half-written."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest
from cluster import Cluster, Import, OnSpark, elsewhere, same_files
from shop import sales, write_project

from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples
from tenure.pipelines.lake.snapshot import NoSnapshot, current_snapshot
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.spark.failure import ExecutorsLost
from tenure.pipelines.store.engine import open_store

CUTOFFS = {dt.date(2024, 9, 2), dt.date(2024, 12, 2)}

BEFORE_FILLING = 6
"""Pieces of work in which two sources of one file each are staged, resolved and spread."""

BEGUN = "spark/work-*/made-*"
"""What every piece of work of an import makes when it begins."""

SLOW = '''
"""slow: says when an executor begins to describe somebody, and takes its time."""
import secrets
import time
from pathlib import Path
from tenure.pipelines.features.column import Column

def compute(view, context, fitted):
    here = Path(__file__).parent
    (here / f"begun-{secrets.token_hex(6)}").touch()
    time.sleep(float((here / "pause").read_text()))
    yield Column("slow_purchases", view.kind("purchase").count(), "purchases", "slow")
'''


@contextmanager
def killing(cluster: Cluster, data: Path, *, once: bool, after: int, begun: str = BEGUN) -> Iterator[list[int]]:
    """Kill executors at work: one, or every one that comes; begin when `after` pieces of work have begun."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.02):
            if len(list(data.glob(begun))) < after + len(killed) or (once and killed):
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
    """A small shop of one file, so that there are few pieces of work before the buckets are filled: eight."""
    return load_project(write_project(tmp_path / "shop", sales(200)))


@pytest.fixture
def described(small: Project, imported: Import) -> Study:
    """A shop in eight buckets, one feature of which is slow."""
    (small.root / "slow.py").write_text(SLOW)
    (small.root / "pause").write_text("0.3")
    project = small.model_copy(update={"features": small.features.model_copy(update={"modules": ("slow.py",)})})
    study = Study.of(project, imported(project))
    assert study.snapshot.buckets == 8
    return study


@pytest.mark.long
def test_when_all_die_again_and_again_the_import_says_so_and_leaves_nothing(
    small: Project, cluster: Cluster, on_spark: OnSpark, imported: Import
) -> None:
    away = on_spark(small)
    away = away.model_copy(update={"spark": away.spark.model_copy(update={"cores": 1})})
    with (
        killing(cluster, small.data, once=False, after=BEFORE_FILLING + 1) as killed,
        pytest.raises(ExecutorsLost, match="lost its executor 4 times.*Nothing was written"),
    ):
        imported(away)
    assert len(killed) == 4
    assert list((small.data / "lake").glob("0*")) == []
    assert list((small.data / "spark").glob("work-*")) == []
    with pytest.raises(NoSnapshot):
        current_snapshot(small, open_store(small.data))


@pytest.mark.long
def test_when_all_die_while_they_describe_customers_it_is_said_and_nothing_is_left(
    described: Study, cluster: Cluster, on_spark: OnSpark
) -> None:
    with (
        killing(cluster, described.project.root, once=False, after=1, begun="begun-*") as killed,
        pytest.raises(ExecutorsLost, match="lost its executor 4 times"),
    ):
        build_examples(elsewhere(described, on_spark, cores=1), CUTOFFS, knowledge=CUTOFFS)
    assert len(killed) == 4
    assert list((described.project.data / "spark").glob("work-*")) == []


def test_one_that_dies_is_made_up_for(small: Project, cluster: Cluster, on_spark: OnSpark, imported: Import) -> None:
    with killing(cluster, small.data, once=True, after=BEFORE_FILLING + 3) as killed:
        there = imported(on_spark(small))
    assert len(killed) == 1
    about = small.project.model_copy(update={"data": Path(".here")})
    same_files(there, imported(small.model_copy(update={"project": about})))


def test_one_that_dies_while_it_describes_customers_is_made_up_for(
    described: Study, cluster: Cluster, on_spark: OnSpark
) -> None:
    pause = described.project.root / "pause"
    pause.write_text("0")
    here = build_examples(described, CUTOFFS, knowledge=CUTOFFS, processes=1)
    pause.write_text("0.3")
    for mark in described.project.root.glob("begun-*"):
        mark.unlink()
    with killing(cluster, described.project.root, once=True, after=3, begun="begun-*") as killed:
        there = build_examples(elsewhere(described, on_spark), CUTOFFS, knowledge=CUTOFFS)
    assert len(killed) == 1
    pd.testing.assert_frame_equal(there.frame, here.frame, check_exact=True)
    assert "slow_purchases" in there.frame
