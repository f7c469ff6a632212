"""A feed to be watched: purchases and refunds of a shop that is closed on Sundays, with or without a fault."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.lake.snapshot import Snapshot
from tenure.pipelines.monitor.counting import count_inputs, first_day
from tenure.pipelines.monitor.finding import Finding
from tenure.pipelines.monitor.inputs import Tested, input_findings, tested_inputs
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.engine import open_store

FIRST, LENGTH = dt.date(2024, 1, 1), 140
AS_OF = FIRST + dt.timedelta(days=LENGTH)
BROKEN = AS_OF - dt.timedelta(days=3)
"""The day from which on a fault is in the feed: a Friday."""


def feed(*, seed: int = 4) -> pd.DataFrame:
    """About seventy rows a day from nine to five, of 400 customers in three regions."""
    generator = np.random.default_rng(seed)
    rows = []
    for day in range(LENGTH):
        date = FIRST + dt.timedelta(days=day)
        for _ in range(0 if date.weekday() == 6 else generator.poisson(70)):
            customer = int(generator.integers(0, 400))
            at = dt.datetime.combine(date, dt.time(9), dt.UTC) + dt.timedelta(minutes=int(generator.integers(0, 480)))
            kind = "refund" if generator.random() < 0.2 else "purchase"
            amount, items = float(generator.gamma(4.0, 20.0)), float(generator.integers(1, 9))
            rows.append((f"r{len(rows)}", f"c{customer:03d}", at, kind, amount, items, ["n", "s", "e"][customer % 3]))
    names = ["interaction_id", "customer_id", "occurred_at", "kind", "amount", "items", "region"]
    return pd.DataFrame(rows, columns=names)


def broken(rows: pd.DataFrame) -> pd.Series:
    """Which rows came since the fault."""
    return rows["occurred_at"] >= pd.Timestamp(BROKEN, tz="UTC")


def imported(folder: Path, rows: pd.DataFrame, **settings: Any) -> tuple[Project, Snapshot]:
    """The rows as a project of their own, brought in."""
    folder.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(folder / "till.parquet")
    content = {
        "project": {"name": "shop", "clock": "data"},
        "source": [{"name": "till", "files": "till.parquet"}],
        "outcome": {"lapse": {"type": "inactivity", "kinds": ["purchase"], "horizon_days": 28}},
    }
    project = parse_project(content | settings, root=folder)
    store = open_store(project.data)
    snapshot = import_sources(project, now=dt.datetime(2024, 7, 1, tzinfo=dt.UTC), store=store)
    store.dispose()
    return project, snapshot


def watched(folder: Path, rows: pd.DataFrame, **settings: Any) -> list[Tested]:
    """Everything tested on every day."""
    project, snapshot = imported(folder, rows, **settings)
    counted = count_inputs(project, snapshot, as_of=AS_OF, days=LENGTH)
    return tested_inputs(project, counted, first=first_day(AS_OF, LENGTH), length=LENGTH)


def first_night(found: list[Tested]) -> dict[str, Finding]:
    """What alarms the night after the fault, by check."""
    at = (BROKEN - FIRST).days
    return {one.check: one for one in input_findings(found, at) if one.level == "alarm"}
