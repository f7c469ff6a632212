"""Scoring a batch of customers again, and each of them alone where one row would cost all of them their score."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenure.pipelines.features.sums import Tables
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.live.merging import Event, untold
from tenure.pipelines.live.rescoring import as_records, hold, rescore_held
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.store.score_sets import ScoreSet

log = logging.getLogger(__name__)

SPOILT = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What a row that nobody can read raises; a store, a file or a model that is away raises something else."""


@dataclass(frozen=True)
class Work:
    """All that is needed to score customers again on top of the set `served`."""

    model: ScoringModel
    snapshot: Snapshot
    served: ScoreSet
    as_of: dt.date
    tables: Tables
    delivered: Sequence[Event]


@dataclass(frozen=True)
class Again:
    """Scores by unit: with what was delivered, and by time alone where the lake can say that.

    The customers `aside` cannot be scored.
    """

    fresh: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    by_time: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    aside: frozenset[str] = frozenset()


def score_again(work: Work, customers: Sequence[str]) -> Again:
    """Score customers in one go, or where that fails one by one; who fails alone is left aside, with a line in the log.

    Whoever is aside is tried again when something new is delivered, and by the next score set.
    """
    try:
        return _scored(work, customers)
    except SPOILT:
        found = Again()
    for customer in customers:
        try:
            alone = _scored(work, [customer])
        except SPOILT as error:
            _complain(work, customer, error)
            alone = Again(aside=frozenset({customer}))
        found = Again(found.fresh | alone.fresh, found.by_time | alone.by_time, found.aside | alone.aside)
    return found


def _scored(work: Work, customers: Sequence[str]) -> Again:
    wanted = set(customers)
    mine = untold([event for event in work.delivered if event.row["customer_id"] in wanted], work.snapshot)
    held = hold(work.model, work.snapshot, customers, as_of=work.as_of, tables=work.tables)
    fresh = rescore_held(work.model, held, mine)
    if work.snapshot.snapshot_id != work.served.snapshot_id:
        return Again(as_records(fresh))
    # the lake is what the set was made of
    same = rescore_held(work.model, held, (), explain=0)
    return Again(as_records(fresh), as_records(same))


def _complain(work: Work, customer: str, error: Exception) -> None:
    """Name the event and not the customer, and of the error only its kind: its text may hold what the row holds."""
    number = max((event.event_id for event in work.delivered if event.row["customer_id"] == customer), default=0)
    log.error(
        "%s: the customer of event %d cannot be scored (%s) and is left aside; the score of before stands",
        work.served.outcome,
        number,
        type(error).__name__,
    )
