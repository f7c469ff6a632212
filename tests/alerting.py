"""Days of a project with alerts: sets of invented risks, published one after the other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import Engine, insert

from tenure.pipelines.alerts.raising import Raised, raise_alerts
from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.project import Project
from tenure.pipelines.settings.study import Bands
from tenure.pipelines.store.alerts import Alert, Wanted, listed_alerts
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.past import remember_scores
from tenure.pipelines.store.score_sets import publish, write_score_set
from tenure.pipelines.store.tables import overlays

START = dt.date(2024, 1, 1)
OUTCOME = "lapse"
SAID = [{"theme": "recency", "text": "no visit for 19 days", "sayable": True, "log_odds": 1.2}]


class Days:
    """A project from midnight to midnight; each day is a set, looked through at one in the morning."""

    def __init__(self, project: Project, engine: Engine, **alerts: Any) -> None:
        self.project = project.model_copy(update={"alerts": Alerts(**alerts)})
        self.engine = engine
        self.day, self.number = START, 0

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(1), dt.UTC)

    def publish(self, model: str = "m/1", **risks: float | None) -> int:
        """Publish a set; a name such as `ann__2` is a further contract of ann."""
        rows = pd.DataFrame(
            [
                (name, name.partition("__")[0], "lapsed" if p is None else "scored", p, p and Bands().of(p), p and SAID)
                for name, p in risks.items()
            ],
            columns=["unit_id", "customer_id", "status", "probability", "band", "reasons"],
        )
        self.number = write_score_set(
            self.engine, rows, outcome=OUTCOME, as_of=self.day, model_version=model, snapshot_id="s",
            created_at=self.now, definition="d", verdict="use",
        )  # fmt: skip
        publish(self.engine, OUTCOME, self.number)
        remember_scores(self.engine, self.number)
        return self.number

    def look(self) -> Raised:
        return raise_alerts(self.project, self.engine, OUTCOME, now=self.now)

    def next(self, model: str = "m/1", **risks: float | None) -> Raised:
        """The set of the next day."""
        if self.number:
            self.day += dt.timedelta(days=1)
        self.publish(model, **risks)
        return self.look()

    def alerts(self, **wanted: Any) -> list[Alert]:
        with reading(self.engine) as connection:
            return listed_alerts(connection, Wanted(**wanted), limit=1_000)

    def told(self, **wanted: Any) -> list[tuple[str, str]]:
        """Whom and by which kind, the oldest first."""
        return [(one.customer_id, one.kind) for one in reversed(self.alerts(**wanted))]

    def overlay(self, name: str, probability: float) -> None:
        """Score somebody again on top of the set."""
        row = {"outcome": OUTCOME, "unit_id": name, "customer_id": name, "score_set_id": self.number, "event_id": 1}
        coming = self.day + dt.timedelta(days=1)
        with self.engine.begin() as connection:
            connection.execute(
                insert(overlays).values(
                    **row, as_of=coming.isoformat(), scored_at=self.now.replace(tzinfo=None), status="scored",
                    probability=probability, band=Bands().of(probability), reasons=SAID,
                )
            )  # fmt: skip
