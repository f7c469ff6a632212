"""All built-in families together against the reference features, from one sorted lake.

`python tests/benchmarks/all_families.py [ROWS]`. The lake is imported with all checks (its cost is
given too). The reference is `describe` of the kernel benchmark: no labels, nothing learnt. The
families go the whole way of an example table: *beforehand* one looks which columns are earned and
what the families learn and gather of others, then everybody is *described*, with labels, a file for
each bucket. Two ratios are told besides: of describing alone, and of the whole way from unsorted
files, as `against_peers.py` measures the reference features (the same sort, for the families with
every column of the log). The signals of texts are not in it: they are made at import. The cache is
off: the families are computed, not remembered.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import example_table
import kernel_run
from measured import answer, cost_of, rounded
from shop_log import CUTOFFS, log_files, write_log

from tenure.pipelines.features.family import BUILT_IN

ROWS, LIMIT = 2_000_000, 4.0
PROJECT = f"""
[project]
name = "shop"
clock = "data"
cache_gigabytes = 0
[[source]]
name = "log"
files = "log/log-*.parquet"
complete_until = 2025-01-01
[[source]]
name = "customers"
into = "profiles"
timeless = true
files = "log/customers.parquet"
select = "select customer_id, 'industry' as name, industry as value from source"
[profile]
industry = {{ type = "category", role = "peer_group" }}
[features]
families = {json.dumps(BUILT_IN)}
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 28
eligible = {{ ever = true }}
"""


def main(rows: int) -> dict[str, Any]:
    """Import once, then describe twice; sort twice besides."""
    with tempfile.TemporaryDirectory(prefix="tenure-") as name:
        folder = Path(name)
        write_log(rows, folder / "log")
        (folder / "tenure.toml").write_text(PROJECT)
        script, cutoffs = Path(__file__), [str(day) for day in CUTOFFS]
        imported = cost_of(script, "import", root=folder)
        (folder / "reference").mkdir()
        lake, files = imported.said["lake"], log_files(folder / "log")
        reference = cost_of(script, "reference", lake=lake, cutoffs=cutoffs, out=folder / "reference")
        families = cost_of(script, "families", root=folder, cutoffs=cutoffs, out=folder / "families")
        sorted_few = cost_of(script, "sort", files=files, lake=folder / "few", threads=1)
        sorted_all = cost_of(script, "sort", files=files, lake=folder / "all", every=True, threads=1)
    return {
        "rows": rows,
        "import_with_all_checks": imported,
        "reference": reference,
        "families": families,
        "sort_for_the_reference": sorted_few,
        "sort_for_the_families": sorted_all,
        "ratio": families.cpu / reference.cpu,
        "ratio_of_describing_alone": families.said["described_cpu"] / reference.cpu,
        "ratio_from_unsorted_files": (sorted_all.cpu + families.cpu) / (sorted_few.cpu + reference.cpu),
        "limit": LIMIT,
    }


WORKS = {
    "import": example_table.load,
    "sort": kernel_run.sort,
    "reference": kernel_run.describe,
    "families": example_table.describe,
}

if __name__ == "__main__" and not answer(WORKS):
    print(json.dumps(rounded(main(*map(int, sys.argv[1:] or (ROWS,)))), indent=2))
