"""A real Spark cluster on loopback, for tests and benchmarks: a master and its workers, each a process."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import pyarrow.parquet as pq

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.provenance import NAME
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.settings.project import Project
from tenure.pipelines.spark.java import java_home

OnSpark = Callable[[Project], Project]
"""Gives the same project with its work done by a cluster."""


class Import(Protocol):
    """Imports a project into some buckets."""

    def __call__(self, project: Project, *, rows_a_bucket: int = ...) -> Snapshot:
        """Import it."""
        ...


HOST = "127.0.0.1"

WAIT_SECONDS = 40


def on_cluster(project: Project, master: str) -> Project:
    """The project with its work done by a cluster, in executors small enough for tests."""
    about = project.project.model_copy(update={"engine": "spark"})
    changes = {"master": master, "executor_memory": "512m", "driver_memory": "512m", "wait_seconds": WAIT_SECONDS}
    return project.model_copy(update={"project": about, "spark": project.spark.model_copy(update=changes)})


def elsewhere(study: Study, on_spark: OnSpark, **settings: int) -> Study:
    """The study with its work done by a cluster, under some other settings of `[spark]`."""
    project = on_spark(study.project)
    spark = project.spark.model_copy(update=settings)
    return replace(study, project=project.model_copy(update={"spark": spark}))


MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"


def same_files(found: Snapshot, expected: Snapshot) -> None:
    """The same files with the same rows in the same order, types included."""
    names = sorted(file.name for file in expected.folder.iterdir())
    assert sorted(file.name for file in found.folder.iterdir()) == names
    assert (found.folder / NAME).read_text() == (expected.folder / NAME).read_text()
    for name in names:
        if name.endswith(".parquet"):
            here, there = pq.read_table(expected.folder / name), pq.read_table(found.folder / name)
            if name == "unseen.parquet":  # a set without an order
                here, there = (table.sort_by("interaction_id") for table in (here, there))
            assert there.equals(here), name


@dataclass
class Cluster:
    """A standalone cluster whose processes end with this one, whatever happens to it."""

    folder: Path
    memory: str = "1g"
    port: int = 0
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def master(self) -> str:
        """The address of the cluster."""
        return f"spark://{HOST}:{self.port}"

    def start(self, workers: int = 2) -> Cluster:
        """Start the master and its workers, and wait until the master listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._launch("master", MASTER, "--host", HOST, "--port", str(self.port), "--webui-port", "0")
        _wait_for(self.port)
        for number in range(workers):
            self.add_worker(f"worker-{number}")
        return self

    def add_worker(self, name: str) -> None:
        """Start one more worker of one core."""
        words = ["--host", HOST, "--cores", "1", "--memory", self.memory, "--webui-port", "0"]
        self._launch(name, WORKER, *words, "--work-dir", str(self.folder / name), self.master)

    def kill(self, name: str) -> None:
        """Kill a process of the cluster at once."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def executors(self) -> dict[int, int]:
        """The executors that run now: their process ids, each with that of the worker that started it."""
        workers = {process.pid for process in self.processes.values()}
        parents = {child: parent for child, parent in _parents().items() if parent in workers}
        return {child: parent for child, parent in parents.items() if "CoarseGrainedExecutor" in _command(child)}

    def stop(self) -> None:
        """End all processes of the cluster."""
        for child in self.executors():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        for name in list(self.processes):
            self.kill(name)

    def _launch(self, name: str, main: str, *words: str) -> None:
        home = java_home(self.folder / "java", log=self.folder / f"{name}.log")
        spark = Path(importlib.util.find_spec("pyspark").submodule_search_locations[0])
        local = self.folder / "local"
        environment = os.environ | {
            "JAVA_HOME": str(home),
            "SPARK_HOME": str(spark),
            "SPARK_LOCAL_IP": HOST,
            "SPARK_LOCAL_DIRS": str(local),
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        }
        with (self.folder / f"{name}.out").open("wb") as out:
            self.processes[name] = subprocess.Popen(
                [str(spark / "bin" / "spark-class"), main, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def children(process: int) -> list[int]:
    """The processes that a process started, and those that these started."""
    parents = _parents()
    found = [child for child, parent in parents.items() if parent == process]
    return found + [grandchild for child in found for grandchild in children(child)]


def _wait_for(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"no Spark master came up at port {port}")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: also where the tests themselves are killed


def _parents() -> dict[int, int]:
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with suppress(OSError):
                found[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    return found


def _command(process: int) -> str:
    try:
        return (Path("/proc") / str(process) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
