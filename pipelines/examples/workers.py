"""Workers: who does the same piece of work for every bucket of the lake."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

from tenure.pipelines.examples.task import Task

Progress = Callable[[str, float], None]
"""Told what is going on and which share of it is done."""

Made = TypeVar("Made")

WORTH_TIDYING = 0.3
"""Seconds of CPU after which a piece of work has left enough behind."""


class Workers(Protocol):
    """Whoever can do a piece of work for every bucket, here or on other machines."""

    def map(
        self, work: Callable[[Task, int], Made], task: Task, buckets: int, progress: Progress | None = None
    ) -> Iterator[tuple[int, Made]]:
        """Call `work(task, bucket)` for every bucket; give bucket and result in any order.

        `work` is a function of a module, and what it gives can be pickled.
        """
        ...


@dataclass(frozen=True)
class LocalWorkers:
    """The processes of this machine; left out, one a core. With one, everything happens in this process."""

    processes: int | None = None

    def map(
        self, work: Callable[[Task, int], Made], task: Task, buckets: int, progress: Progress | None = None
    ) -> Iterator[tuple[int, Made]]:
        """See `Workers`."""
        tell = progress or (lambda _what, _share: None)
        processes = min(self.processes or cores(), buckets)
        if processes == 1:
            for bucket in range(buckets):
                yield bucket, _tidied(work, task, bucket)
                tell("features", (bucket + 1) / buckets)
            return
        with ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(task,)
        ) as pool:
            waiting = {pool.submit(_with_task, work, bucket): bucket for bucket in range(buckets)}
            for done, future in enumerate(as_completed(waiting), start=1):
                yield waiting[future], future.result()
                tell("features", done / buckets)


def cores() -> int:
    """How many processes may run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_task: list[Task] = []
"""The task of this worker process, handed over once and not with every bucket."""


def _begin(task: Task) -> None:
    _task[:] = [task]


def _with_task(work: Callable[[Task, int], Any], bucket: int) -> Any:
    return _tidied(work, _task[0], bucket)


def _tidied(work: Callable[[Task, int], Made], task: Task, bucket: int) -> Made:
    """What `work` gives, its memory freed: logs and their cases hold each other until Python looks for such circles.

    Looking costs a tenth of a second in a large process, so it is done where the work took longer.
    """
    began = time.process_time()
    made = work(task, bucket)
    if time.process_time() - began > WORTH_TIDYING:
        gc.collect()
    return made
