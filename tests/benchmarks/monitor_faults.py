"""Faults that `tenure monitor` is to find the night after, and an untouched replay in which it is to find none.

    python tests/benchmarks/monitor_faults.py [--dates N] [--customers N]

Replays Online Retail day by day (its closing days declared, as a shop knows them), and an invented subscription, with
the checks of inputs on each day; then again with each fault from a seeded date on. Prints JSON: for each fault and date
after how many nights an alarm of its source was raised, by which checks and with which cause; alarms of the untouched
replays; and the limits.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
from world_project import lived

from tenure.pipelines.lake.importing import import_sources
from tenure.pipelines.monitor.counting import count_inputs, first_day
from tenure.pipelines.monitor.inputs import Tested, tested_inputs
from tenure.pipelines.settings.load import load_project
from tenure.pipelines.simulation.parameters import load_world
from tenure.pipelines.simulation.weeks import FIRST_DAY, WEEK
from tenure.pipelines.store.engine import open_store

RETAIL = Path(__file__).parents[3] / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
SEED = 20111
NIGHTS = 7
"""Nights after a fault that are looked at."""

LEAST_HISTORY = 75
"""Days before the first fault."""


def days(first: str, last: str) -> list[dt.date]:
    """All days from one to another."""
    return [day.date() for day in pd.date_range(first, last)]


CLOSED = [
    *days("2010-12-24", "2011-01-03"), *days("2011-04-22", "2011-04-25"), dt.date(2011, 4, 29),
    *days("2011-05-01", "2011-05-02"), dt.date(2011, 5, 30), dt.date(2011, 8, 29),
]  # fmt: skip
"""Christmas, Easter, the royal wedding and the bank holidays of England in 2011."""

RETAIL_PROJECT = f"""
[project]
name = "online_retail"
timezone = "Europe/London"
clock = "data"
[[source]]
name = "receipts"
files = "receipts.parquet"
timezone = "Europe/London"
max_quarantined = 0.3
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
horizon_days = 90
eligible = {{ active_days = 180 }}
[monitor]
closed = [{", ".join(map(str, CLOSED))}]
"""

Break = Callable[[pd.DataFrame, pd.Series], pd.DataFrame]
"""Makes of the rows of a source, and which of them came since the fault, the rows with the fault in them."""


class Fault(NamedTuple):
    """A fault of a `source`; `file` is where its rows lie below the project's folder."""

    name: str
    source: str
    file: str
    do: Break


def stopped(rows: pd.DataFrame, since: pd.Series) -> pd.DataFrame:
    """Nothing comes any more."""
    return rows[~since]


def doubled(rows: pd.DataFrame, since: pd.Series) -> pd.DataFrame:
    """Every row comes again under another id."""
    again = rows[since]
    return pd.concat([rows, again.assign(interaction_id=again["interaction_id"].astype(str) + "-again")])


def renamed(kind: str, other: str) -> Break:
    """A kind is called otherwise."""
    return lambda rows, since: rows.assign(kind=rows["kind"].mask(since & (rows["kind"] == kind), other))


def times(column: str, factor: float) -> Break:
    """A number has another unit."""
    return lambda rows, since: rows.assign(**{column: rows[column].mask(since, rows[column] * factor)})


def later(hours: int) -> Break:
    """The clock is wrong by some hours."""

    def moved(rows: pd.DataFrame, since: pd.Series) -> pd.DataFrame:
        names = [name for name in ("occurred_at", "known_at") if name in rows]
        return rows.assign(**{n: rows[n].mask(since, rows[n] + pd.Timedelta(hours=hours)) for n in names})

    return moved


def swapped(one: str, other: str) -> Break:
    """Two columns are in each other's place."""

    def exchanged(rows: pd.DataFrame, since: pd.Series) -> pd.DataFrame:
        return rows.assign(**{one: rows[one].mask(since, rows[other]), other: rows[other].mask(since, rows[one])})

    return exchanged


def without(column: str, value: str) -> Break:
    """The rows of a segment come no more."""
    return lambda rows, since: rows[~(since & (rows[column] == value))]


def retail_faults() -> list[Fault]:
    """The faults of the shop."""
    breaks = {
        "stopped": stopped, "doubled": doubled, "renamed kind": renamed("purchase", "order"),
        "amount x 100": times("amount", 100.0), "clock + 5 h": later(5), "clock - 4 h": later(-4),
        "swapped numbers": swapped("amount", "products"), "swapped ids": swapped("interaction_id", "customer_id"),
        "segment gone": without("country", "United Kingdom"),
    }  # fmt: skip
    return [Fault(name, "receipts", "receipts.parquet", do) for name, do in breaks.items()]


def world_faults(folder: Path) -> list[Fault]:
    """The faults of the subscription; each source has one file."""
    billing, usage, support = (f"data/{name}-001.parquet" for name in ("billing", "usage", "support"))
    profiles = pd.read_parquet(folder / "data" / "profiles-001.parquet")
    segments = profiles[profiles["name"] == "segment"].drop_duplicates("customer_id", keep="last")
    largest = segments["value"].value_counts().index[0]
    people = set(segments.loc[segments["value"] == largest, "customer_id"])
    return [
        Fault("stopped", "usage", usage, stopped),
        Fault("doubled", "billing", billing, doubled),
        Fault("renamed kind", "usage", usage, renamed("usage", "logged_in")),
        Fault("amount x 100", "usage", usage, times("amount", 100.0)),
        Fault("clock + 5 h", "support", support, later(5)),
        Fault("swapped numbers", "support", support, swapped("wait_seconds", "handle_seconds")),
        Fault("segment gone", "usage", usage, lambda rows, since: rows[~(since & rows["customer_id"].isin(people))]),
    ]


def retail(folder: Path) -> tuple[dt.date, int]:
    """Write the shop as a project, a row a receipt; gives its last midnight and how many days it has."""
    query = f"""select InvoiceNo as interaction_id, CustomerID::varchar as customer_id, min(InvoiceDate) as occurred_at,
        if(InvoiceNo like 'C%', 'refund', 'purchase') as kind, abs(sum(Quantity * UnitPrice)) as amount,
        count(distinct StockCode)::double as products, any_value(Country) as country
        from read_csv('{RETAIL}') group by 1, 2 order by 3, 1"""
    duckdb.sql(query).df().to_parquet(folder / "receipts.parquet")
    (folder / "tenure.toml").write_text(RETAIL_PROJECT)
    return dt.date(2011, 12, 10), 374


def world(folder: Path, *, customers: int, length: int = 546) -> tuple[dt.date, int]:
    """Write the subscription as a project; gives its last midnight and how many days it has."""
    lived(load_world("plain"), customers=customers, seed=SEED, days=length).write(folder)
    return FIRST_DAY + dt.timedelta(days=length // WEEK * WEEK), length


def tested(folder: Path, *, as_of: dt.date, length: int) -> list[Tested]:
    """Import the project anew, and test everything of every day."""
    project = load_project(folder)
    with tempfile.TemporaryDirectory() as data:
        fresh = project.model_copy(update={"project": project.project.model_copy(update={"data": Path(data)})})
        store = open_store(fresh.data)
        now = dt.datetime.combine(as_of, dt.time(), dt.UTC) + dt.timedelta(days=2)
        snapshot = import_sources(fresh, now=now, store=store)
        counted = count_inputs(fresh, snapshot, as_of=as_of, days=length)
        store.dispose()
    return tested_inputs(project, counted, first=first_day(as_of, length), length=length)


def fault_days(sources: list[Tested], source: str, *, number: int, first: int) -> list[int]:
    """Seeded days on which the source is open, by their place."""
    (rows,) = (one.rows for one in sources if one.days.source == source)
    usable = np.flatnonzero(rows[: len(rows) - NIGHTS] > 0)
    usable = usable[usable >= np.flatnonzero(rows)[0] + first]
    return sorted(np.random.default_rng(SEED).choice(usable, size=number, replace=False).tolist())


def broken(folder: Path, fault: Fault, day: dt.date, *, as_of: dt.date, length: int) -> list[Tested]:
    """The replay with a fault in it from the beginning of a day on."""
    file = folder / fault.file
    whole = file.read_bytes()
    rows = pd.read_parquet(file)
    zone = getattr(rows["occurred_at"].dtype, "tz", None)
    try:
        fault.do(rows, rows["occurred_at"] >= pd.Timestamp(day, tz=zone)).to_parquet(file)
        return tested(folder, as_of=as_of, length=length)
    finally:
        file.write_bytes(whole)


def nights_until(sources: list[Tested], at: int) -> dict[str, Any]:
    """After how many nights from a day on something alarmed (1: the first), and which checks did, saying what."""
    for night in range(NIGHTS):
        found = [f for one in sources for f in one.findings(at + night) if f.level == "alarm"]
        if found:
            checks = [f"{f.subject}: {f.check}" for f in found]
            return {"nights": night + 1, "checks": checks, "causes": sorted({str(f.cause) for f in found})}
    return {"nights": None, "checks": [], "causes": []}


def false_alarms(sources: list[Tested]) -> dict[str, Any]:
    """Alarms and watches on an untouched replay, and how many nights and findings there were."""
    length = max(one.days.length for one in sources)
    nights = [[f for one in sources for f in one.findings(at)] for at in range(length)]
    levels = [f.level for found in nights for f in found]
    said = [f"{f.subject}: {f.sentence}" for found in nights for f in found if f.level == "alarm"]
    return {
        "nights": length, "findings": len(levels), "alarms": levels.count("alarm"), "watches": levels.count("watch"),
        "said": said,
    }  # fmt: skip


def replayed(folder: Path, faults: list[Fault], *, as_of: dt.date, length: int, dates: int) -> dict[str, Any]:
    """The untouched replay, and one with each fault from each of its dates on."""
    began = time.perf_counter()
    untouched = tested(folder, as_of=as_of, length=length)
    result: dict[str, Any] = {"untouched": false_alarms(untouched), "faults": {}}
    for fault in faults:
        found = {}
        for at in fault_days(untouched, fault.source, number=dates, first=LEAST_HISTORY):
            day = as_of - dt.timedelta(days=length - at)
            found[str(day)] = nights_until(broken(folder, fault, day, as_of=as_of, length=length), at)
        result["faults"][fault.name] = found
    return result | {"seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    """Replay both, and print it."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--dates", type=int, default=5)
    asked.add_argument("--customers", type=int, default=1500)
    wanted = asked.parse_args()
    answer: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("online_retail", "plain"):
            folder = Path(scratch) / name
            folder.mkdir()
            as_of, length = retail(folder) if name == "online_retail" else world(folder, customers=wanted.customers)
            faults = retail_faults() if name == "online_retail" else world_faults(folder)
            answer[name] = replayed(folder, faults, as_of=as_of, length=length, dates=wanted.dates)
    late = [
        f"{name}: {fault} on {day}"
        for name, one in answer.items() for fault, found in one["faults"].items() for day, told in found.items()
        if told["nights"] != 1
    ]  # fmt: skip
    alarms = sum(one["untouched"]["alarms"] for one in answer.values())
    limits = {"nights until found": 1, "false alarms": 0}
    print(json.dumps({**answer, "late": late, "limits": limits, "reached": not late and not alarms}, indent=1))


if __name__ == "__main__":
    main()
