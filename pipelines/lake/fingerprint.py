"""A fingerprint of everything an import depends on, so that nothing is imported twice."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from tenure.pipelines.settings.project import Project
from tenure.pipelines.text.signals import READING

LAYOUT = 3
"""Raised whenever the files of the lake change their meaning, so that old ones are built anew."""


def fingerprint(project: Project, files: Iterable[Path]) -> str:
    """Hash the sources as configured, the project's zone, and the size and age of every file."""
    settings = {
        "layout": LAYOUT,
        "timezone": project.timezone,
        "text": [READING, project.text.model_dump(mode="json")],
        "source": [s.model_dump(mode="json") for s in project.source],
        "files": sorted((str(f), (stat := f.stat()).st_size, stat.st_mtime_ns) for f in files),
    }
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
