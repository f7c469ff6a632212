"""Folders of tests in memory, where there is enough: nobody cuts the power, and a disk makes every commit wait."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PLACE = Path("/dev/shm")
FREE_BYTES, LEFT_BYTES = 8 * 2**30, 12 * 2**30
"""What must be free in the place, and in the machine's memory, for all tests have some gigabytes of files."""


def work_in_memory() -> None:
    """Let tests, and the programs they start, make their folders in memory, unless `TMPDIR` names a place."""
    if "TMPDIR" not in os.environ and _is_roomy(PLACE):
        os.environ["TMPDIR"] = str(PLACE)
        tempfile.tempdir = None  # so that it is asked for again


def _is_roomy(place: Path) -> bool:
    """Whether a place in memory takes all that tests write, programs among it."""
    if not (hasattr(os, "statvfs") and place.is_dir() and os.access(place, os.W_OK)):
        return False
    about = os.statvfs(place)
    return (
        not about.f_flag & os.ST_NOEXEC
        and about.f_bavail * about.f_frsize >= FREE_BYTES
        and _memory_left() >= LEFT_BYTES
    )


def _memory_left() -> int:
    """Bytes of memory that programs could still take, 0 where Linux does not tell."""
    told = Path("/proc/meminfo")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)
