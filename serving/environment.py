"""The environment, read and prepared in this one file."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = "TENURE_PROJECT"
"""The variable by which `tenure serve` tells the service its project file."""

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


def project_file() -> Path:
    """The project file of the service that runs in this process."""
    name = os.environ.get(PROJECT)
    if not name:
        raise NoProject(f"{PROJECT} is not set; start the service with `tenure serve`")
    return Path(name)


def secret_of(variable: str | None) -> str | None:
    """The secret in an environment variable; None where there is none."""
    return os.environ.get(variable) if variable else None


def silence() -> None:
    """Switch off what others do by themselves: telemetry, and belief in headers. Call it before they are imported."""
    os.environ.update(QUIET | BELIEVE_NOBODY)


def service_environment(file: Path, home: Path) -> dict[str, str]:
    """The environment in which to start the service of a project; BentoML keeps its files in `home`."""
    return {**os.environ, **QUIET, **BELIEVE_NOBODY, PROJECT: str(file.resolve()), "BENTOML_HOME": str(home.resolve())}
