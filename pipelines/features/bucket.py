"""One bucket of the lake, described at several dates: the piece of work a process is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tenure.pipelines.calendar import calendar_of
from tenure.pipelines.features.column import Context, Fitted
from tenure.pipelines.features.family import families
from tenure.pipelines.history.arrow import read_history
from tenure.pipelines.history.history import History
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
        wanted = {column for family in families(self.settings, self.root).values() for column in family.columns}
        interactions = pq.read_table(
            self.folder / f"interactions-{bucket:05d}.parquet",
            columns=COLUMNS + sorted(wanted - set(COLUMNS)),
            read_dictionary=WORDS,
        )
        profiles = pq.read_table(self.folder / f"profiles-{bucket:05d}.parquet")
        if customers is not None:
            people = read_people(self.folder, bucket)
            chosen = np.fromiter((name in customers for name in people.ids), dtype=bool, count=len(people))
            interactions = interactions.filter(pa.array(np.repeat(chosen, people.rows)))  # sorted by customer, as they
            profiles = profiles.filter(
                pc.is_in(profiles["customer_id"], value_set=pa.array(people.ids[chosen], pa.string()))
            )
        return read_history(
            interactions,
            profiles,
            calendar=calendar_of(self.zone),
            observed_from=self.observed_from,
            unit=self.unit,
            numeric_profiles=frozenset(n for n, sort in self.context.profiles.items() if sort == "number"),
            gaps=self.gaps,
            text=self.context.text if "text" in wanted else None,
            texts=read_texts(self.folder, bucket) if "text" in wanted else None,
        )


def observed_from(first: dt.datetime | None) -> int:
    """The instant at which the data begin, in milliseconds since 1970 UTC."""
    return 0 if first is None else int(first.timestamp() * 1000)
