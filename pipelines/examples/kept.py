"""Whole answers kept in the cache: of a snapshot, or of one bucket as it is."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Collection, Mapping
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tenure.pipelines.cache.block import Block
from tenure.pipelines.cache.source import code_digest
from tenure.pipelines.cache.store import Place, Store
from tenure.pipelines.examples.keys import digest
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.features.sums import GroupSums
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.settings.project import Project

Sums = Mapping[str, GroupSums]


def remembered_fit(
    store: Store | None,
    snapshot_id: str,
    project: Project,
    dates: Collection[dt.date],
    categories: Collection[str],
    fit: Callable[[], dict[dt.date, Fitted]],
) -> dict[dt.date, Fitted]:
    """What is fitted at some dates on a snapshot, which never changes."""
    if store is None:
        return fit()
    code = code_digest("tenure.pipelines.features.fitting")
    settings = project.features.model_dump(mode="json", exclude={"families", "modules"})
    days = sorted(dates)
    key = digest(code, snapshot_id, settings, project.timezone, sorted(categories), days)
    held = store.get(Place("fitted", key))
    if held is not None:
        return {day: Fitted(frozenset(keys)) for day, keys in zip(days, held.about["keys"], strict=True)}
    found = fit()
    store.put(Place("fitted", key), Block(about={"keys": [sorted(found[day].keys) for day in days]}))
    return found


def people_digest(folder: Path, bucket: int) -> str:
    """The digest of a bucket as it is: of everybody in it with all their rows."""
    return blake2b(read_people(folder, bucket).prints.tobytes(), digest_size=16).hexdigest()


def remembered_sums(store: Store | None, place: Place, gather: Callable[[], Sums]) -> Sums:
    """The sums that a family gathers in a bucket."""
    held = store.get(place) if store else None
    if held is not None:
        return {name: GroupSums.from_json(found) for name, found in held.about["sums"].items()}
    found = gather()
    if store is not None:
        store.put(place, Block(about={"sums": {name: sums.to_json() for name, sums in found.items()}}))
    return found


def remembered_rows(store: Store | None, place: Place, observe: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The rows that a family observes in a bucket."""
    held = store.get(place) if store else None
    if held is not None:
        with pa.ipc.open_stream(held.arrays["rows"].tobytes()) as reader:
            return reader.read_pandas()
    found = observe()
    if store is not None:
        table, sink = pa.Table.from_pandas(found, preserve_index=False), io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        store.put(place, Block({"rows": np.frombuffer(sink.getvalue(), dtype=np.uint8)}))
    return found
