"""From one customer's interactions to the score: every step of it, for whoever doubts a figure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from tenure.models.steps import Steps, steps_of
from tenure.pipelines.decisions.customers import Units
from tenure.pipelines.decisions.worth import leave_out
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.work import describe_history
from tenure.pipelines.lake.buckets import bucket_of
from tenure.pipelines.live.rescoring import hold
from tenure.pipelines.outcomes.status import SCORED
from tenure.pipelines.reasons.reasons import reasons
from tenure.pipelines.scoring.facts import known_figures
from tenure.pipelines.scoring.model import ScoringModel
from tenure.pipelines.scoring.score import KEYS, scoring_task

SHOWN = ("occurred_at", "known_at", "kind", "channel", "direction", "amount", "rating", "case_id", "due_at", "source")


class NobodyKnown(LookupError):
    """A customer of whom nothing is known by a date."""


@dataclass(frozen=True)
class Known:
    """A customer's interactions by a date: what the score may use, the newest first, and what it may not.

    `later` had not happened by then, `unknown` had happened and was not known yet, `superseded` counts versions that
    had been replaced or withdrawn.
    """

    rows: pd.DataFrame
    later: int
    unknown: int
    superseded: int


@dataclass(frozen=True)
class Walk:
    """How one unit came to its score: `steps` and `reasons` only where its status is `scored`."""

    unit_id: str
    customer_id: str
    as_of: dt.date
    status: str
    features: pd.Series[float]
    steps: Steps | None
    band: str | None
    reasons: list[dict[str, Any]]


def known_of(study: Study, customer: str, as_of: dt.date) -> Known:
    """The customer's interactions as the date divides them; raises `NobodyKnown` where there are none."""
    snapshot = study.snapshot
    file = snapshot.interactions(bucket_of(customer, snapshot.buckets))
    columns = [*SHOWN, "superseded_at"]
    rows = pq.read_table(file, columns=columns, filters=[("customer_id", "==", customer)]).to_pandas()
    if rows.empty:
        raise NobodyKnown(
            f"customer {customer!r}: the data have no interaction of anybody with this id; `tenure list` prints ids"
        )
    midnight = pd.Timestamp(study.calendar.midnight(as_of), unit="ms", tz="UTC")
    past, known = rows["occurred_at"] < midnight, rows["known_at"] <= midnight
    valid = rows["superseded_at"] > midnight
    usable = rows.loc[past & known & valid, list(SHOWN)].sort_values("occurred_at", ascending=False, kind="stable")
    return Known(
        usable.reset_index(drop=True),
        later=int((~past & valid).sum()),
        unknown=int((past & ~known).sum()),
        superseded=int((past & known & ~valid).sum()),
    )


def walks(study: Study, model: ScoringModel, customer: str, as_of: dt.date) -> list[Walk]:
    """The way of each of the customer's units to its score, the highest risk first.

    It is the way every score goes: the same kernel on the same rows, the same model, what is known of others as of
    the date. Raises `NobodyKnown` where nothing was known of the customer by then.
    """
    tables = scoring_task(study, model, as_of).tables.get(as_of, {})
    held = hold(model, study.snapshot, [customer], as_of=as_of, tables=tables)
    described = describe_history(held.task, held.task.recipe.history(held.rows, held.profiles)).frame
    mine = described.loc[described["customer_id"] == customer].reset_index(drop=True)
    if mine.empty:
        raise NobodyKnown(f"customer {customer!r}: nothing was known of them by {as_of}")
    mine, _ = leave_out(Units(study, as_of, mine[KEYS], known_figures(mine)), mine)
    found = [_walk(study, model, as_of, mine.iloc[[place]]) for place in range(len(mine))]
    return sorted(found, key=lambda one: (-(one.steps.probability if one.steps else -1.0), one.unit_id))


def _walk(study: Study, model: ScoringModel, as_of: dt.date, row: pd.DataFrame) -> Walk:
    status = str(row["status"].iloc[0])
    features = row.reindex(columns=model.features).astype(np.float64)
    steps = steps_of(model.artefact.race, features) if status == SCORED else None
    told = reasons(model.artefact.race, features, currency=model.question.currency)[0] if steps else []
    return Walk(
        unit_id=str(row["unit_id"].iloc[0]),
        customer_id=str(row["customer_id"].iloc[0]),
        as_of=as_of,
        status=status,
        features=features.iloc[0],
        steps=steps,
        band=study.project.bands.of(steps.probability) if steps else None,
        reasons=told,
    )
