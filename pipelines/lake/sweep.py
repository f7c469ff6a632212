"""One importer at a time, and the removal of what killed or superseded imports left behind."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, delete

from tenure.pipelines.store.tables import snapshots

KEPT = 2
"""The current snapshot, and the one before it, which readers may still hold."""


class ImportIsRunning(RuntimeError):
    """Another process is importing into the same lake."""


@contextmanager
def only_importer(lake: Path) -> Iterator[None]:
    """Hold the lake for writing; the lock goes with the process, however that ends."""
    lake.mkdir(parents=True, exist_ok=True)
    with (lake / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportIsRunning(f"another import is writing to {lake}; wait for it to end and try again") from None
        yield


def sweep(lake: Path, store: Engine, *, keep: list[str]) -> None:
    """Remove every folder of the lake and every commit that is not in `keep`."""
    for folder in lake.iterdir():
        if folder.is_dir() and folder.name not in keep:
            shutil.rmtree(folder)
    if keep:
        with store.begin() as connection:
            connection.execute(delete(snapshots).where(snapshots.c.snapshot_id.not_in(keep)))
