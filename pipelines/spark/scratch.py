"""Folders for what is under way: seen by all machines of the cluster, and gone with the process that made them."""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A new folder in `root`, removed afterwards; those of processes that were killed are removed first."""
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob("work-*"):
        _remove_unless_held(left)
    folder = root.resolve() / f"work-{secrets.token_hex(6)}"
    folder.mkdir()
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_unless_held(folder: Path) -> None:
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except (BlockingIOError, FileNotFoundError):
        return  # at work, or gone already
