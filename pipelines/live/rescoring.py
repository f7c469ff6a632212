"""Scoring some customers again: their rows in the lake, what was delivered since, and the model of the served set."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tenure.pipelines.examples.task import Task
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.features.bucket import Recipe
from tenure.pipelines.features.sums import Tables
from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.lake.people import read_people
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.merging import Event, with_events
from tenure.pipelines.scoring.model import PROBABILITY, ScoringModel

COLUMNS = ["unit_id", "customer_id", "status", *PROBABILITY, "reasons", "facts"]


@dataclass(frozen=True)
class Held:
    """The rows and profiles of some customers as the lake has them, and the work of describing them."""

    task: Task
    customers: tuple[str, ...]
    rows: pa.Table
    profiles: pa.Table


def rescore(
    model: ScoringModel,
    snapshot: Snapshot,
    customers: Collection[str],
    events: Sequence[Event],
    *,
    as_of: dt.date,
    tables: Tables,
    explain: int | None = None,
) -> pd.DataFrame:
    """Score customers as of a midnight from the lake and from `events`: `COLUMNS`, a row a unit.

    The same kernel and model as in the batch. `tables` are the context tables of the served set. With `explain` only
    so many get reasons.
    """
    held = hold(model, snapshot, customers, as_of=as_of, tables=tables)
    return rescore_held(model, held, events, explain=explain)


def hold(
    model: ScoringModel, snapshot: Snapshot, customers: Collection[str], *, as_of: dt.date, tables: Tables
) -> Held:
    """Read what the lake has of customers, which costs as much as scoring them, to score them more than once."""
    task = replace(model.task(as_of, lake=snapshot.folder), tables={as_of: tables})
    return Held(task, tuple(customers), *_rows(task.recipe, snapshot, customers))


def rescore_held(
    model: ScoringModel, held: Held, events: Sequence[Event], *, explain: int | None = None
) -> pd.DataFrame:
    """`rescore` of customers whose rows were read already."""
    history = held.task.recipe.history(with_events(held.rows, events), held.profiles)
    scored = model.score(describe_history(held.task, history).frame, explain=explain)
    return scored.loc[scored["customer_id"].isin(held.customers), COLUMNS]


def _rows(recipe: Recipe, snapshot: Snapshot, customers: Collection[str]) -> tuple[pa.Table, pa.Table]:
    """The rows and profiles of some customers, and of those with whom they share contracts, in the lake's order."""
    by_bucket: dict[int, set[str]] = defaultdict(set)
    for customer in customers:
        by_bucket[bucket_of(customer, snapshot.buckets)].add(customer)
    found = [
        recipe.tables(bucket, _with_sharers(recipe, bucket, wanted)) for bucket, wanted in sorted(by_bucket.items())
    ]
    rows, facts = (pa.concat_tables([_undictionaried(tables[n]) for tables in found]) for n in (0, 1))
    order = [("customer_id", "ascending")]  # whole customers from each bucket, sorted within
    return _stably(rows, order), _stably(facts, order)


def _with_sharers(recipe: Recipe, bucket: int, wanted: set[str]) -> set[str]:
    if recipe.unit == "customer":
        return wanted
    people = read_people(recipe.folder, bucket)
    shared = set(people.ids[people.share])
    return wanted | shared if wanted & shared else wanted


def _undictionaried(table: pa.Table) -> pa.Table:
    """Without dictionaries, which tables from different files do not share."""
    kinds = [f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    return table.cast(pa.schema(kinds))


def _stably(table: pa.Table, keys: list[tuple[str, str]]) -> pa.Table:
    numbered = table.append_column("place", pa.array(range(len(table)), pa.int64()))
    return table.take(pc.sort_indices(numbered, [*keys, ("place", "ascending")]))


def as_records(scored: pd.DataFrame) -> dict[str, Mapping[str, Any]]:
    """The rows by unit, in their order."""
    rows = scored.itertuples(index=False, name=None)
    return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}
