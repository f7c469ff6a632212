"""The environment, read and prepared in this one file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tenure.pipelines.settings.hooks import Hook, ToolName
from tenure.pipelines.settings.service import LogForm

PROJECT = "TENURE_PROJECT"
"""The variable by which `tenure serve` tells the service its project file."""

WORKERS = "TENURE_WORKERS"
"""The variable by which `tenure serve` tells BentoML how many processes answer requests."""

LOG = "TENURE_LOG"
"""The variable by which `tenure serve` tells every process of the service the form of its log."""

HOLDER = "TENURE_HOLDER"
"""The variable by which who keeps a process running tells it under which name to hold leases."""

PARENT = "TENURE_PARENT"
"""The variable by which BentoML's process tells its workers its number; one may be gone before they can look."""

QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",  # the word, not "1": anything else is read as no
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "OTEL_SDK_DISABLED": "true",
    "DO_NOT_TRACK": "1",
}


BELIEVE_NOBODY = {"FORWARDED_ALLOW_IPS": ""}
"""Uvicorn would take who asks from `X-Forwarded-For` of every program on this machine; `forwarded.py` does it here."""


class NoProject(RuntimeError):
    """The service was started without being told its project file."""


class NoNumber(ValueError):
    """An environment variable should hold a number of processes."""


def project_file() -> Path:
    """The project file of the service that runs in this process."""
    name = os.environ.get(PROJECT)
    if not name:
        raise NoProject(f"{PROJECT} is not set; start the service with `tenure serve`")
    return Path(name)


def workers() -> int:
    """How many processes answer requests."""
    found = os.environ.get(WORKERS, "1")
    if not found.isdigit() or int(found) < 1:
        raise NoNumber(f"{WORKERS} is {found!r}; expected a number of processes, such as 2")
    return int(found)


def lease_holder() -> str | None:
    """The name under which this process holds leases, where its starter chose one."""
    return os.environ.get(HOLDER)


def tell_parent() -> None:
    """Tell the processes that this one will start its number."""
    os.environ[PARENT] = str(os.getpid())


def told_parent() -> int:
    """The process that started this one, as it said; else whichever is the parent by now."""
    found = os.environ.get(PARENT, "")
    return int(found) if found.isdigit() else os.getppid()


def log_form() -> LogForm | None:
    """The form of the log, where the starter chose one."""
    found = os.environ.get(LOG)
    return None if found is None else "json" if found == "json" else "text"


def counts_folder() -> Path | None:
    """Where the workers of a service keep what they count, so that each can tell the sums."""
    found = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(found) if found else None


def secret_of(variable: str | None) -> str | None:
    """The secret in an environment variable; None where there is none."""
    return os.environ.get(variable) if variable else None


def hook_secrets(hooks: Mapping[ToolName, Hook]) -> dict[ToolName, list[bytes]]:
    """The secrets by which tools sign their webhooks, the current one first; a tool without one is absent."""
    names = {tool: [name for name in (hook.secret, hook.previous_secret) if name] for tool, hook in hooks.items()}
    return {
        tool: [os.fsencode(os.environ[name]) for name in found if os.environ.get(name)]
        for tool, found in names.items()
        if os.environ.get(found[0])
    }


def silence() -> None:
    """Switch off what others do by themselves: telemetry, and belief in headers. Call it before they are imported."""
    os.environ.update(QUIET | BELIEVE_NOBODY)


def service_environment(file: Path, home: Path, *, processes: int = 1, log: LogForm = "text") -> dict[str, str]:
    """The environment in which to start the service of a project; BentoML keeps its files in `home`."""
    ours = {PROJECT: str(file.resolve()), WORKERS: str(processes), LOG: log, "BENTOML_HOME": str(home.resolve())}
    return {**os.environ, **QUIET, **BELIEVE_NOBODY, **ours}


def build_environment() -> dict[str, str]:
    """The environment in which to build a bento: as it is, and quiet."""
    return {**os.environ, **QUIET}
