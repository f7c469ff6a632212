"""The kernel as it ships: partition and sort with DuckDB, then every bucket described in its process.

`sort` starts from the unsorted files and leaves the sorted lake; it is the part of an import that
any engine needs, without the checks of one. `describe` starts from there and ends with a feature
table in Parquet, a file a bucket. The import with all its checks is measured by `full`.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import reference
from measured import Cost, answer, cost_of, rounded
from shop_log import CUTOFFS, FIRST, log_files

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.bucket import Recipe
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.family import Family, compute_columns
from tenure.pipelines.lake.buckets import bucket_count, empty_rows, write_buckets
from tenure.pipelines.settings.features import Features
from tenure.pipelines.sources.columns import FOREVER
from tenure.pipelines.sources.engine import open_engine
from tenure.pipelines.sources.quoting import literals

CHOSEN = {"reference": Family("reference", reference.compute)}
LAKE = ("channel", "case_id", "agent_id", "team_id")
"""What a log holds beside the columns that the reference features read."""
ROWS = f"""(select interaction_id::varchar as interaction_id, customer_id, 'log' as source, null::varchar as content,
    occurred_at, occurred_at as known_at, {FOREVER} as superseded_at, kind, amount, wait_seconds, rating{{more}}
    from read_parquet({{files}}))"""


def sort(files: list[str], lake: str, every: bool = False, threads: int | None = None) -> dict[str, object]:
    """Partition the rows into buckets of whole customers and sort each of them.

    As the contenders do, it reads the columns of the features, and the id beside them; or `every` one.
    """
    more = "".join(f", {name}" for name in LAKE) if every else ""
    folder, rows = Path(lake), ROWS.format(files=literals([Path(f) for f in files]), more=more)
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    count = sum(pq.read_metadata(file).num_rows for file in files)
    buckets = bucket_count(count)
    with open_engine(scratch, folders=[folder, Path(files[0]).parent], threads=threads) as engine:
        engine.execute(f"""create table customers as
            select customer_id, (md5_number_lower(customer_id) % {buckets})::integer as bucket
            from (select distinct customer_id from {rows})""")
        for into, sql in (("interactions", rows), ("profiles", empty_rows("profiles"))):
            write_buckets(
                engine, into, sql, folder=folder, scratch=scratch, buckets=buckets, progress=lambda _message: None
            )
    shutil.rmtree(scratch)
    return {"buckets": buckets}


def describe(lake: str, cutoffs: list[str], out: str, processes: int = 1) -> dict[str, object]:
    """The reference features of all customers at all cut-offs, from the sorted lake."""
    folder = Path(lake)
    recipe = _recipe(folder)
    buckets = len(list(folder.glob("interactions-*.parquet")))
    dates = [dt.date.fromisoformat(day) for day in cutoffs]
    if processes == 1:
        written = [_bucket(recipe, bucket, dates, out) for bucket in range(buckets)]
    else:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            work = [pool.submit(_bucket, recipe, bucket, dates, out) for bucket in range(buckets)]
            written = [future.result() for future in work]
    return {"rows": sum(rows for rows, _ in written), "columns": written[0][1]}


def whole(files: list[str], lake: str, cutoffs: list[str], out: str, processes: int = 1) -> dict[str, object]:
    """Both, from unsorted files to a feature table; what DuckDB sorts it sorts with as many threads as processes."""
    return sort(files, lake, threads=processes) | describe(lake, cutoffs, out, processes)


def cost_of_whole(folder: Path, processes: int = 1) -> Cost:
    """What both cost for the log in `folder`; nothing is left there but the log."""
    out, lake, cutoffs = folder / "out", folder / "lake", [str(day) for day in CUTOFFS]
    out.mkdir()
    asked = {"files": log_files(folder / "log"), "lake": lake, "cutoffs": cutoffs, "out": out, "processes": processes}
    found = cost_of(Path(__file__), "whole", **asked)
    print(json.dumps({f"{processes} at a time": rounded(found)}), file=sys.stderr)
    for made in (out, lake):
        shutil.rmtree(made)
    return found


def _recipe(folder: Path) -> Recipe:
    calendar = calendar_of("UTC")
    settings = Features(families=())
    return Recipe(
        folder=folder,
        root=folder,
        zone="UTC",
        unit="customer",
        settings=settings,
        context=Context(settings, 28),
        fitted=Fitted(frozenset()),
        observed_from=calendar.midnight(FIRST),
    )


def _bucket(recipe: Recipe, bucket: int, dates: list[dt.date], out: str) -> tuple[int, int]:
    history, parts = recipe.read(bucket).expecting(dates), []
    names = pa.array(history.customer_ids)
    for as_of in dates:
        everyone = history.as_of(as_of)
        units = np.flatnonzero(everyone.any.seen)
        columns = compute_columns(history.as_of(as_of, units), recipe.context, recipe.fitted, CHOSEN)
        keys = {"customer_id": names.take(pa.array(units)), "as_of": pa.repeat(pa.scalar(as_of), len(units))}
        parts.append(pa.table(keys | {column.name: column.values for column in columns}))
    table, file = pa.concat_tables(parts), Path(out) / f"{bucket:05d}.parquet"
    pq.write_table(table, file, compression="lz4", use_dictionary=["customer_id", "as_of"])
    return len(table), len(columns)


if __name__ == "__main__":
    answer({"whole": whole})
