"""The order of the lake, put on rows in memory: by customer and time, ties by id, time of knowing and source."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

TIES = ("interaction_id", "known_at", "source")
"""What orders rows of one customer and instant."""

Ints = NDArray[np.int64]


def in_order(table: pa.Table) -> pa.Table:
    """The interactions of a table in the order of the lake, as SQL would put them; ids are compared for ties only."""
    customer, time = _ranks(table["customer_id"]), _whole(table["occurred_at"])
    order = _by_two(customer, time)
    same = (customer[order][1:] == customer[order][:-1]) & (time[order][1:] == time[order][:-1])
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if len(order) else order
    if len(tied):
        order[tied] = order[tied][_among_ties(table.take(pa.array(order[tied])), tied, same)]
    return table.combine_chunks().take(pa.array(order))


def _by_two(first: Ints, second: Ints) -> Ints:
    """The order by two columns: by one number made of both, where they fit into it."""
    if not len(first):
        return np.empty(0, dtype=np.int64)
    low, high = int(second.min()), int(second.max())
    if (int(first.max()) + 1) * (high - low + 1) >= 2**63:
        return np.lexsort((second, first))
    return np.argsort(first * (high - low + 1) + (second - low))


def _among_ties(rows: pa.Table, tied: Ints, same: NDArray[np.bool_]) -> Ints:
    """The order within the groups of ties; `rows` are the tied ones, group after group."""
    begins = np.insert(~same, 0, True)[tied]
    keys = {"group": pa.array(np.cumsum(begins))} | {name: rows[name] for name in TIES if name in rows.column_names}
    return pc.sort_indices(pa.table(keys), [(name, "ascending") for name in keys]).to_numpy()


def _ranks(texts: pa.ChunkedArray) -> Ints:
    """Numbers in the order of the texts."""
    encoded = texts.combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[encoded.indices.to_numpy()]


def _whole(times: pa.ChunkedArray) -> Ints:
    return pc.cast(times, pa.int64()).to_numpy()
