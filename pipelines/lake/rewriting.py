"""Writing files of a committed snapshot anew without some rows, in their places: the one exception to immutability.

A reader that has the old file open reads it to its end; whoever opens it afterwards gets the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.lake.buckets import in_words_of

Stays = Callable[[pa.Table], pa.Array]
"""Says of each row of a table whether it stays."""


def rewrite(file: Path, stays: Stays, *, watch: Callable[[pa.Table], None] | None = None) -> int:
    """Write a Parquet file anew, group by group, without the rows that do not stay; how many went.

    A file from which nothing goes is left as it is. `watch` is shown what goes.
    """

    def without(table: pa.Table) -> tuple[pa.Table, int]:
        keep = stays(table)
        left = table.filter(keep)
        gone = len(table) - len(left)
        if watch is not None and gone:
            watch(table.filter(pc.invert(keep)))
        return left, gone

    return _anew(file, without)


def empty(file: Path, column: str, stays: Stays) -> int:
    """Write a Parquet file anew with nothing in a text column where it does not stay; from how many rows it went."""

    def emptied(table: pa.Table) -> tuple[pa.Table, int]:
        values, keep = table[column], stays(table)
        count = pc.sum(pc.and_(pc.is_valid(values), pc.invert(keep))).as_py() or 0
        left = pc.if_else(keep, values.cast(pa.string()), pa.scalar(None, pa.string())).cast(values.type)
        return table.set_column(table.schema.get_field_index(column), table.field(column), left), int(count)

    return _anew(file, emptied)


def _anew(file: Path, change: Callable[[pa.Table], tuple[pa.Table, int]]) -> int:
    """Write a file anew, group by group; `change` gives what is left of a group, and how many rows were changed."""
    if not file.is_file():
        return 0
    fresh, changed = file.with_name(f".{file.name}.part"), 0
    with pq.ParquetFile(file) as held:
        schema = held.schema_arrow
        options = in_words_of(schema)
        with pq.ParquetWriter(fresh, schema, compression="zstd", store_schema=False, **options) as writer:
            for number in range(held.num_row_groups):
                left, count = change(held.read_row_group(number))
                changed += count
                if len(left):
                    writer.write_table(left)
    if changed:
        fresh.replace(file)
    else:
        fresh.unlink()
    return changed


def column_without(column: str, names: list[str]) -> Stays:
    """Rows stay whose value of a column is none of some names."""
    wanted = pa.array(names, pa.string())

    def stays(table: pa.Table) -> pa.Array:
        return pc.invert(pc.is_in(table[column].cast(pa.string()), value_set=wanted))

    return stays
