"""A published score set of three customers, one with two contracts."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from sqlalchemy import Engine

from tenure.pipelines.store.score_sets import publish, write_score_set

NOON = dt.datetime(2017, 12, 4, 12, tzinfo=dt.UTC)
REASON = {
    "theme": "recency",
    "text": "no visit for 19 days; usually every 4",
    "said": [
        ["no visit for %(n)d day", "no visit for %(n)d days", {"n": 19}],
        ["usually %(every)s", {"every": ["every %(n)d day", "every %(n)d days", {"n": 4}]}],
    ],
    "sayable": True,
    "log_odds": 1.2,
}


def put_scores(
    engine: Engine,
    outcome: str = "lapse",
    *,
    version: str = "7",
    as_of: dt.date = NOON.date(),
    made: dt.datetime = NOON,
    highest: float = 0.4,
) -> int:
    """Write and publish the set, ann's risk being the highest; its number."""
    rows = pd.DataFrame(
        [
            ("k1", "ann", "scored", 0.12, "medium", [REASON]),
            ("k2", "ann", "scored", highest, "high", [REASON]),
            ("bob", "bob", "lapsed", None, None, None),
            ("=cmd", "=cmd", "scored", 0.001, "low", []),
        ],
        columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"],
    )
    number = write_score_set(
        engine,
        rows,
        outcome=outcome,
        as_of=as_of,
        model_version=version,
        snapshot_id="s1",
        created_at=made,
        definition="no purchase for 28 days",
        verdict="use",
    )
    publish(engine, outcome, number)
    return number
