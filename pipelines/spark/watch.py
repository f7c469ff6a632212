"""Keeping an eye on a job under way: how far it is, and whether anybody is left to do it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.spark.session import executors

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EVERY_SECONDS = 0.5


@dataclass
class Watch:
    """What was seen while a job ran."""

    abandoned: bool = False
    """The job was ended because there had been no executor for too long."""


@contextmanager
def watched(session: SparkSession, settings: Spark, *, tell: Callable[[float], None]) -> Iterator[Watch]:
    """Tell which share of the job in this block is done, and end it when all executors are gone."""
    from pyspark import InheritableThread  # closes its connection to Spark when it ends

    watch, ended = Watch(), threading.Event()
    thread = InheritableThread(target=_look, args=(session, settings, watch, ended, tell))
    thread.daemon = True
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


def _look(
    session: SparkSession, settings: Spark, watch: Watch, ended: threading.Event, tell: Callable[[float], None]
) -> None:
    seen = time.monotonic()
    while not ended.wait(EVERY_SECONDS):
        if settings.is_local or executors(session):
            seen = time.monotonic()
        elif time.monotonic() - seen > settings.wait_seconds:
            watch.abandoned = True
            session.sparkContext.cancelAllJobs()
            return
        share = _share(session)
        if share is not None:
            tell(share)


def _share(session: SparkSession) -> float | None:
    tracker = session.sparkContext.statusTracker()
    stages = [stage for number in tracker.getActiveStageIds() if (stage := tracker.getStageInfo(number))]
    every = sum(stage.numTasks for stage in stages)
    return sum(stage.numCompletedTasks for stage in stages) / every if every else None
