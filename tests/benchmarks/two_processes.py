"""The reference features with one process and with two, from the same unsorted files: what a second one brings.

`python tests/benchmarks/two_processes.py [ROWS] [ROUNDS]`. One process means one thread in DuckDB, too; two
means two. They take turns; each figure is the least time on the clock of the rounds, and the ratio is
only worth something on a machine with two idle cores: `floor` is the same arithmetic without memory
or disk, done once and done twice at the same time, which tells what two processes can bring here.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import kernel_run
from measured import Cost, rounded
from shop_log import write_log

ROWS, ROUNDS, LIMIT = 20_000_000, 2, 1.6


def main(rows: int, rounds: int) -> dict[str, Any]:
    """Let one and two processes take turns."""
    with tempfile.TemporaryDirectory(prefix="tenure-") as name:
        folder, best = Path(name), dict[int, Cost]()
        write_log(rows, folder / "log")
        for _ in range(rounds):
            for processes in (1, 2):
                cost = kernel_run.cost_of_whole(folder, processes)
                if processes not in best or cost.wall < best[processes].wall:
                    best[processes] = cost
    return {
        "rows": rows,
        "one": best[1],
        "two": best[2],
        "times_faster": best[1].wall / best[2].wall,
        "floor": _floor(),
        "limit": LIMIT,
    }


def _floor() -> float:
    """How many times faster two processes count to a number twice than one does."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_count, (1_000, 1_000)))
        started = time.perf_counter()
        pool.submit(_count, 30_000_000).result()
        pool.submit(_count, 30_000_000).result()
        one, again = time.perf_counter() - started, time.perf_counter()
        list(pool.map(_count, (30_000_000, 30_000_000)))
        return one / (time.perf_counter() - again)


def _count(most: int) -> int:
    return sum(number & 1 for number in range(most))


if __name__ == "__main__":
    print(json.dumps(rounded(main(*map(int, sys.argv[1:] or (ROWS, ROUNDS)))), indent=2))
