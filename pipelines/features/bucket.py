"""One bucket of the lake, described at several dates: the piece of work a process is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.family import families
from tenure.pipelines.history.arrow import read_history
from tenure.pipelines.history.history import History
from tenure.pipelines.lake.order import TIES
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.lake.texts import read_texts
from tenure.pipelines.settings.features import Features

COLUMNS = [
    "customer_id", "contract_id", "occurred_at", "known_at", "superseded_at", "due_at", "kind", "channel",
    "direction", "amount", "wait_seconds", "handle_seconds", "rating", "attributes",
]  # fmt: skip
WORDS = [
    "customer_id", "contract_id", "kind", "channel", "direction", "case_id", "agent_id", "team_id", "product_id",
    "text",
]  # fmt: skip


@dataclass(frozen=True)
class Recipe:
    """All that is needed to describe a bucket: where the data lie and what is asked of them."""

    folder: Path
    root: Path
    zone: str
    unit: str
    settings: Features
    context: Context
    fitted: Fitted
    observed_from: int
    gaps: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def read(self, bucket: int, customers: Collection[str] | None = None) -> History:
        """The history of all units of a bucket, or of those of some customers."""
        columns = self._columns()
        texts = read_texts(self.folder, bucket) if "text" in columns else None
        return self.history(*self.tables(bucket, customers, columns), texts)

    def tables(
        self, bucket: int, customers: Collection[str] | None = None, columns: Sequence[str] | None = None
    ) -> tuple[pa.Table, pa.Table]:
        """The interactions and profiles of a bucket, or of some of its customers, with the columns that are needed.

        Of some customers only the row groups in which they lie are read.
        """
        columns = columns or [*self._columns(), *TIES]
        rows = pq.ParquetFile(self.folder / f"interactions-{bucket:05d}.parquet", read_dictionary=WORDS)
        profiles = pq.read_table(self.folder / f"profiles-{bucket:05d}.parquet")
        with rows:
            if customers is None:
                return rows.read(columns=columns), profiles
            people = read_people(self.folder, bucket)
            chosen = np.fromiter((name in customers for name in people.ids), dtype=bool, count=len(people))
            names = pa.array(people.ids[chosen], pa.string())
            interactions = _some_rows(rows, np.repeat(chosen, people.rows), columns)  # sorted by customer, as they are
            return interactions, profiles.filter(pc.is_in(profiles["customer_id"], value_set=names))

    def history(self, interactions: pa.Table, profiles: pa.Table, texts: pa.Table | None = None) -> History:
        """The history that is made of rows; `texts` holds what is known of their texts."""
        return read_history(
            interactions,
            profiles,
            calendar=calendar_of(self.zone),
            observed_from=self.observed_from,
            unit=self.unit,
            numeric_profiles=frozenset(n for n, sort in self.context.profiles.items() if sort == "number"),
            gaps=self.gaps,
            text=self.context.text if "text" in interactions.column_names else None,
            texts=texts,
        )

    def _columns(self) -> list[str]:
        """The lake columns that the families need."""
        wanted = {column for family in families(self.settings, self.root).values() for column in family.columns}
        return COLUMNS + sorted(wanted - set(COLUMNS))


def _some_rows(file: pq.ParquetFile, wanted: NDArray[np.bool_], columns: Sequence[str]) -> pa.Table:
    """The wanted rows of a file, of which only the row groups that have any are read."""
    ends = np.cumsum([file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)], dtype=np.int64)
    begins = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    groups = [n for n, (begin, end) in enumerate(zip(begins, ends, strict=True)) if wanted[begin:end].any()]
    held = [wanted[begins[n] : ends[n]] for n in groups]
    mask = np.concatenate(held) if held else np.empty(0, dtype=bool)
    return file.read_row_groups(groups, columns=columns).filter(pa.array(mask))


def observed_from(first: dt.datetime | None) -> int:
    """The instant at which the data begin, in milliseconds since 1970 UTC."""
    return 0 if first is None else int(first.timestamp() * 1000)
