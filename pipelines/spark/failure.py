"""Why a job failed, in words that say what to do."""

from __future__ import annotations

import re

from tenure.pipelines.settings.spark import Spark
from tenure.pipelines.spark.session import ATTEMPTS


class ExecutorsLost(RuntimeError):
    """All executors went away, or one piece of work lost its executor again and again."""


class PythonDiffers(RuntimeError):
    """The executors run another Python than this process."""


class ExecutorLacksTenure(RuntimeError):
    """A package is not installed on an executor."""


class SparkJobFailed(RuntimeError):
    """A piece of work failed on every attempt."""


NOTHING = "Nothing was written; the data are as they were before"


def explained(error: Exception, settings: Spark, *, abandoned: bool) -> RuntimeError:
    """The named error for what PySpark raised."""
    said = str(error)
    if abandoned:
        return ExecutorsLost(
            f"the cluster at {settings.master} lost all its executors, and gave none for {settings.wait_seconds} s. "
            f"{NOTHING}; bring its workers up and run the command again"
        )
    if "Master removed our application" in said:
        return ExecutorsLost(
            f"the master at {settings.master} gave this command up, since its executors ended again and again. "
            f"{NOTHING}; look into the logs of the workers: mostly there is too little memory for executor_memory"
        )
    if "PYTHON_VERSION_MISMATCH" in said:
        versions = re.search(r"PYTHON_VERSION_MISMATCH\][^\n]*", said)
        return PythonDiffers(
            f"the executors run another Python than this one ({versions[0] if versions else said[:300]}); name with "
            "`python` in [spark] the same interpreter on all machines"
        )
    if missing := re.search(r"No module named '?([\w.]+)", said):
        return ExecutorLacksTenure(
            f"an executor has no Python package {missing[1]!r}; install tenure with all it needs on every machine "
            "of the cluster, and name its interpreter with `python` in [spark]"
        )
    if "ExecutorLostFailure" in said:
        why = re.search(r"Reason: ([^\n]+)", said)
        return ExecutorsLost(
            f"a piece of work lost its executor {ATTEMPTS} times, which is mostly want of memory "
            f"({why[1].strip()[:200] if why else 'no reason given'}). {NOTHING}; raise executor_memory in [spark], or "
            "give the machines more memory beside it"
        )
    return SparkJobFailed(f"a piece of work failed {ATTEMPTS} times: {_last(said)}. {NOTHING}")


def _last(said: str) -> str:
    """The last line of the Python traceback, or of what there is."""
    lines = [
        line.strip() for line in said.splitlines() if re.match(r"^\w[\w.]*(Error|Exception|[A-Z]\w+): ", line.strip())
    ]
    return (lines[-1] if lines else said.strip())[:400]
