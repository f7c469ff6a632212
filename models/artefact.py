"""A fitted race in one directory without pickle: LightGBM text, JSON, and a manifest of digests."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenure.models.golden import golden_cases
from tenure.models.manifest import canonical_json, read_checked, write_manifest
from tenure.models.race import Race
from tenure.models.serial import race_from_json, race_to_json

MODEL, EXTRA, GOLDEN = "model.json", "extra.json", "golden.json"
"""The fixed file names; boosters are `boosted-0.txt`, `boosted-1.txt` and so on."""

ATTACHMENTS = "attachments"
"""The folder of files that are carried along unread, such as the source of a feature module."""


class ArtefactExists(FileExistsError):
    """An artefact is never overwritten."""


@dataclass(frozen=True)
class Artefact:
    """A race read back, with what travelled beside it; `digest` names exactly this content."""

    race: Race
    digest: str
    extra: dict[str, Any] = field(default_factory=dict)
    golden: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, bytes] = field(default_factory=dict)


def save(
    race: Race,
    directory: Path,
    *,
    extra: Mapping[str, Any] | None = None,
    attachments: Mapping[str, bytes] | None = None,
) -> str:
    """Write the artefact and give its digest; the same race gives the same bytes.

    `extra` is any JSON value, handed back by `load` as it is. The directory appears whole or not at
    all; raises `ArtefactExists` where there is one already.
    """
    files = {
        MODEL: canonical_json(race_to_json(race)),
        EXTRA: canonical_json(dict(extra or {})),
        GOLDEN: canonical_json(golden_cases(race)),
    }
    files |= {f"boosted-{place}.txt": text.encode() for place, text in enumerate(race.boosted.texts())}
    files |= {f"{ATTACHMENTS}/{name}": content for name, content in (attachments or {}).items()}
    return write_whole(directory, files)


def write_whole(directory: Path, files: Mapping[str, bytes]) -> str:
    """Write files and their manifest, the directory whole or not at all, and give the digest.

    Raises `ArtefactExists` where something is in the directory already.
    """
    if directory.exists() and any(directory.iterdir()):
        raise ArtefactExists(f"{directory} is not empty; save every model into a directory of its own")
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".saving-") as scratch:
        whole = Path(scratch) / "artefact"
        for name, content in files.items():
            (whole / name).parent.mkdir(parents=True, exist_ok=True)
            (whole / name).write_bytes(content)
        digest = write_manifest(whole)
        if directory.exists():
            directory.rmdir()
        shutil.move(whole, directory)
    return digest


def load(directory: Path) -> Artefact:
    """Check every digest, then read the artefact.

    Raises `ArtefactMissing`, `ArtefactCorrupt` or `SchemaUnknown`. Use `preflight` first on a directory
    that was not written by this process: a bad booster can end the process that reads it.
    """
    files, digest = read_checked(directory)
    values = json.loads(files[MODEL])
    texts = [files[f"boosted-{place}.txt"].decode() for place in range(values["boosted"]["boosters"])]
    head = f"{ATTACHMENTS}/"
    return Artefact(
        race_from_json(values, texts),
        digest,
        json.loads(files[EXTRA]),
        json.loads(files[GOLDEN]),
        {name.removeprefix(head): content for name, content in files.items() if name.startswith(head)},
    )
