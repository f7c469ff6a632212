"""The 64 reference features against plain pandas and against a bare NumPy floor, in the same run.

`python tests/benchmarks/against_peers.py [ROWS] [ROUNDS]`. All start from the same Parquet files in
the order of time and end with the same table in Parquet, written alike: pandas and NumPy in memory,
the kernel by way of the sorted lake. They take turns; each figure is the least CPU of the rounds. The
tables are compared value by value.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import kernel_run
import numpy_floor
import plain_pandas
import pyarrow.compute as pc
import pyarrow.parquet as pq
from measured import Cost, answer, cost_of, rounded
from shop_log import CUTOFFS, log_files, write_log

ROWS, ROUNDS = 2_000_000, 3
WORKS = {"pandas": plain_pandas.run, "floor": numpy_floor.run, "kernel": kernel_run.whole}
LIMITS = {"of_pandas": 0.5, "of_floor": 2.0, "gib": 4.0}


def main(rows: int, rounds: int) -> dict[str, object]:
    """Let the contenders take turns, and compare what they say."""
    with tempfile.TemporaryDirectory(prefix="tenure-") as name:
        folder = Path(name)
        write_log(rows, folder / "log")
        best: dict[str, Cost] = {}
        for number in range(rounds):
            for work in WORKS:
                cost = _turn(work, folder, fresh=number == 0)
                if work not in best or cost.cpu < best[work].cpu:
                    best[work] = cost
        different = [_compare(folder, work) for work in ("pandas", "floor")]
    return {
        "rows": rows,
        "rounds": rounds,
        "costs": best,
        "largest_difference": {"pandas": different[0], "floor": different[1]},
        "of_pandas": best["kernel"].cpu / best["pandas"].cpu,
        "of_floor": best["kernel"].cpu / best["floor"].cpu,
        "gib": best["kernel"].gib,
        "limits": LIMITS,
    }


def _turn(work: str, folder: Path, *, fresh: bool) -> Cost:
    out = folder / work if fresh else folder / "again"
    out.mkdir()
    extra = {"lake": folder / "lake"} if work == "kernel" else {}
    found = cost_of(
        Path(__file__), work, files=log_files(folder / "log"), cutoffs=[str(d) for d in CUTOFFS], out=out, **extra
    )
    print(json.dumps({work: rounded(found)}), file=sys.stderr)
    shutil.rmtree(folder / "lake", ignore_errors=True)
    shutil.rmtree(folder / "again", ignore_errors=True)
    return found


def _compare(folder: Path, work: str) -> float:
    """The largest difference of any value from the kernel's, relative where values are above 1; missing equals missing."""
    worst, kernel = 0.0, pq.read_table(sorted((folder / "kernel").glob("*.parquet")))
    for day in CUTOFFS:
        ours = kernel.filter(pc.equal(kernel["as_of"], day)).drop_columns(["as_of"]).to_pandas()
        theirs = pq.read_table(folder / work / f"{day}.parquet").to_pandas()
        ours, theirs = (
            t.assign(customer_id=t["customer_id"].astype(str)).set_index("customer_id") for t in (ours, theirs)
        )
        if set(ours) != set(theirs) or len(ours) != len(theirs):
            raise ValueError(f"{work} at {day}: {theirs.shape} is not the table of the kernel, {ours.shape}")
        theirs = theirs.reindex(index=ours.index, columns=ours.columns).astype(float)
        if not (ours.isna() == theirs.isna()).all(axis=None):
            raise ValueError(
                f"{work} at {day}: missing in other places: {(ours.isna() != theirs.isna()).sum().nlargest(3)}"
            )
        worst = max(worst, float(((ours - theirs).abs() / ours.abs().clip(lower=1)).max(axis=None)))
    return worst


if __name__ == "__main__" and not answer(WORKS):
    print(json.dumps(rounded(main(*map(int, sys.argv[1:] or (ROWS, ROUNDS)))), indent=2))
