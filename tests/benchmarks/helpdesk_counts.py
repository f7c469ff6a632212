"""What `helpdesk.py` is compared with: plain logistic regression on thirteen counts and ages, made with pandas alone.

`python tests/benchmarks/helpdesk_counts.py`. The question `quiet` of the Italian helpdesk; trained on cut-offs
`step` days apart whose 180 days had passed by the origin. It prints ROC AUC at the five development origins,
their mean, and at 2013-01-01, for each of several usual settings: none of them was chosen.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "helpdesk_italy" / "helpdesk.csv.gz"
DEVELOPMENT = ("2011-07-01", "2011-10-01", "2012-01-01", "2012-04-01", "2012-07-01")
REPORT = "2013-01-01"
HORIZON, ACTIVE = 180, 365
FIRST = pd.Timestamp("2010-07-01")
"""No training cut-off before it: half a year of history is needed."""

STEPS, STRENGTHS = (30, 90), (0.01, 1.0)


def main() -> dict[str, Any]:
    """ROC AUC of every setting."""
    events = pd.read_csv(FILE).drop_duplicates()
    moment = pd.to_datetime(events["time:timestamp"], utc=True, format="mixed")
    events["time"] = moment.dt.tz_convert("Europe/Rome").dt.tz_localize(None)
    opened = events.sort_values("time").groupby("case:concept:name").first().reset_index()
    found = {}
    for step, strength, logarithms in product(STEPS, STRENGTHS, (True, False)):
        areas = [area(events, opened, day, step, strength, logarithms) for day in (*DEVELOPMENT, REPORT)]
        name = f"every {step} days, C {strength}, {'logarithms' if logarithms else 'as they are'}"
        found[name] = {
            "development": [round(a, 3) for a in areas[:-1]],
            "mean": round(float(np.mean(areas[:-1])), 4),
            REPORT: round(areas[-1], 4),
        }
    return found


def area(events: pd.DataFrame, opened: pd.DataFrame, day: str, step: int, strength: float, logarithms: bool) -> float:
    """Fit on the past of a day and judge on that day."""
    origin = pd.Timestamp(day)
    cutoffs = [origin - pd.Timedelta(days=HORIZON + step * number) for number in range(540 // step)]
    past = [table(events, opened, cutoff) for cutoff in cutoffs if cutoff >= FIRST]
    features, labels = table(events, opened, origin)
    scale = np.log1p if logarithms else np.asarray
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2_000))
    model.fit(scale(pd.concat([x for x, _ in past])), np.concatenate([y for _, y in past]))
    return float(roc_auc_score(labels, model.predict_proba(scale(features))[:, 1]))


def table(events: pd.DataFrame, opened: pd.DataFrame, cutoff: pd.Timestamp) -> tuple[pd.DataFrame, np.ndarray]:
    """Features and labels of everybody with an event in the year before a cut-off."""
    before = [rows.loc[rows["time"] < cutoff] for rows in (events, opened)]
    days = [(cutoff - rows.groupby("customer")["time"].max()).dt.total_seconds() / 86_400 for rows in before]
    first = (cutoff - before[0].groupby("customer")["time"].min()).dt.total_seconds() / 86_400
    found = pd.DataFrame({"event": days[0], "ticket": days[1], "first": first})
    found = found.loc[found["event"] <= ACTIVE]
    for window, (name, rows) in product((30, 90, 180, 365, 9_999), zip(("events", "tickets"), before, strict=True)):
        recent = rows["time"] >= cutoff - pd.Timedelta(days=window)
        found[f"{name}_{window}"] = rows.loc[recent].groupby("customer").size()
    coming = (events["time"] >= cutoff) & (events["time"] < cutoff + pd.Timedelta(days=HORIZON))
    return found.fillna(0), ~found.index.isin(events.loc[coming, "customer"])


if __name__ == "__main__":
    print(json.dumps(main(), indent=1))
