"""The file of a backup: a plain tar whose last member, the manifest, has the digest of every other."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1 << 20


class BackupDamaged(ValueError):
    """The file is no whole backup: cut short, changed since, or something else."""


class BackupNewer(ValueError):
    """The file was written by a later release."""


class Writer:
    """Takes members and remembers their digests."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._members: dict[str, dict[str, Any]] = {}

    def add(self, name: str, file: Path) -> None:
        """Add a file that nobody changes meanwhile."""
        with file.open("rb") as content:
            size = file.stat().st_size
            reader = _Digesting(content)
            self._put(name, size, reader)
        self._members[name] = {"size": size, "sha256": reader.digest()}

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a small member."""
        self._put(name, len(content), io.BytesIO(content))
        self._members[name] = {"size": len(content), "sha256": sha256(content).hexdigest()}

    def finish(self, about: dict[str, Any]) -> None:
        """Write the manifest; without it the file is not whole."""
        content = json.dumps({"format": FORMAT, **about, "members": self._members}, indent=1).encode()
        self._put(MANIFEST, len(content), io.BytesIO(content))

    def _put(self, name: str, size: int, content: Any) -> None:
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, 0o600
        self._tar.addfile(head, content)


@contextmanager
def writing_archive(file: Path) -> Iterator[Writer]:
    """Write a backup aside and give it its name once it is whole; only its owner may read it."""
    aside = file.with_name(file.name + ".unfinished")
    aside.unlink(missing_ok=True)
    aside.touch(mode=0o600)
    try:
        with tarfile.open(aside, "w") as tar:
            yield Writer(tar)
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


def read_archive(file: Path, into: Path | None = None) -> dict[str, Any]:
    """Check every member against the manifest, unpack them below `into` (if given), and return the manifest.

    Raises `BackupDamaged` where anything is missing, too much or changed.
    """
    found: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None or not _inside(member.name):
                    raise BackupDamaged(f"{file}: {member.name!r} is no plain file below the backup")
                if member.name == MANIFEST:
                    manifest = json.load(content)
                else:
                    found[member.name] = _unpack(content, into / member.name if into else None)
    except (tarfile.TarError, EOFError, json.JSONDecodeError) as error:
        raise BackupDamaged(f"{file} is not a whole backup ({error}); take another") from error
    if manifest is None:
        raise BackupDamaged(f"{file} has no manifest, so it was not finished; take another")
    if manifest.get("format") != FORMAT:
        raise BackupNewer(
            f"{file} has format {manifest.get('format')}, this release reads {FORMAT}; install a later one"
        )
    wanted = {name: about["sha256"] for name, about in manifest["members"].items()}
    wrong = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    if wrong:
        raise BackupDamaged(
            f"{file}: {len(wrong)} of {len(wanted)} members differ from the manifest, first {wrong[0]!r}"
        )
    return manifest


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _unpack(content: IO[bytes], target: Path | None) -> str:
    reader = _Digesting(content)
    if target is None:
        while reader.read(CHUNK):
            pass
        return reader.digest()
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        while part := reader.read(CHUNK):
            out.write(part)
    return reader.digest()


class _Digesting(io.RawIOBase):
    """Reads another file and keeps the digest of what was read."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content, self._found = content, sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._content.read(size)
        self._found.update(part)
        return part

    def digest(self) -> str:
        """The digest of what was read, as hex."""
        return self._found.hexdigest()
