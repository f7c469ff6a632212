"""The store of blocks: a file each below the project's data folder, the oldest removed beyond a limit."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tenure.pipelines.cache.block import Block, Damaged, pack, unpack

SHARE = 0.05
"""A process that has written this share of the limit looks whether too much is there."""

KEPT = 0.9
"""What is removed is removed down to this share of the limit."""

HALVINGS = 4
"""A block of a bucket is looked for under so many smaller numbers of buckets too."""

WRITTEN: dict[Path, int] = {}
"""Bytes that this process has written since it last looked at a folder."""


@dataclass(frozen=True)
class Place:
    """Where a block belongs: what it holds, of which key, and of which of how many buckets."""

    what: str
    key: str
    buckets: int = 1
    bucket: int = 0

    def file(self, buckets: int) -> str:
        """The file, relative to the folder, for a number of buckets that divides this one's."""
        return f"{self.what}/{self.key}/{buckets:05d}-{self.bucket % buckets:05d}"


@dataclass(frozen=True)
class Store:
    """Blocks in a folder; may be used by several processes at once, and be deleted at any time.

    A file is written aside and renamed, so it is there whole or not at all; one that was damaged
    later fails its digest and counts as absent. `limit` is in bytes.
    """

    folder: Path
    limit: int = field(compare=False)

    def get(self, place: Place) -> Block | None:
        """The block at a place, else that of the bucket from which this one was split; None where there is none."""
        buckets = place.buckets
        for _ in range(HALVINGS):
            found = self._read(self.folder / place.file(buckets))
            if found is not None or buckets % 2:
                return found
            buckets //= 2
        return None

    def put(self, place: Place, block: Block) -> None:
        """Keep a block; where the disk refuses, nothing is kept."""
        file, content = self.folder / place.file(place.buckets), pack(block)
        draft = file.with_name(f"{file.name}.{secrets.token_hex(6)}.part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(file)
        except OSError:  # a full disk, or a folder deleted meanwhile: the values are in memory, only their copy is lost
            draft.unlink(missing_ok=True)
            return
        WRITTEN[self.folder] = WRITTEN.get(self.folder, 0) + len(content)
        if WRITTEN[self.folder] > SHARE * self.limit:
            self.trim()

    def trim(self) -> int:
        """Remove the files unused for longest until the rest is below the limit; gives the bytes that stay."""
        WRITTEN[self.folder] = 0
        held = sorted(self._files())
        total = sum(size for _, size, _ in held)
        if total <= self.limit:
            return total
        for _, size, file in held:
            if total <= KEPT * self.limit:
                break
            file.unlink(missing_ok=True)
            total -= size
        return total

    def _read(self, file: Path) -> Block | None:
        try:
            block = unpack(file.read_bytes())
            os.utime(file)
        except (Damaged, OSError):
            return None
        return block

    def _files(self) -> Iterator[tuple[int, int, Path]]:
        for folder, _, names in os.walk(self.folder):
            for name in names:
                file = Path(folder, name)
                try:
                    found = file.stat()
                except FileNotFoundError:  # another process removed it
                    continue
                yield found.st_mtime_ns, found.st_size, file
