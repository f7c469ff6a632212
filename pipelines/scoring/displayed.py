"""What the desk calls a customer: name, plan, segment, value and renewal date, from the profiles of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.snapshot import Snapshot

COLUMNS = ["customer_id", "name", "value", "occurred_at", "known_at"]


def displayed(snapshot: Snapshot, customers: Iterable[str], names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The newest value of every profile in `names`, called by what it is shown as, by customer.

    It is for people's eyes alone: what is shown is what is known today, whatever date the scores are of.
    """
    wanted: dict[int, list[str]] = {}
    for customer in customers:
        wanted.setdefault(bucket_of(customer, snapshot.buckets), []).append(customer)
    found: dict[str, dict[str, str]] = {}
    for bucket, held in wanted.items():
        for customer, name, value in _newest_last(snapshot.profiles(bucket), held, list(names)):
            found.setdefault(customer, {})[names[name]] = value
    return found


def _newest_last(file: Path, customers: list[str], names: list[str]) -> Iterable[tuple[str, str, str]]:
    if not file.is_file():
        return ()
    rows = pq.read_table(file, columns=COLUMNS, filters=[("name", "in", names)])
    mine = pc.is_in(rows["customer_id"].cast(pa.string()), value_set=pa.array(customers, pa.string()))
    rows = rows.filter(pc.and_(mine, pc.is_valid(rows["value"])))
    rows = rows.sort_by([("occurred_at", "ascending"), ("known_at", "ascending")])
    return zip(*(rows[name].to_pylist() for name in COLUMNS[:3]), strict=True)
