"""A bento of the service: its code and pinned requirements, built by `bentoml build` in a folder of its own.

The project stays where it is: it holds personal data, and is named when the bento is served.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tenure.pipelines.settings.project import Project
from tenure.serving.environment import QUIET, build_environment

PARTS = ("models", "pipelines", "serving")
SERVICE = "tenure.serving.service:service"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


class BentoRefused(RuntimeError):
    """BentoML did not build the bento; the message holds what it said."""


def build_bento(project: Project) -> str:
    """Build a bento into BentoML's store (`BENTOML_HOME`) and give its tag; raises `BentoRefused`."""
    with tempfile.TemporaryDirectory(prefix="tenure-bento-") as scratch:
        folder = Path(scratch)
        for part in PARTS:
            shutil.copytree(_place(part), folder / "tenure" / part, ignore=LEFT_OUT)
        about = folder / f"tenure-{version('tenure')}.dist-info"  # so that what is served knows its release
        about.mkdir()
        (about / "METADATA").write_text(distribution("tenure").read_text("METADATA") or "", encoding="utf-8")
        extras = {"postgres"} if project.store.postgres or any(s.postgres for s in project.source) else set()
        (folder / "requirements.txt").write_text("\n".join(pinned("tenure", extras)) + "\n", encoding="utf-8")
        (folder / "bentofile.yaml").write_text(json.dumps(bentofile(project)), encoding="utf-8")  # JSON is YAML too
        command = [sys.executable, "-m", "bentoml", "build", "--output", "tag", "."]
        ran = subprocess.run(command, cwd=folder, env=build_environment(), capture_output=True, text=True, check=False)
    tag = next((line for line in ran.stdout.splitlines()[::-1] if line.startswith(TAG)), None)
    if ran.returncode or tag is None:
        said = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-12:])
        raise BentoRefused(f"`bentoml build` ended with {ran.returncode}; it said:\n{said}")
    return tag.removeprefix(TAG)


TAG = "__tag__:"
"""How `bentoml build --output tag` begins its answer."""


def bentofile(project: Project) -> Mapping[str, object]:
    """What `bentoml build` is told: no address of any registry, and no line of the project but its name."""
    return {
        "service": SERVICE,
        "name": "tenure",
        "labels": {"project": project.name, "release": version("tenure")},
        "include": ["tenure/**", "tenure-*.dist-info/**"],
        "python": {"requirements_txt": "requirements.txt", "lock_packages": False},
        "envs": [{"name": name, "value": value} for name, value in QUIET.items()],
    }


def pinned(name: str, extras: Iterable[str] = ()) -> list[str]:
    """All packages that a package needs, as they are installed here, in the form of a requirements file."""
    found: dict[str, str] = {}
    todo = [(name, extra) for extra in ("", *extras)]
    seen = set(todo)
    while todo:
        package, extra = todo.pop()
        for line in distribution(package).requires or ():
            needed = Requirement(line)
            if needed.marker is not None and not needed.marker.evaluate({"extra": extra}):
                continue
            try:
                found[canonicalize_name(needed.name)] = distribution(needed.name).version
            except PackageNotFoundError:
                continue  # of another platform, or of an extra that was not asked for
            further = {(canonicalize_name(needed.name), one) for one in ("", *needed.extras)} - seen
            seen |= further
            todo += further
    found.pop(canonicalize_name(name), None)
    return [f"{package}=={found[package]}" for package in sorted(found)]


def _place(part: str) -> Path:
    spec = find_spec(f"tenure.{part}")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
