"""`tenure feedback`: remarks counted by reason, beside what came of the scores they were about."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command import tenure
from shop import sales
from sqlalchemy import insert

from tenure.pipelines.store.caring import take_care
from tenure.pipelines.store.decision_tables import actions
from tenure.pipelines.store.desk_tables import feedback
from tenure.pipelines.store.engine import open_store

NOON = dt.datetime(2024, 12, 1, 12, tzinfo=dt.UTC)
DAY = dt.datetime(2024, 12, 1, tzinfo=dt.UTC)
CUSTOMERS = ("c001", "c003", "c006", "c009", "c011", "c013", "c020", "c027")


def active(until: dt.datetime) -> set[str]:
    """Who bought something within the four weeks before a moment."""
    return {s.customer_id for s in sales() if until - dt.timedelta(days=28) <= s.occurred_at < until}


@pytest.fixture
def remarked(trained: Path) -> Path:
    """A trained shop in which it was said of some customers that they stay, and of the last that they have gone."""
    store = open_store(trained / ".tenure")
    about = {"who": "ann@example.com", "outcome": "lapse", "model_version": "m/1", "probability": 0.4, "band": "high"}
    rows = [
        {"at": NOON.replace(tzinfo=None), "customer_id": name, "why": "stays", "text": "=they said", **about}
        for name in CUSTOMERS
    ]
    rows[-1]["why"] = "gone"
    rows = [{**row, "as_of": "2024-12-01"} for row in rows] + [{**rows[0], "as_of": "2024-12-29", "why": "untrue"}]
    with store.begin() as connection:
        connection.execute(insert(feedback), rows)
    take_care(store, "lapse", ["c001", "c003"], status="addressed", who="ann", now=NOON)
    contact = {"at": NOON.replace(tzinfo=None), "received_at": NOON.replace(tzinfo=None), "outcome": "lapse"}
    contact |= {"customer_id": "c001", "who": "ann", "held_out": False, "digest": "d"}
    results = enumerate(("reached", "accepted", "accepted", None))
    made = [{**contact, "action_id": f"a{number}", "result": result} for number, result in results]
    with store.begin() as connection:
        connection.execute(insert(actions), made)
    store.dispose()
    return trained


def test_remarks_are_counted_and_judged_by_what_came(remarked: Path, tmp_path: Path) -> None:
    asked, stayed = active(DAY), active(DAY + dt.timedelta(days=28))
    known = {name: int(name not in stayed) for name in CUSTOMERS if name in asked}
    assert set(known.values()) == {0, 1}  # else the test says nothing
    file = tmp_path / "remarks.parquet"
    ran = tenure("feedback", remarked, "--json", "--out", file)
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["remarks"], told["cases"]) == (9, {"addressed": 2})
    assert told["contacts"] == {"reached": 1, "accepted": 2, "unsaid": 1}
    stays = next(one for one in told["reasons"] if one["why"] == "stays")
    labels = [known[name] for name in CUSTOMERS[:-1] if name in known]
    assert (stays["remarks"], stays["bands"]) == (7, {"high": 7})
    assert (stays["known"], stays["happened"], stays["right"]) == (len(labels), sum(labels), labels.count(0))
    untrue = next(one for one in told["reasons"] if one["why"] == "untrue")
    assert (untrue["known"], untrue["right"]) == (0, None)  # its horizon is not over
    rows = pq.read_table(file).to_pylist()
    assert {row["customer_id"]: row["label"] for row in rows[:8]} == {n: known.get(n) for n in CUSTOMERS}
    gone = rows[7]
    assert gone["right"] == (None if gone["label"] is None else gone["label"] == 1)
    assert "who" not in rows[0]


def test_a_table_and_a_file_for_spreadsheets(remarked: Path, tmp_path: Path) -> None:
    ran = tenure("feedback", remarked, "--out", tmp_path / "remarks.csv")
    assert ran.out.split()[:2] == ["why", "remarks"] and "2 addressed" in ran.said
    assert "contacts: 2 accepted, 1 reached, 1 unsaid" in ran.said
    assert "'=they said" in (tmp_path / "remarks.csv").read_text()
    assert tenure("feedback", remarked, "--out", tmp_path / "remarks.xlsx").code == 1
