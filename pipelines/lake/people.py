"""Who lies in a bucket, and a print of each customer's rows: unequal where any of them differs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tenure.pipelines.lake.buckets import LAKE_COLUMNS
from tenure.pipelines.sources.quoting import literal

WHOLE = "18446744073709551616"


@dataclass(frozen=True)
class People:
    """The customers of a bucket, sorted by id.

    `rows` counts their interactions. `prints` are 64-bit hashes of id, interactions and profiles; the
    order of rows does not matter. Customers that `share` a contract id with another of the bucket are
    described from each other's rows, and have a print of them all.
    """

    ids: NDArray[np.object_]
    rows: NDArray[np.int64]
    prints: NDArray[np.uint64]
    share: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


def people_file(folder: Path, bucket: int) -> Path:
    """The file of a bucket's people in a snapshot."""
    return folder / f"people-{bucket:05d}.parquet"


def write_people(engine: duckdb.DuckDBPyConnection, folder: Path, bucket: int) -> None:
    """Write who lies in a bucket, from its files of interactions and profiles."""
    rows, facts = (f"read_parquet({literal(folder / f'{name}-{bucket:05d}.parquet')})" for name in LAKE_COLUMNS)
    engine.execute(f"""copy (
        with seen as ({_printed(rows, "interactions")}),
        told as ({_printed(facts, "profiles")}),
        held as (
            select contract_id, customer_id from {rows} where contract_id is not null
            union select contract_id, customer_id from {facts} where contract_id is not null),
        shared as (
            select distinct customer_id, true as share from held
            where contract_id in (select contract_id from held group by 1 having count(*) > 1)),
        single as (
            select customer_id, coalesce(seen.rows, 0) as rows, coalesce(share, false) as share,
                   hash(customer_id, seen.rows, seen.print, told.rows, told.print) as print
            from seen full join told using (customer_id) left join shared using (customer_id)),
        together as (select (sum(print) % {WHOLE})::ubigint as every from single where share)
        select customer_id, rows::bigint as rows, share,
               case when share then hash(customer_id, every) else print end as print
        from single, together order by customer_id
    ) to {literal(people_file(folder, bucket))} (format parquet, compression zstd)""")


def read_people(folder: Path, bucket: int) -> People:
    """Read who lies in a bucket."""
    table = pq.read_table(people_file(folder, bucket))
    columns = {name: table[name].to_numpy() for name in ("rows", "print", "share")}
    ids = np.array(table["customer_id"].to_pylist(), dtype=object)
    return People(ids, columns["rows"], columns["print"], columns["share"].astype(bool))


def _printed(rows: str, into: str) -> str:
    columns = ", ".join(LAKE_COLUMNS[into])
    printed = f"(sum(hash({columns})) % {WHOLE})::ubigint"  # a sum has no order, and counts equal rows
    return f"select customer_id, count(*) as rows, {printed} as print from {rows} group by 1"
