"""The list of an artefact's files with their digests, checked before anything is parsed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = "manifest.json"
"""The name of the list inside an artefact directory."""


class ArtefactMissing(FileNotFoundError):
    """There is no artefact where one was expected."""


class ArtefactCorrupt(ValueError):
    """A file of the artefact is not the one that was saved."""


def write_manifest(directory: Path) -> str:
    """List every file below the directory; give the digest of the list, which names the artefact."""
    names = sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())
    files = {name: _entry((directory / name).read_bytes()) for name in names if name != MANIFEST}
    content = _canonical(files)
    (directory / MANIFEST).write_bytes(content)
    return _digest(content)


def read_checked(directory: Path) -> tuple[dict[str, bytes], str]:
    """Read every listed file and check size and digest; give contents and the artefact's digest.

    Raises `ArtefactMissing` or `ArtefactCorrupt`. Files that are not listed are left alone.
    """
    if not (directory / MANIFEST).is_file():
        raise ArtefactMissing(f"no artefact in {directory}: expected a file {MANIFEST}; train or register a model")
    content = (directory / MANIFEST).read_bytes()
    files = _parsed(content, directory)
    return {name: _read(directory, name, entry) for name, entry in files.items()}, _digest(content)


def canonical_json(values: object) -> bytes:
    """JSON that depends on the values only: sorted keys, no NaN, a newline at the end."""
    return (json.dumps(values, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _canonical(files: dict[str, dict[str, object]]) -> bytes:
    return canonical_json({"schema": 1, "files": files})


def _parsed(content: bytes, directory: Path) -> dict[str, dict[str, object]]:
    """The list, refused unless it is byte for byte what would be written from what it says."""
    try:
        files = json.loads(content)["files"]
        unchanged = _canonical(files) == content
    except (ValueError, KeyError, TypeError):
        unchanged = False
    if not unchanged:
        raise ArtefactCorrupt(f"{directory / MANIFEST} was cut or changed: it cannot be trusted; {_REMEDY}")
    return dict(files)


def _read(directory: Path, name: str, entry: dict[str, object]) -> bytes:
    path = directory / name
    if not path.is_file():
        raise ArtefactCorrupt(f"{path} is listed in the manifest but missing; {_REMEDY}")
    content = path.read_bytes()
    if _entry(content) != entry:
        raise ArtefactCorrupt(
            f"{path} is not what was saved: expected {entry.get('bytes')} bytes with SHA-256 "
            f"{entry.get('sha256')}, found {len(content)} bytes with {_digest(content)}; {_REMEDY}"
        )
    return content


_REMEDY = "restore the directory from a backup, download it from the registry again, or train again"


def _entry(content: bytes) -> dict[str, object]:
    return {"bytes": len(content), "sha256": _digest(content)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
