"""A small invented shop: a year of purchases whose customers drift away, and its project file."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
LAST = dt.date(2024, 12, 29)
"""The last midnight of the data: now, with `clock = "data"`."""

ORIGINS = (dt.date(2024, 8, 25), dt.date(2024, 9, 22), dt.date(2024, 10, 27), dt.date(2024, 12, 1))
DEVELOPMENT = dt.date(2024, 7, 28)
TRAINED = "shop-lapse/1"
"""The model of the shop that `trained` gives, which was tried in a child process when it was scored."""

HEAD = ("customer_id", "occurred_at", "amount", "channel")


class Sale(NamedTuple):
    """One purchase."""

    customer_id: str
    occurred_at: dt.datetime
    amount: float
    channel: str


def sales(customers: int = 520, *, seed: int = 7) -> list[Sale]:
    """Purchases over a year. Whoever buys often and is silent has left; who buys seldom may be about to."""
    generator = np.random.default_rng(seed)
    found = []
    for number in range(customers):
        gap = float(generator.choice([3.0, 7.0, 16.0, 26.0]))
        day = float(generator.uniform(0, 60))
        end = min(363.0, day + float(generator.exponential(330)))
        while day < end:
            moment = START + dt.timedelta(minutes=int(day * 1440))
            channel = str(generator.choice(["web", "in_person"]))
            found.append(Sale(f"c{number:03d}", moment, round(float(generator.gamma(3, 9)), 2), channel))
            day += float(generator.gamma(1.6, gap / 1.6))
    return sorted(found, key=lambda sale: (sale.occurred_at, sale.customer_id))


def write_sales(file: Path, rows: list[Sale]) -> Path:
    """Write purchases as CSV with instants in UTC."""
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows((c, f"{at:%Y-%m-%dT%H:%M:%SZ}", amount, channel) for c, at, amount, channel in rows)
    return file


def write_members(file: Path, customers: int = 520) -> Path:
    """Write a profile of every customer as Parquet: the region, which says nothing."""
    names = [f"c{number:03d}" for number in range(customers)]
    table = {"customer_id": names, "name": ["region"] * customers, "value": [f"r{n % 3}" for n in range(customers)]}
    pq.write_table(pa.table(table), file)
    return file


PROJECT = """
[project]
name = "shop"
clock = "data"
primary_outcome = "lapse"
[[source]]
name = "sales"
files = "sales.csv"
complete_until = 2024-12-29
select = "select customer_id, occurred_at::timestamptz as occurred_at, 'purchase' as kind, amount, channel from source"
[[source]]
name = "members"
into = "profiles"
files = "members.parquet"
timeless = true
[profile]
region = {{ type = "category", role = "feature" }}
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
eligible = {{ active_days = 28 }}
horizon_days = 28
[outcome.slump]
type = "decline"
kinds = ["purchase"]
eligible = {{ active_days = 28 }}
horizon_days = 14
[backtest]
origins = [{origins}]
development = [{development}]
train_every_days = 28
bootstraps = 40
capacity = 20
[economics]
value = 1000
"""


def write_project(folder: Path, rows: list[Sale], *, text: str | None = None) -> Path:
    """Write a project of these purchases and give its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_sales(folder / "sales.csv", rows)
    write_members(folder / "members.parquet")
    (folder / "tenure.toml").write_text(text or project_text(), encoding="utf-8")
    return folder


def project_text(**changes: str) -> str:
    """The project file, with some of its texts replaced: `project_text(clock="system")`."""
    text = PROJECT.format(origins=", ".join(map(str, ORIGINS)), development=DEVELOPMENT)
    for name, value in changes.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(line, f"{name} = {value}", 1)
    return text
