"""How fast an export is imported and how much memory it takes, against only decoding its JSON.

`python tests/benchmarks/importing.py [CUSTOMERS]` invents Zendesk exports of two sizes, imports each in a process of
its own and prints JSON: megabytes and records a second, peak memory, and the ratios.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import desk

from tenure.pipelines.importers.documents import find_exports, read_documents
from tenure.pipelines.importers.run import import_export
from tenure.pipelines.importers.zendesk.export import TOOL as ZENDESK

CUSTOMERS = 4_000
LARGER = 4


def invent(folder: Path, customers: int) -> int:
    """Write an export; the answer is its size in bytes."""
    export = desk.zendesk(folder, desk.desk(customers, days=700))
    return sum(p.stat().st_size for p in export.iterdir())


def decode(folder: Path) -> dict[str, Any]:
    """Only decode every record."""
    started = time.process_time()
    records = sum(1 for file in find_exports(folder) for _ in read_documents(file, collections=ZENDESK.collections))
    return {"records": records, "cpu_seconds": time.process_time() - started}


def bring(folder: Path) -> dict[str, Any]:
    """Import the export."""
    started, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as out:
        report = import_export(folder, ZENDESK, out=Path(out), name="zendesk")
    return {
        "records": report.records,
        "interactions": sum(report.kinds.values()),
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measured(what: str, folder: Path) -> dict[str, Any]:
    """Run one of the above in a process of its own."""
    ran = subprocess.run([sys.executable, __file__, what, str(folder)], capture_output=True, text=True, check=True)
    return dict(json.loads(ran.stdout))


def main(customers: int) -> None:
    """Measure two sizes and print what was found."""
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, count in (("one", customers), ("larger", LARGER * customers)):
            folder = Path(scratch) / name
            size = invent(folder, count)
            found.append(
                {"megabytes": size / 1e6, "decode": measured("decode", folder), "import": measured("bring", folder)}
            )
    small, large = found
    seconds = [f["import"]["cpu_seconds"] for f in found]
    print(
        json.dumps(
            {
                "sizes": found,
                "megabytes_a_second": large["megabytes"] / large["import"]["seconds"],
                "import_over_decode": seconds[1] / large["decode"]["cpu_seconds"],
                "time_growth_over_linear": seconds[1] / seconds[0] / (large["megabytes"] / small["megabytes"]),
                "memory_growth": large["import"]["peak_mib"] / small["import"]["peak_mib"],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["decode", folder]:
            print(json.dumps(decode(Path(folder))))
        case ["bring", folder]:
            print(json.dumps(bring(Path(folder))))
        case _:
            main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
