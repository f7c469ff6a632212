"""The task: what is asked of every bucket of a snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from tenure.pipelines.cache.store import Store
from tenure.pipelines.features.bucket import Recipe
from tenure.pipelines.features.column import Fitted
from tenure.pipelines.features.sums import Tables
from tenure.pipelines.settings.outcome import AnyOutcome


@dataclass(frozen=True)
class Task:
    """A bucket to be described at `cutoffs`, with labels in the knowledge of each of `knowledge`.

    `mature_by` is the watermark: later labels do not exist. With `everybody` units that are not
    eligible come too, with their status and without features. `learnt` is what was fitted in the
    knowledge of each date: columns of families that learn are made once for each of them, at the
    cut-offs until then; without it they are made from the recipe's own. `tables` are the context
    tables of the cut-offs. Only the customers of the `sample` are described (learning and tables take
    everybody). From the `objectors` nobody learns, and they are no examples. What was computed before
    is taken from the `cache`, and kept there: the `buckets` are so many.
    """

    recipe: Recipe
    outcome: AnyOutcome
    cutoffs: tuple[dt.date, ...]
    knowledge: tuple[dt.date, ...] = ()
    mature_by: dt.date = dt.date.min
    everybody: bool = False
    learnt: Mapping[dt.date, Fitted] = field(default_factory=dict)
    tables: Mapping[dt.date, Tables] = field(default_factory=dict)
    sample: float = 1.0
    cache: Store | None = None
    buckets: int = 1
    objectors: frozenset[str] = frozenset()
