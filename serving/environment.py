"""The environment, read and prepared in this one file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from tenure.pipelines.settings.hooks import Hook, ToolName

PROJECT = "TENURE_PROJECT"
"""The variable by which `tenure serve` tells the service its project file."""

QUIET = {
    "BENTOML_DO_NOT_TRACK": "True",  # the word, not "1": anything else is read as no
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "OTEL_SDK_DISABLED": "true",
    "DO_NOT_TRACK": "1",
}


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


def hook_secrets(hooks: Mapping[ToolName, Hook]) -> dict[ToolName, list[bytes]]:
    """The secrets by which tools sign their webhooks, the current one first; a tool without one is absent."""
    names = {tool: [name for name in (hook.secret, hook.previous_secret) if name] for tool, hook in hooks.items()}
    return {
        tool: [os.fsencode(os.environ[name]) for name in found if os.environ.get(name)]
        for tool, found in names.items()
        if os.environ.get(found[0])
    }


def silence() -> None:
    """Switch off the telemetry of BentoML, MLflow and OpenTelemetry; call it before they are imported."""
    os.environ.update(QUIET)


def service_environment(file: Path, home: Path) -> dict[str, str]:
    """The environment in which to start the service of a project; BentoML keeps its files in `home`."""
    return {**os.environ, **QUIET, PROJECT: str(file.resolve()), "BENTOML_HOME": str(home.resolve())}
