"""Workers on a cluster: every bucket of the lake is described by whichever executor is free."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.workers import Made, Progress
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.spark.job import Cluster
from tenure.pipelines.spark.scratch import scratch_folder

FOLDER = "spark"
"""Where in a project's data folder the work under way lies."""


@dataclass(frozen=True)
class SparkWorkers:
    """The executors of a cluster; `folder` is where tables lie on their way back."""

    settings: Spark
    folder: Path

    @classmethod
    def of(cls, project: Project) -> SparkWorkers:
        """The workers of a project whose engine is Spark."""
        return cls(project.spark, project.data / FOLDER)

    def map(
        self, work: Callable[[Task, int], Made], task: Task, buckets: int, progress: Progress | None = None
    ) -> Iterator[tuple[int, Made]]:
        """See `tenure.pipelines.examples.workers.Workers`."""
        tell = progress or (lambda _what, _share: None)
        with scratch_folder(self.folder) as folder:
            cluster = Cluster(self.settings, folder)
            asked = partial(work, replace(task, cache=None))  # it lies on this machine's disk, and is not made for many
            yield from cluster.each(asked, range(buckets), tell=lambda share: tell("features", share))
