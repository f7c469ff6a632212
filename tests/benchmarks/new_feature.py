"""A new feature on 300,000 customers, from its file to a paired back-test: the seconds that takes.

Run it with `python tests/benchmarks/new_feature.py [--rows 12000000] [--sample 0.1] [--folder DIR]`. It
invents a shop (see `shop_log.py`), asks for 28 days without a purchase, back-tests it once on the
development origins (the cold run, after which the columns of Tenure's own families are cached), then
writes a feature file and tries it: `warm` is what a data scientist waits for. `nothing_cached` is the
same with an emptied cache. Every figure is the wall time of the command as a program of its own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from shop_log import write_log

PROJECT = """
[project]
name = "shop"
clock = "data"

[[source]]
name = "log"
files = "log/log-*.parquet"
complete_until = 2025-01-01
select = "select * from source"

[[source]]
name = "customers"
into = "profiles"
files = "log/customers.parquet"
timeless = true
select = "select customer_id, 'industry' as name, industry as value from source"

[profile.industry]
role = "feature"

[outcome.silence]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 28
eligible = { active_days = 91 }

[backtest]
train_every_days = 28
train_cutoffs = 12
"""

FEATURE = '''
"""evenings: how much of what a customer buys is small change."""

from tenure.pipelines.features.column import Column


def compute(view, context, fitted):
    bought = view.kind("purchase")
    yield Column("evenings_mean_amount_91d", bought.mean("amount", 91), "mean amount of a purchase", "money")
    yield Column("evenings_weekend_count_91d", bought.weekday_count(5, 91), "purchases on Saturdays", "habits")
'''


def seconds(*words: str) -> tuple[float, Any]:
    """Run a command of Tenure; its wall time, and what it printed as JSON."""
    started = time.perf_counter()
    run = "from tenure.serving.cli.main import run; run()"
    ran = subprocess.run([sys.executable, "-c", run, *words, "--json"], check=True, stdout=subprocess.PIPE)
    return time.perf_counter() - started, json.loads(ran.stdout)


def measure(folder: Path, rows: int, sample: float) -> dict[str, Any]:
    """The seconds of every step in a project folder."""
    if not (folder / "log").is_dir():
        write_log(rows, folder / "log")
    (folder / "tenure.toml").write_text(PROJECT)
    (folder / "features").mkdir(exist_ok=True)
    (folder / "features" / "evenings.py").write_text(FEATURE)
    config, share, cache = str(folder / "tenure.toml"), str(sample), folder / ".tenure" / "cache"
    imported, _ = seconds("check", config)
    shutil.rmtree(cache, ignore_errors=True)
    cold, _ = seconds("backtest", config, "--development", "--sample", share, "--out", str(folder / "backtest"))
    warm, found = seconds("feature", "try", "evenings", config, "--sample", share)
    again, _ = seconds("feature", "try", "evenings", config, "--sample", share)
    size = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
    shutil.rmtree(cache)
    nothing, same = seconds("feature", "try", "evenings", config, "--sample", share)
    return {
        "rows": rows,
        "sample": sample,
        "examples": found["examples"],
        "import_and_check": imported,
        "backtest_cold": cold,
        "warm": warm,
        "everything_cached": again,
        "nothing_cached": nothing,
        "ratio_warm_to_nothing_cached": warm / nothing,
        "cache_megabytes": size / 1e6,
        "same": found["differences"] == same["differences"],
        "difference": found["differences"]["risk"]["roc_auc"],
    }


def main() -> None:
    """Print the figures as JSON."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rows", type=int, default=12_000_000)
    asked.add_argument("--sample", type=float, default=0.1)
    asked.add_argument("--folder", type=Path, help="Keep the project here; a log that lies there is used again.")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        found = measure(folder.resolve(), given.rows, given.sample)
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in found.items()}))


if __name__ == "__main__":
    main()
