"""By what other tools call a customer: looked up where a ticket or a profile is known only by the tool's own id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine, delete, select

from tenure.pipelines.store.bulk import append_rows, count_values
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.desk_tables import external_ids
from tenure.pipelines.store.score_sets import held_id

ROWS_AT_ONCE = 20_000
EVERY = ""
"""The name that stands for every source."""

NAMES = ["source", "external_id", "customer_id"]


def keep_external_ids(engine: Engine, file: Path) -> None:
    """Put the ids of a snapshot in the place of those of the one before, in one transaction."""
    with alone(engine) as connection:
        connection.execute(delete(external_ids))
        for batch in pq.ParquetFile(file).iter_batches(ROWS_AT_ONCE, columns=NAMES):
            rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
            append_rows(connection, external_ids, NAMES, rows)
        count_values(connection, external_ids)


def customer_called(connection: Connection, source: str, external_id: str) -> str | None:
    """The customer whom a source calls so, None where nobody said; what is said of the source itself comes first."""
    query = (
        select(external_ids.c.customer_id)
        .where(external_ids.c.source.in_([held_id(source), EVERY]), external_ids.c.external_id == held_id(external_id))
        .order_by(external_ids.c.source.desc())
    )
    return connection.scalar(query.limit(1))


def called_by_others(connection: Connection, customers: Sequence[str]) -> dict[str, dict[str, str]]:
    """The outside ids of some customers by source, the first in order where a source has several."""
    query = (
        select(external_ids.c.customer_id, external_ids.c.source, external_ids.c.external_id)
        .where(external_ids.c.customer_id.in_(customers))
        .order_by(external_ids.c.external_id.desc())
    )
    found: dict[str, dict[str, str]] = {}
    for customer, source, name in connection.execute(query):
        found.setdefault(customer, {})[source] = name
    return found
