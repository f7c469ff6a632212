"""A whole year unattended: every day import, score, monitor and, when it is due, retrain behind the gate.

    python tests/benchmarks/replay.py online_retail [--out replay] [--days 305]
    python tests/benchmarks/replay.py completejourney [--out replay]

Every row arrives on the first midnight on which it could be used. Each day of trade (Online Retail) or each week
(Complete Journey) `tenure run` is all that is called: it imports, scores, trains a candidate where `[retrain]` says so
(every two or four weeks here), puts it through the gate, and monitors. Only the first model is trained by hand, by
`tenure retrain` as often, until its verdict lets one be used. Afterwards every day's scores are compared with what then happened: those that were served, those of the first champion that was never replaced (`aged`),
and days since last. Online Retail is asked about 28 days, since of the 90 its own project file asks about too few
labels would come to pass within the year. Prints JSON and writes `replay.json` and `replay.html`, quality over time.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))  # `command` lies there

from command import Ran, tenure
from measured import rounded
from replay_feed import Feed
from replay_page import write_page
from sqlalchemy import select

from tenure.models.bootstrap import bootstrap, mean_over
from tenure.pipelines.examples.study import Study
from tenure.pipelines.examples.table import build_examples, describe_buckets
from tenure.pipelines.lake.snapshot import current_snapshot
from tenure.pipelines.outcomes.label import label_end
from tenure.pipelines.outcomes.sentence import definition
from tenure.pipelines.registry import NoChampion, Registry, model_name
from tenure.pipelines.scoring.model import ScoringModel, open_model
from tenure.pipelines.scoring.score import scoring_task
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.store.connections import reading
from tenure.pipelines.store.engine import open_store
from tenure.pipelines.store.score_sets import published_set
from tenure.pipelines.store.tables import scores

MODELS = ("served", "aged", "recency")
SETS: dict[str, dict[str, Any]] = {
    "online_retail": {
        "file": Path(__file__).parents[1] / "projects" / "online_retail.toml",
        "every": 1,
        "changes": {
            "outcome": {
                "lapse": {
                    "type": "inactivity",
                    "kinds": ["purchase"],
                    "eligible": {"active_days": 91},
                    "horizon_days": 28,
                }
            },
            "retrain": {"every_days": 14},
        },
    },
    "completejourney": {
        "file": Path(str(files("tenure.serving.demo"))) / "completejourney.toml",
        "every": 7,
        "changes": {"retrain": {"every_days": 28}},
    },
}
OF_ITS_OWN = {"backtest": {"origins": None, "development": None, "train_before": None}}


class Day(NamedTuple):
    """What the commands of a day did."""

    day: dt.date
    rows: int
    run: Ran
    first: Ran | None
    seconds: float


def main() -> None:
    """Replay, compare and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=SETS)
    parser.add_argument("--days", type=int, default=None, help="Stop after so many days of trade.")
    parser.add_argument("--out", type=Path, default=Path("replay"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="replay-") as scratch:
        found = replay(asked.name, Path(scratch), days=asked.days)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / f"{asked.name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_page(found, asked.out / f"{asked.name}.html")
    print(json.dumps({key: value for key, value in found.items() if key not in ("days", "quality")}, indent=1))


def replay(name: str, folder: Path, *, days: int | None = None) -> dict[str, Any]:
    """Live through a set, and judge every day's scores by what happened."""
    chosen = SETS[name]
    feed = Feed.of(chosen["file"], folder, **{**chosen.get("changes", {}), **OF_ITS_OWN})
    told: list[dict[str, Any]] = []
    said: list[pd.DataFrame] = []
    first: ScoringModel | None = None
    every = dt.timedelta(days=feed.full.project.retrain.every_days or 28)
    tried = feed.first_day()
    for day in _calendar(feed, chosen["every"])[:days]:
        train = first is None and day >= tried + every
        tried = day if train else tried
        done = _live(feed, day, train=train)
        first = first or _champion(feed)
        row = _told(done, feed.full.name)
        if first is not None:
            scored = _scores(feed, day, first)
            said.append(scored)
            row["scored"] = len(scored)
        told.append(row)
        print(f"{day} {row}", file=sys.stderr)
    quality = judge(feed.full, pd.concat(said, ignore_index=True)) if said else {}
    about = {"set": name, "definition": definition(feed.full.name, feed.full.outcome)}
    return {**about, **_sums(told), **quality, "days": told}


def _calendar(feed: Feed, every: int) -> list[dt.date]:
    """Every day on which something arrived, or every so many days."""
    if every > 1:
        span = (feed.last_day() - feed.first_day()).days
        return [feed.first_day() + dt.timedelta(days=n) for n in range(every, span + 1, every)]
    days = {day for table in feed.rows.values() for day in table["usable"].unique().to_pylist()}
    return sorted(day for day in days if day >= feed.first_day())


def _live(feed: Feed, day: dt.date, *, train: bool) -> Day:
    started = time.perf_counter()
    rows = feed.deliver(day)
    first = tenure("retrain", feed.folder, "--json") if train else None
    run = tenure("run", feed.folder, "--json")
    return Day(day, rows, run, first, time.perf_counter() - started)


def _told(done: Day, outcome: str) -> dict[str, Any]:
    """What is kept of a day: whether it was scored, what became of a candidate, and what the monitor was alarmed by."""
    row = {"day": str(done.day), "rows": done.rows, "seconds": round(done.seconds, 2)}
    if not done.run.out:
        return row | {"failed": done.run.said[-300:]}
    said = json.loads(done.run.out)
    found, findings = said["outcomes"][outcome], said["monitor"]["findings"]
    row["done"] = found["done"]
    retrained = found["retrained"]
    if done.first is not None:
        retrained = json.loads(done.first.out) if done.first.out else {"sentence": done.first.said[-300:]}
    if retrained is not None:
        row["retrained"] = {key: retrained.get(key) for key in ("candidate", "served", "decision", "sentence")}
    row["watch"] = sum(one["level"] == "watch" for one in findings)
    row["alarms"] = [
        f"{one['check']} {one['subject']}: {one['sentence']}" for one in findings if one["level"] == "alarm"
    ]
    return row


def _champion(feed: Feed) -> ScoringModel | None:
    registry = Registry(feed.folder / ".tenure")
    try:
        return open_model(registry.with_alias(model_name(feed.full.project.name, feed.full.name)).directory)
    except NoChampion:
        return None


def _scores(feed: Feed, day: dt.date, first: ScoringModel) -> pd.DataFrame:
    """What is served as of a day, and what the first champion and days since last say of the same customers."""
    project = load_project(feed.folder)
    store = open_store(project.data)
    with reading(store) as connection:
        served = published_set(connection, feed.full.name)
        if served is None or served.as_of != day:
            store.dispose()
            return pd.DataFrame()
        chosen = scores.c.score_set_id == served.score_set_id, scores.c.probability.is_not(None)
        rows = connection.execute(select(scores.c.unit_id, scores.c.customer_id, scores.c.probability).where(*chosen))
        table = pd.DataFrame(rows.fetchall(), columns=["unit_id", "customer_id", "served"])
    opened = Study.of(project, current_snapshot(project, store), feed.full.name)
    store.dispose()
    task = scoring_task(opened, first, day, processes=1)
    described = describe_buckets(task, opened.snapshot.buckets, workers=opened.workers(1)).frame
    matrix = described.reindex(columns=first.features)
    predicted = first.artefact.race.predict(matrix)
    others = described[["unit_id"]].assign(aged=predicted["risk"].to_numpy(), recency=predicted["recency"].to_numpy())
    return table.merge(others, on="unit_id").assign(as_of=pd.Timestamp(day), version=served.model_version)


def judge(full: Study, said: pd.DataFrame) -> dict[str, Any]:
    """Every day's figures, and their means with intervals by person, over the days whose outcome has come to pass."""
    days = sorted(day.date() for day in said["as_of"].unique())
    mature = [day for day in days if label_end(full.outcome, day) <= full.watermark]
    if not mature:
        return {"judged": 0}
    simple = full.project.features.model_copy(update={"families": ("rhythm",), "modules": ()})
    asked = Study.of(full.project.model_copy(update={"features": simple}), full.snapshot, full.name)
    happened = build_examples(asked, set(mature), knowledge={full.watermark}, processes=1).frame
    rows = said.merge(happened[["unit_id", "as_of", "label"]], on=["unit_id", "as_of"]).dropna(subset="label")
    universe = np.unique(rows["customer_id"].to_numpy(dtype=str))
    drawn, quality = [], []
    for day, part in rows.groupby("as_of", sort=True):
        if not 0 < part["label"].sum() < len(part):
            continue
        found = bootstrap(
            {name: part[name].to_numpy() for name in MODELS}, part["label"], part["customer_id"].to_numpy(dtype=str),
            capacity=100, replicates=100, seed=1, universe=universe,
        )  # fmt: skip
        drawn.append(found)
        quality.append(
            {"day": str(pd.Timestamp(str(day)).date()), "customers": len(part), "positives": int(part["label"].sum()),
             **{name: rounded(found.values[name]) for name in MODELS}}
        )  # fmt: skip
    mean = mean_over(drawn)
    return {
        "judged": len(drawn),
        "mean": {name: rounded(mean.values[name]) for name in MODELS},
        "served_minus": {
            other: {metric: rounded(vars(mean.difference("served", other, metric))) for metric in ("roc_auc", "brier")}
            for other in ("aged", "recency")
        },
        "quality": quality,
    }


def _sums(told: list[dict[str, Any]]) -> dict[str, Any]:
    trained = [row for row in told if "retrained" in row]
    fitted = [row for row in trained if row["retrained"]["candidate"]]
    return {
        "replayed": len(told),
        "scored": sum(row.get("done", False) for row in told),
        "failed": [row["failed"] for row in told if "failed" in row],
        "retrained": len(fitted),
        "promoted": sum(bool(row["retrained"]["served"]) for row in fitted),
        "kept_back": sum(not row["retrained"]["served"] for row in fitted),
        "promoted_on": [row["day"] for row in fitted if row["retrained"]["served"]],
        "alarms_on": [row["day"] for row in told if row.get("alarms")],
        "alarms": [f"{row['day']} {said}" for row in told for said in row.get("alarms", [])],
        "seconds_a_day": round(float(np.mean([row["seconds"] for row in told])), 2),
    }


if __name__ == "__main__":
    main()
