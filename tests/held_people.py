"""Four hundred people with two contracts each, and a draw that holds out some of them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from tenure.pipelines.decisions.hold_out import Draw
from tenure.pipelines.settings.decisions import HoldOut
from tenure.pipelines.settings.project import Project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.hold_outs import ensure_drawn
from tenure.pipelines.store.score_sets import ScoreSet, publish, published_set, write_score_set

NOON = dt.datetime(2024, 3, 5, 12, tzinfo=dt.UTC)
DAY = NOON.date()
PEOPLE = [f"c{number:04d}" for number in range(400)]


def held_project(project: Project, share: float = 0.3, **more: object) -> Project:
    return project.model_copy(update={"hold_out": HoldOut(share=share), **more})


def score_people(engine: Engine, **columns: list[object]) -> ScoreSet:
    """Everybody with two contracts, the first ones at the highest risk."""
    rows = [
        (f"{name}-{part}", name, "scored", 0.9 - place / 1000 - part / 10_000, "high" if place < 200 else "low", None)
        for place, name in enumerate(PEOPLE)
        for part in (1, 2)
    ]
    frame = pd.DataFrame(rows, columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"])
    number = write_score_set(
        engine, frame.assign(**{name: np.repeat(value, 2) for name, value in columns.items()}), outcome="lapse",
        as_of=DAY, model_version="1", snapshot_id="s", created_at=NOON, definition="d", verdict="use",
    )  # fmt: skip
    publish(engine, "lapse", number)
    with reading(engine) as connection:
        found = published_set(connection, "lapse")
    assert found is not None
    return found


def draw(engine: Engine, project: Project, share: float = 0.3) -> Draw:
    return ensure_drawn(engine, held_project(project, share), today=DAY, now=NOON).draw
