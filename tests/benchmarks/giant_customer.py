"""One customer with ten million rows among 50,000 ordinary ones: what that costs, and whether the others wait.

`python tests/benchmarks/giant_customer.py [ROWS OF THE GIANT]`. Two logs of the same length are imported with all
checks and described with every family at twelve cut-offs by two processes: one of ordinary customers only, one in
which all but two million rows are one customer's. Told are the ratios of their costs, the peak of memory, and how
many of the other buckets were done before the giant's was (all of them, when nobody waited).
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import all_families
import example_table
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from measured import Cost, answer, cost_of, rounded
from shop_log import CUTOFFS, log_files, write_log

OTHERS, GIANT = 2_000_000, 10_000_000
NAME = "giant"


def main(rows: int) -> dict[str, Any]:
    """Both logs, imported and described."""
    found: dict[str, Any] = {"rows_of_the_giant": rows, "rows_of_the_others": OTHERS}
    for name in ("ordinary", NAME):
        with tempfile.TemporaryDirectory(prefix="tenure-") as scratch:
            folder = Path(scratch)
            write_log(OTHERS if name == NAME else OTHERS + rows, folder / "log")
            if name == NAME:
                add_giant(rows, folder)
            (folder / "tenure.toml").write_text(all_families.PROJECT)
            imported = cost_of(Path(__file__), "import", root=folder)
            asked = {"root": folder, "out": folder / "out", "cutoffs": [str(day) for day in CUTOFFS], "processes": 2}
            described = cost_of(Path(__file__), "describe", **asked)
            found[name] = {"import": imported, "describe": described, "longest_bucket": waited(imported, described)}
    for step in ("import", "describe"):
        one, other = found[NAME][step], found["ordinary"][step]
        found[f"{step}_ratio"] = {"cpu": one.cpu / other.cpu, "wall": one.wall / other.wall}
    return found


def add_giant(rows: int, folder: Path) -> None:
    """Write a log of so many rows beside the other, all of them of one customer, with ids and cases of their own."""
    write_log(rows, folder / "more")
    for file in log_files(folder / "more"):
        table = pq.read_table(file)
        own = {
            "customer_id": pa.repeat(pa.scalar(NAME), len(table)),
            "interaction_id": pc.add(table["interaction_id"], 10**9),
            "case_id": pc.binary_join_element_wise(NAME, table["case_id"], "-"),
        }
        for name, values in own.items():
            table = table.set_column(table.schema.get_field_index(name), name, values)
        target = folder / "log" / Path(file).name.replace("log-", "log-giant-")
        pq.write_table(table, target, compression="zstd", store_schema=False)
    shutil.rmtree(folder / "more")


def waited(imported: Cost, described: Cost) -> dict[str, int]:
    """How long the longest bucket is, and how many others were done before it."""
    lake = Path(imported.said["lake"])
    rows = {
        b: pq.read_metadata(lake / f"interactions-{b:05d}.parquet").num_rows for b in range(imported.said["buckets"])
    }
    longest = max(rows, key=lambda bucket: rows[bucket])
    before = described.said["order"].split().index(str(longest))
    return {"rows": rows[longest], "others": len(rows) - 1, "done_before": before}


WORKS = {"import": example_table.load, "describe": example_table.describe}

if __name__ == "__main__" and not answer(WORKS):
    print(json.dumps(rounded(main(*map(int, sys.argv[1:] or (GIANT,)))), indent=2))
