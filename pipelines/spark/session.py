"""The connection to a cluster: opened when the first piece of work comes, kept until the process ends."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.spark.java import java_home

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOPBACK = ("127.0.0.1", "localhost")
ATTEMPTS = 4
"""How often a piece of work is tried before the job fails."""

JAVA_OPTIONS = "-Duser.timezone=UTC -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""Java only hands out pieces of work and carries answers: it is to start fast and to leave the cores to Python."""


class NoPySpark(RuntimeError):
    """PySpark is not installed."""


class SparkDoesNotStart(RuntimeError):
    """Java was found, but Spark ended before it could be asked anything."""


class MasterUnreachable(ConnectionError):
    """Nobody answers at the address of the cluster."""


class NoExecutors(RuntimeError):
    """The cluster answers but gives no executor."""


_opened: list[tuple[Spark, SparkSession]] = []
"""The one session of this process; Spark allows no second."""


def open_session(settings: Spark, *, log: Path) -> SparkSession:
    """The session of this process with the cluster, with at least one executor.

    What Spark's own program says goes to `log`. Raises the errors of this file and `NoJava`.
    """
    if _opened and _opened[0][0] == settings and not _stopped(_opened[0][1]):
        return _opened[0][1]
    close_session()
    require_pyspark()
    require_master(settings)
    session = _start(settings, log)
    _opened.append((settings, session))
    _wait_for_executors(session, settings)
    return session


def close_session() -> None:
    """Give the executors back, where any are held."""
    while _opened:
        _opened.pop()[1].stop()


def require_pyspark() -> None:
    """Raise `NoPySpark` unless PySpark is installed."""
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise NoPySpark("engine = \"spark\" needs PySpark; install it with `pip install 'tenure[spark]'`") from error


def require_master(settings: Spark) -> None:
    """Raise `MasterUnreachable` unless one of the masters accepts a connection."""
    said = []
    for host, port in settings.addresses:
        try:
            socket.create_connection((host, port), timeout=3).close()
        except OSError as error:
            said.append(f"{host}:{port}: {error.strerror or error}")
        else:
            return
    if said:
        raise MasterUnreachable(
            f"no Spark master at {settings.master} ({'; '.join(said)}); start the cluster, correct `master` in "
            '[spark], or work on this machine with engine = "local"'
        )


def executors(session: SparkSession) -> int:
    """How many executors the session has now."""
    return len(session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1


def _start(settings: Spark, log: Path) -> SparkSession:
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    home = Path(tempfile.mkdtemp(prefix="tenure-java-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    builder = SparkSession.builder.appName("tenure")
    for name, value in _options(settings).items():
        builder = builder.config(name, value)
    with _environment(_variables(settings, java_home(home, log=log.resolve()))):
        try:
            return builder.getOrCreate()
        except PySparkRuntimeError as error:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise SparkDoesNotStart(
                f"Spark did not start: {' '.join(last) or error}; its words are in {log}"
            ) from error


def _options(settings: Spark) -> dict[str, str]:
    options = {
        "spark.master": settings.master or "local[1]",
        "spark.executor.cores": str(settings.executor_cores),
        "spark.executor.memory": settings.executor_memory,
        "spark.driver.memory": settings.driver_memory,
        "spark.task.maxFailures": str(ATTEMPTS),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
        "spark.executor.extraJavaOptions": JAVA_OPTIONS,
    }
    options |= {f"spark.executorEnv.{name}": "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    if os.environ.get("PYTHONPATH"):
        options["spark.executorEnv.PYTHONPATH"] = os.environ["PYTHONPATH"]
    if settings.cores is not None:
        options["spark.cores.max"] = str(settings.cores)
    if host := _driver_host(settings):
        options |= {"spark.driver.host": host, "spark.driver.bindAddress": host}
    return options


def _variables(settings: Spark, home: Path) -> dict[str, str]:
    python = settings.python or sys.executable
    local = {"SPARK_LOCAL_IP": host} if (host := _driver_host(settings)) else {}
    return {"JAVA_HOME": str(home), "PYSPARK_PYTHON": python, "PYSPARK_DRIVER_PYTHON": sys.executable, **local}


def _driver_host(settings: Spark) -> str | None:
    if settings.driver_host:
        return settings.driver_host
    near = settings.is_local or all(host in LOOPBACK for host, _ in settings.addresses)
    return LOOPBACK[0] if near else None


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """PySpark reads these from the environment alone, and only while it starts."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _wait_for_executors(session: SparkSession, settings: Spark) -> None:
    deadline = time.monotonic() + settings.wait_seconds
    while not settings.is_local and executors(session) == 0:
        if time.monotonic() > deadline:
            close_session()
            raise NoExecutors(
                f"the cluster at {settings.master} gave no executor within {settings.wait_seconds} s; one was asked "
                f"for with executor_cores = {settings.executor_cores} and executor_memory = "
                f"{settings.executor_memory!r}: are its workers up, large enough and free?"
            )
        time.sleep(0.1)


def _stopped(session: SparkSession) -> bool:
    context = session.sparkContext._jsc
    return context is None or bool(context.sc().isStopped())
