"""A fingerprint of everything an import depends on, so that nothing is imported twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from tenure.pipelines.settings.project import Project
from tenure.pipelines.text.signals import READING

LAYOUT = 3
"""Raised whenever the files of the lake change their meaning, so that old ones are built anew."""


def texts_digest(project: Project) -> str:
    """A digest of how the texts of a project are read at import, empty where no family asks for them."""
    if "voice" not in project.features.families:
        return ""
    settings = [READING, project.text.model_dump(mode="json")]
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def fingerprint(project: Project, files: Iterable[Path], kept: Sequence[str] = ()) -> str:
    """Hash the sources as configured, the project's zone, how texts are read, and the size and age of every file.

    `kept` says from when on rows are kept, where they are not kept for good.
    """
    settings = {
        "layout": LAYOUT,
        "timezone": project.timezone,
        "text": texts_digest(project),
        "source": [s.model_dump(mode="json") for s in project.source],
        **({"kept": list(kept)} if kept else {}),
        "files": sorted((str(f), (stat := f.stat()).st_size, stat.st_mtime_ns) for f in files),
    }
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
