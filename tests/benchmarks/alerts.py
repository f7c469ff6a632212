"""What alerts cost a publication: two days of a million customers, looked through for whoever crossed a limit.

    python tests/benchmarks/alerts.py [CUSTOMERS]

Prints JSON: seconds to write and publish a set, to begin with the first one, to look through the second, in which
1 of 100 crossed, and to tell of 200 customers who were scored again; and the limits these are to keep.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))  # for `small`

from small import FROM_A_FILE
from sqlalchemy import insert

from tenure.pipelines.alerts.raising import raise_again, raise_alerts
from tenure.pipelines.settings.alerts import Alerts
from tenure.pipelines.settings.load import parse_project
from tenure.pipelines.settings.study import Bands
from tenure.pipelines.store.connections import alone
from tenure.pipelines.store.engine import project_store
from tenure.pipelines.store.past import remember_scores
from tenure.pipelines.store.score_sets import publish, published_set, write_score_set
from tenure.pipelines.store.tables import overlays

DAY = dt.date(2024, 1, 1)
REASONS = [{"theme": "recency", "text": "no visit for 19 days; usually every 4", "sayable": True, "log_odds": 1.2}]
SHARE_OF_PUBLISHING, AGAIN_SECONDS = 0.5, 1.0


def scored(probability: np.ndarray) -> pd.DataFrame:
    """A set in which the top 20,000 have reasons."""
    names = [f"c{number:07d}" for number in range(len(probability))]
    bands = np.array(["low", "medium", "high", "critical"], dtype=object)
    limits = [Bands().medium, Bands().high, Bands().critical]
    top = probability >= np.sort(probability)[-min(20_000, len(probability))]
    return pd.DataFrame(
        {
            "unit_id": names,
            "customer_id": names,
            "status": "scored",
            "probability": probability,
            "band": bands[np.digitize(probability, limits)],
            "reasons": [REASONS if high else [] for high in top],
        }
    )


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note how long the block takes."""
    began = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - began, 2)


def main(customers: int) -> None:
    """Measure, and print it."""
    generator = np.random.default_rng(11)
    risk = generator.beta(0.8, 5.0, customers)  # 17 of 100 are high or critical
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        project = parse_project(tomllib.loads(FROM_A_FILE), root=Path(folder))
        project = project.model_copy(update={"alerts": Alerts()})
        store = project_store(project)

        def put(day: dt.date, name: str) -> None:
            with timed(seconds, f"publish_{name}"):
                number = write_score_set(
                    store, scored(risk), outcome="lapse", as_of=day, model_version="m/1", snapshot_id="s",
                    created_at=moment(day), definition="d", verdict="use",
                )  # fmt: skip
                publish(store, "lapse", number)
                remember_scores(store, number)
            with timed(seconds, f"look_{name}"):
                found[name] = raise_alerts(project, store, "lapse", now=moment(day))

        found: dict[str, object] = {}
        put(DAY, "first")
        moved = generator.random(customers) < 0.01
        risk = np.clip(np.where(moved, risk + 0.2, risk + generator.normal(0, 0.005, customers)), 0.0, 0.999)
        put(DAY + dt.timedelta(days=1), "second")
        day = DAY + dt.timedelta(days=1)
        names = [f"c{number:07d}" for number in np.flatnonzero(risk < 0.2)[:200]]
        with alone(store) as connection:
            served = published_set(connection, "lapse")
            assert served is not None
            about = {"outcome": "lapse", "score_set_id": served.score_set_id, "event_id": 1, "as_of": "2024-01-03"}
            again = {
                "status": "scored",
                "probability": 0.6,
                "band": "critical",
                "scored_at": moment(day).replace(tzinfo=None),
            }
            rows = [{"unit_id": name, "customer_id": name, **about, **again, "reasons": REASONS} for name in names]
            connection.execute(insert(overlays), rows)
            with timed(seconds, "again_200"):
                told = raise_again(connection, project, served, names, now=moment(day))
    share = seconds["look_second"] / seconds["publish_second"]
    reached = share <= SHARE_OF_PUBLISHING and seconds["again_200"] <= AGAIN_SECONDS
    limits = {"look_second / publish_second": SHARE_OF_PUBLISHING, "again_200": AGAIN_SECONDS}
    raised = {name: vars(one) for name, one in {**found, "again": told}.items()}
    answer = {"customers": customers, "seconds": seconds, "share": round(share, 3), "raised": raised}
    print(json.dumps({**answer, "limits": limits, "reached": reached}, indent=1))


def moment(day: dt.date) -> dt.datetime:
    """One in the morning of a day."""
    return dt.datetime.combine(day, dt.time(1), dt.UTC)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
