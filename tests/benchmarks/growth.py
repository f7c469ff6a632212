"""The reference features from 2 to 20 to 100 million interactions: how the cost grows, and the memory.

`python tests/benchmarks/growth.py [ROWS ...]`. From unsorted files to a feature table at twelve cut-offs, in one
process (`kernel_run.whole`). `growth` is the CPU a row costs at a size over what it costs at the size
before: 1 is linear. The log is written before the clock starts.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import kernel_run
from measured import rounded
from shop_log import write_log

SIZES = (2_000_000, 20_000_000, 100_000_000)
LIMITS = {"growth": 1.15, "gib": 4.0}


def main(sizes: list[int]) -> dict[str, Any]:
    """Measure every size."""
    found = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory(prefix="tenure-") as name:
            folder = Path(name)
            write_log(rows, folder / "log")
            found[rows] = kernel_run.cost_of_whole(folder)
    growth = {f"{few} to {many}": (found[many].cpu / many) / (found[few].cpu / few) for few, many in pairwise(sizes)}
    return {"costs": found, "growth": growth, "limits": LIMITS}


if __name__ == "__main__":
    print(json.dumps(rounded(main([int(word) for word in sys.argv[1:]] or list(SIZES))), indent=2))
