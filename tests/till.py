"""A small till whose dates are known by heart: six customers, returns from April, an outage in May."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from tenure.pipelines.examples.study import Study
from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.store.engine import open_store

NOW = dt.datetime(2024, 7, 1, tzinfo=dt.UTC)
EARLY, LATE = dt.date(2024, 3, 1), dt.date(2024, 6, 3)
RETURNS_FROM = dt.date(2024, 4, 1)
OUTAGE = (dt.date(2024, 5, 6), dt.date(2024, 5, 20))


def till(*, delivered: dt.datetime | None = None, without: bool = False) -> pd.DataFrame:
    """Six customers who buy every 5 to 10 days; from April on they also return things.

    `delivered` is when the purchases of the outage arrive; `without` leaves them out.
    """
    rows = []
    for customer in range(6):
        for number, day in enumerate(pd.date_range("2024-01-01", "2024-06-30", freq=f"{5 + customer}D")):
            at = day + pd.Timedelta(hours=9 + customer)
            out = OUTAGE[0] <= day.date() < OUTAGE[1]
            known = delivered if out and delivered else at
            if not (out and without):
                rows.append((f"p{customer}-{number}", f"c{customer}", "purchase", at, known, 10.0 + number))
            if day.date() >= RETURNS_FROM and number % 3 == 0:
                rows.append((f"r{customer}-{number}", f"c{customer}", "refund", at, at, 1.0))
    columns = ["interaction_id", "customer_id", "kind", "occurred_at", "known_at", "amount"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(**{c: pd.to_datetime(frame[c], utc=True) for c in ("occurred_at", "known_at")})


def shop(root: Path, rows: pd.DataFrame) -> Study:
    """Import the rows as a project of their own."""
    root.mkdir()
    rows.to_parquet(root / "till.parquet")
    project = parse_project(
        {
            "project": {"name": "shop"},
            "source": [
                {"name": "till", "files": "till.parquet", "timezone": "UTC", "complete_until": dt.date(2024, 7, 1)}
            ],
            "outcome": {
                "lapse": {
                    "type": "inactivity",
                    "kinds": ["purchase"],
                    "eligible": {"active_days": 28},
                    "horizon_days": 7,
                }
            },
            "features": {"min_customers": 3},
        },
        root=root,
    )
    return Study.of(project, import_sources(project, now=NOW, store=open_store(project.data)))
