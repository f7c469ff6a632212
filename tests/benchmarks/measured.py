"""What a piece of work costs: it runs in a process of its own, watched from outside.

CPU is user plus system time of the process and of all it started, from after its imports to its
end. Memory is the largest sum over these processes of what each had resident at one moment (shared
pages count for each), looked at every 20 milliseconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

GIB = 2**30


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of the clock, the peak of memory in GiB, and what the work itself says."""

    cpu: float
    wall: float
    gib: float
    said: dict[str, Any]


def cost_of(script: Path, work: str, *, python: str = sys.executable, **arguments: Any) -> Cost:
    """Run `work`, a function handed to `answer` in `script`, with an interpreter, and measure it."""
    child = subprocess.Popen(
        [python, str(script), "--work", work, json.dumps(arguments, default=str)],
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(child, peak), daemon=True)
    watcher.start()
    said, _ = child.communicate()
    watcher.join()
    if child.returncode:
        raise RuntimeError(f"{work} of {script.name} failed with exit status {child.returncode}")
    found = json.loads(said.splitlines()[-1])
    return Cost(found["cpu"], found["wall"], peak[0] / GIB, found["said"])


def answer(works: dict[str, Callable[..., dict[str, Any] | None]]) -> bool:
    """In a child: do what was asked for and print its cost. False where the script was called by hand."""
    if len(sys.argv) < 4 or sys.argv[1] != "--work":
        return False
    work, arguments = works[sys.argv[2]], json.loads(sys.argv[3])
    before, started = os.times(), time.perf_counter()
    said = work(**arguments) or {}
    after = os.times()
    cpu = sum(after[:4]) - sum(before[:4])
    print(json.dumps({"cpu": cpu, "wall": time.perf_counter() - started, "said": said}))
    return True


def rounded(found: Any) -> Any:
    """Costs and numbers as they are printed: three digits are more than they are worth."""
    if isinstance(found, Cost):
        return rounded(asdict(found))
    if isinstance(found, dict):
        return {key: rounded(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [rounded(value) for value in found]
    return float(f"{found:.3g}") if isinstance(found, float) and abs(found) < 1000 else found


def _watch(child: subprocess.Popen[str], peak: list[int]) -> None:
    while child.poll() is None:
        peak[0] = max(peak[0], sum(_resident(pid) for pid in family(child.pid)))
        time.sleep(0.02)


def family(pid: int) -> list[int]:
    """A process and all that descend from it, whichever of its threads started them."""
    try:
        own = [child for thread in Path(f"/proc/{pid}/task").iterdir() for child in _started(thread)]
    except OSError:
        return []
    return [pid, *(found for child in own for found in family(int(child)))]


def _started(thread: Path) -> list[str]:
    try:
        return (thread / "children").read_text().split()
    except OSError:
        return []


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0
