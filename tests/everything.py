"""An invented company with every sort of row: contacts with texts and cases, purchases, contracts, profiles, mergers.

Its files hold what real ones do: corrections and repeats of rows, rows without a customer, columns that only
some files have, values that cannot be read.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAYS = 364
CUTOFFS = (dt.date(2024, 9, 1), dt.date(2024, 11, 3))
SAID = (
    "I want to cancel, this is the third time nothing works",
    "Thank you, all is well now",
    "Проблемът не е решен, искам да прекратя договора",
    "Czy moĹĽecie oddzwoniÄ‡?",  # UTF-8 read as another code page
    "मेरा बिल गलत है",
    "Where is my invoice for April?",
)
ANSWERED = ("We are sorry, {name}, and look into it", "It is solved", "Sorry for the wait")

PROJECT = """
[project]
name = "everything"
timezone = "Europe/Warsaw"
clock = "data"
[[source]]
name = "contacts"
files = "contacts-*.csv"
complete_until = 2024-12-29
max_quarantined = 0.2
select = \"\"\"select id as interaction_id, person as external_id, case_id, moment::timestamptz as occurred_at,
    seen::timestamptz as known_at, kind, channel, agent as agent_id, wait as wait_seconds, score as rating,
    body as text, gone as retracted, tags from source where kind <> 'test'\"\"\"
[[source]]
name = "purchases"
files = "purchases-*.parquet"
complete_until = 2024-12-29
select = "select customer as customer_id, moment as occurred_at, 'purchase' as kind, amount, place as channel from source"
[[source]]
name = "contracts"
files = "contracts-*.csv"
timezone = "Europe/Warsaw"
complete_until = 2024-12-29
select = \"\"\"select customer as customer_id, contract as contract_id, day as occurred_at, kind
    from source group by all having count(*) > 0\"\"\"
[[source]]
name = "links"
into = "identities"
files = "links-*.csv"
select = "select external_id, customer_id, source, known_at::timestamptz as known_at from source"
[[source]]
name = "members"
into = "profiles"
files = "members-*.csv"
select = "select customer as customer_id, name, value, day as occurred_at from source"
timezone = "Europe/Warsaw"
[profile]
company = { type = "category", role = "peer_group" }
region = { type = "category", role = "feature" }
seats = { type = "number", role = "feature" }
[outcome.lapse]
type = "inactivity"
kinds = ["purchase"]
eligible = { active_days = 91 }
horizon_days = 28
[features]
min_customers = 10
"""

Row = dict[str, Any]


def write_everything(folder: Path, customers: int = 160, *, seed: int = 11) -> Path:
    """Write the project with its files, and give its folder."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(seed)
    (folder / "tenure.toml").write_text(PROJECT, encoding="utf-8")
    contacts = _contacts(customers, generator)
    for number in range(5):
        rows = contacts[number::5]
        if number == 3:
            rows = [{k: v for k, v in row.items() if k != "wait"} for row in rows]  # a file without that column
        _write(folder / f"contacts-{number}.csv", rows)
    _write_purchases(folder, customers, generator)
    contracts = _contracts(customers, generator)
    _write(folder / "contracts-0.csv", contracts[::2])
    _write(folder / "contracts-1.csv", contracts[1::2] + contracts[:9])
    _write_links(folder, customers)
    _write_members(folder, customers, generator)
    return folder


def _at(day: float) -> str:
    return f"{START + dt.timedelta(minutes=int(day * 1440)):%Y-%m-%dT%H:%M:%SZ}"


def _contacts(customers: int, generator: np.random.Generator) -> list[Row]:
    found: list[Row] = []
    for case in range(customers * 3):
        person, day = int(generator.integers(customers)), float(generator.uniform(0, DAYS - 8))
        for place, kind in enumerate(("contact_opened", "message_in", "assigned", "message_out", "resolved")):
            if place > 1 and generator.random() < 0.15:
                continue
            day += float(generator.exponential(0.4))
            if kind == "message_in":
                body = str(generator.choice(SAID))
            else:
                body = str(generator.choice(ANSWERED)) if kind == "message_out" else ""
            silent = kind in ("assigned", "resolved") and generator.random() < 0.7
            found.append(
                {
                    "id": f"r{len(found):06d}", "person": "" if silent else f"p{person:04d}", "case_id": f"k{case}",
                    "moment": _at(day), "seen": _at(day + (3 if generator.random() < 0.05 else 0)), "kind": kind,
                    "channel": str(generator.choice(["phone", "email", "chat"])), "agent": f"a{generator.integers(9)}",
                    "wait": int(generator.exponential(300)), "score": "", "body": body, "gone": "false",
                    "tags": str(generator.choice(["vip", "", "late"])),
                }
            )  # fmt: skip
        if generator.random() < 0.4:
            score = str(generator.choice(["0.2", "1.0", "7"], p=[0.3, 0.66, 0.04]))  # 7 is outside the scale
            found.append(
                found[-1] | {"id": f"r{len(found):06d}", "kind": "survey_answered", "score": score, "body": ""}
            )
    asking = [row for row in found if row["kind"] == "contact_opened"][::3]
    read = [row | {"kind": "self_service", "channel": "web", "case_id": "", "wait": "", "agent": ""} for row in asking]
    found += [row | {"id": f"v{n}"} for n, row in enumerate(read)]
    corrected = [row | {"seen": _at(DAYS - 5), "agent": "a-new"} for row in found[::31]]
    withdrawn = [row | {"seen": _at(DAYS - 4), "gone": "true"} for row in found[::97]]
    clashing = [row | {"channel": "fax"} for row in found[::211]]
    strangers = [row | {"id": f"s{n}", "person": f"q{n}", "case_id": ""} for n, row in enumerate(found[::151])]
    unreadable = [row | {"id": f"u{n}", "moment": ""} for n, row in enumerate(found[::173])]
    return [*found, *corrected, *withdrawn, *clashing, *strangers, *unreadable, *found[::67]]


def _write_purchases(folder: Path, customers: int, generator: np.random.Generator) -> None:
    rows = []
    for person in range(customers):
        day, gap = float(generator.uniform(0, 40)), float(generator.choice([6.0, 14.0, 25.0]))
        end = min(DAYS - 1.0, day + float(generator.exponential(500)))
        while day < end:
            rows.append(
                (f"c{person:04d}", START + dt.timedelta(minutes=int(day * 1440)), f"{generator.gamma(3, 9):.2f}")
            )
            day += float(generator.gamma(1.6, gap / 1.6))
    rows += rows[::40]  # two equal purchases in one minute are real
    for number in range(4):
        customer, at, amount = zip(*rows[number::4], strict=True)
        table = {"customer": customer, "moment": pa.array(at, pa.timestamp("us", "UTC")), "amount": map(float, amount)}
        columns = {name: values if name == "moment" else pa.array(list(values)) for name, values in table.items()}
        if number:
            columns["place"] = pa.array(generator.choice(["web", "in_person"], size=len(customer)))
        pq.write_table(pa.table(columns), folder / f"purchases-{number}.parquet")


def _contracts(customers: int, generator: np.random.Generator) -> list[Row]:
    found = []
    for person in range(0, customers, 2):
        row = {"customer": f"c{person:04d}", "contract": f"k{person}", "day": "2024-01-15", "kind": "signup"}
        found.append(row)
        if generator.random() < 0.3:
            day = dt.date(2024, 6, 1) + dt.timedelta(days=int(generator.integers(150)))
            found.append(row | {"day": str(day), "kind": "notice"})
    return found


def _write_links(folder: Path, customers: int) -> None:
    rows = [
        {"external_id": f"p{n:04d}", "customer_id": f"c{n:04d}", "source": "contacts", "known_at": _at(n % 30)}
        for n in range(customers)
    ]
    merged = [
        {"external_id": f"c{n:04d}", "customer_id": f"c{n + 1:04d}", "source": "", "known_at": _at(200 + n)}
        for n in range(3, customers - 1, 40)
    ]
    _write(folder / "links-0.csv", rows)
    _write(folder / "links-1.csv", merged)


def _write_members(folder: Path, customers: int, generator: np.random.Generator) -> None:
    for number in range(3):
        rows = []
        for n in range(number, customers, 3):
            who = {"customer": f"c{n:04d}", "day": "2024-01-01"}
            rows.append(who | {"name": "company", "value": f"firm {n % 17}"})
            rows.append(who | {"name": "region", "value": f"r{n % 3}"})
            rows.append(who | {"name": "seats", "value": str(int(generator.integers(1, 40)))})
            rows.append(who | {"name": "seats", "value": str(int(generator.integers(1, 40))), "day": "2024-08-01"})
        _write(folder / f"members-{number}.csv", rows)


def _write(file: Path, rows: Sequence[Row]) -> None:
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
